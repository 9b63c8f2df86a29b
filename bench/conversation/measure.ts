import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { MAX_CAPSULE_BYTES } from "../../contract/capsule.ts";
import { buildConversation } from "../../handover/conversation/build-conversation.ts";
import { placeConversation, planConversation } from "../../handover/conversation/place-conversation.ts";
import { median } from "../start-up/measure.ts";
import { writeLongTranscript } from "../transcript/long-transcript.ts";

export interface ConversationCost {
  /** Of the transcript. */
  readonly bytes: number;
  /** On the wire, and the same for the whole transcript with gzip. */
  readonly packedBytes: number;
  readonly gzipBytes: number;
  /** Medians, in milliseconds. */
  readonly buildMs: number;
  readonly placeMs: number;
  /** `JSON.parse` of every line, and gzip of the transcript. */
  readonly gzipMs: number;
}

const SESSION = "0b193c92-2f2a-4629-b0c2-4801314d9000";

/** The first round does not count. */
export async function measureConversation({ bytes = 20_000_000, rounds = 5 } = {}): Promise<ConversationCost> {
  const world = mkdtempSync(join(tmpdir(), "photon-bench-conversation-"));
  try {
    const folder = join(world, "project");
    mkdirSync(folder);
    const transcriptPath = join(world, "transcript.jsonl");
    writeLongTranscript(transcriptPath, bytes, { cwd: folder });
    const source = { session: SESSION, transcriptPath, folder, maxBytes: MAX_CAPSULE_BYTES, scan: {} };
    const times: number[][] = [[], [], []];
    let [packedBytes, gzipBytes] = [0, 0];
    for (let round = 0; round <= rounds; round++) {
      const env = { CLAUDE_CONFIG_DIR: join(world, `client ${round}`) };
      let packed: Buffer = Buffer.alloc(0);
      const ways = [
        async () => {
          packed = (await buildConversation(source)).bytes;
        },
        async () => placeConversation(env, planConversation(env, packed), folder),
        async () => {
          const text = readFileSync(transcriptPath);
          for (const line of text.toString().trimEnd().split("\n")) JSON.parse(line);
          gzipBytes = gzipSync(text).length;
        },
      ];
      for (const [index, way] of ways.entries()) {
        const start = performance.now();
        await way();
        if (round > 0) times[index]?.push(performance.now() - start);
      }
      packedBytes = packed.length;
    }
    const [buildMs = 0, placeMs = 0, gzipMs = 0] = times.map(median);
    return { bytes: statSync(transcriptPath).size, packedBytes, gzipBytes, buildMs, placeMs, gzipMs };
  } finally {
    rmSync(world, { recursive: true, force: true });
  }
}
