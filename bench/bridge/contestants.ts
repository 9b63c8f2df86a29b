import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EARLIER_VERSION, extractEarlier } from "./earlier-version.ts";
import { loadScript, type Script } from "./script.ts";
import type { Keeping } from "./seed.ts";
import { type Abilities, Wire } from "./wire.ts";
import { KEY, withScript } from "./with-script.ts";

/** A Worker script to compare. */
export interface Contestant {
  readonly script: Script;
  readonly keeping: Keeping;
  readonly abilities: Abilities;
  /** `ours` is checked against the targets; `mailroom` (0.5.0) is the baseline for the speed of sends. */
  readonly role: "ours" | "mailroom" | "other";
}

/**
 * This Worker, 0.5.0's two stores and the predecessor's design.
 *
 * @param folder - where to put the sources of 0.5.0
 * @throws if the history does not have 0.5.0
 */
export async function ownContestants(folder: string): Promise<Contestant[]> {
  const earlier = join(folder, EARLIER_VERSION);
  extractEarlier(earlier, ["worker", "contract", "package.json", "wrangler.jsonc", "tsconfig.json"]);
  const index = await loadScript(fileOf("index-worker.ts"), KEY, { name: "one `index` key", isAlone: true });
  const events = await loadScript(earlier, KEY, { name: `${EARLIER_VERSION}, KV` });
  const mailroom = await loadScript(earlier, KEY, { name: `${EARLIER_VERSION}, Mailroom`, environment: "live" });
  return [
    await ours(),
    await contestant(mailroom, "mailroom", "mailroom"),
    await contestant(events, "events"),
    await contestant(index, "unknown"),
  ];
}

export async function ours(): Promise<Contestant> {
  const script = await loadScript(fileOf("../.."), KEY, { name: "Photon" });
  return contestant(script, "bridge", "ours");
}

/** Any script that implements the first seven rows of the API. */
export async function otherContestant(path: string, options: Parameters<typeof loadScript>[2]): Promise<Contestant> {
  return contestant(await loadScript(path, KEY, options), "unknown");
}

async function contestant(script: Script, keeping: Keeping, role: Contestant["role"] = "other"): Promise<Contestant> {
  return { script, keeping, role, abilities: await withScript(script, 1, (running) => Wire.abilitiesOf(running)) };
}

function fileOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
