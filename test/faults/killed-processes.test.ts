import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { isSend, type SeenRequest } from "../support/faulty-network.ts";
import type { Computer } from "./computer.ts";
import { killAt, killedAfter, MOMENTS_FROM_START_MS, MOMENTS_MS, type Point } from "./killing.ts";
import { QUOTA_SPENT, World } from "./world.ts";

let world: World;
let mac: Computer;
let pc: Computer;
beforeEach(async () => {
  world = await World.make();
  mac = world.computer("mac");
  pc = world.computer("pc");
  return () => world.end();
});

describe("`photon flush` killed", () => {
  it.each<Point>(["before", "after"])(
    "%s the bridge has stored a message is continued by the next one",
    async (point) => {
      world.network.treat = () => QUOTA_SPENT;
      const session = await mac.openSession();
      for (let sends = 0; sends < 6; sends++) expect(await session.send("pc")).toBe("queued");
      for (const n of [1, 2, 3]) {
        const { signal } = await mac.photon(["flush"], (kill) => killAt(world, point, isSend, n, kill));
        expect(signal).toBe("SIGKILL");
      }
      await world.settle();
      expect(world.ledger.acknowledgedCount).toBe(6);
    },
  );
});

it("servers, hooks and flushes that are killed at any moment, while others send and read, lose and duplicate nothing", async () => {
  const steady = await mac.openSession();
  await Promise.all([
    ...[mac, pc].map(async (computer) => {
      for (const moment of MOMENTS_MS) {
        const session = await computer.openSession();
        const work = computer === mac ? session.sendUntilKilled(null) : session.readUntilKilled();
        await Promise.all([work, sleep(moment).then(() => session.kill())]);
      }
    }),
    (async () => {
      for (const moment of MOMENTS_FROM_START_MS) {
        await steady.send("pc");
        await Promise.all([
          handOver(mac, moment),
          killedAfter(moment, (during) => pc.hook("session-start", { hook_event_name: "SessionStart" }, during)),
          killedAfter(moment, (during) => mac.photon(["flush"], during)),
        ]);
      }
    })(),
  ]);
  await world.settle();
});

it("hooks that are killed while they announce messages leave no shown receipt", async () => {
  const session = await mac.openSession();
  await session.send("pc");
  const run = (during: (kill: () => void) => unknown) =>
    pc.hook("session-start", { hook_event_name: "SessionStart" }, during);
  const isCheck = ({ path }: SeenRequest) => path === "/unread";
  expect((await run((kill) => killAt(world, "before", isCheck, 1, kill))).signal).toBe("SIGKILL");
  for (const momentMs of MOMENTS_MS) {
    await run((kill) => killAt(world, "after", isCheck, 1, () => void sleep(momentMs).then(kill)));
  }
  world.network.heal();
  expect(await pc.startTexts("s-alive")).toContain("1 unread");
  await world.checkReceipts(pc);
  await world.settle();
});

/** Ends a session with two prompts and kills its hook. If the hook was faster, it has published a handover. */
async function handOver(computer: Computer, momentMs: number): Promise<void> {
  const session = `ending-${computer.machine}-${momentMs}`;
  const planned = world.ledger.plan({ machine: computer.machine, session, to: "*/photon", isQuoted: true });
  const transcript = join(computer.home, `${session}.jsonl`);
  const prompts = [planned.text, "and the docs"].map((content) => ({
    type: "user",
    message: { role: "user", content },
  }));
  writeFileSync(transcript, prompts.map((prompt) => `${JSON.stringify(prompt)}\n`).join(""));
  const event = { hook_event_name: "SessionEnd", session_id: session, transcript_path: transcript, cwd: computer.home };
  const { code, stderr } = await killedAfter(momentMs, (during) => computer.hook("session-end", event, during));
  if (code === 0 && stderr === "") world.ledger.acknowledged(planned);
}
