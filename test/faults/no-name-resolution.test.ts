import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AT_MOST_ONE_LINE } from "./computer.ts";
import { World } from "./world.ts";

const PRELOAD = pathToFileURL(join(import.meta.dirname, "preload/names.mjs"));

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.end());

it.each(["ENOTFOUND", "EAI_AGAIN"])(
  "messages stay queued while resolving the bridge's name fails with %s, and all arrive once afterwards",
  async (code) => {
    const mac = world.computer(`mac-${code}`);
    const pc = world.computer(`pc-${code}`);
    const asked = join(mac.home, "asked");
    for (const { home, env } of [mac, pc]) {
      env.BRIDGE_WORKER_URL = world.network.url.replace("127.0.0.1", "bridge.invalid");
      env.NODE_OPTIONS = `--import=${PRELOAD}`;
      env.TEST_NAMES = join(home, "names");
      env.TEST_NAMES_ASKED = asked;
    }
    const answer = (text: string) => {
      for (const { home } of [mac, pc]) writeFileSync(join(home, "names"), text);
      world.network.disconnect(); // an open connection needs no name lookup
    };

    answer(code);
    const sender = await mac.openSession();
    const reader = await pc.openSession();
    expect(await sender.send(pc.machine)).toBe("queued");
    expect(await reader.look()).toBeNull();
    const hook = await mac.hook("session-start", { hook_event_name: "SessionStart", session_id: sender.name });
    expect(hook).toMatchObject({ code: 0, stderr: AT_MOST_ONE_LINE });
    expect(hook.stdout + hook.stderr).toMatch(/cannot be reached|was stopped/);

    answer("127.0.0.1");
    expect(await sender.send(pc.machine)).toBe("stored");
    const shown = (await reader.look(1)) ?? [];
    expect(shown).toHaveLength(1);

    answer(code);
    expect(await reader.finish(shown)).toBe(true);
    expect(await sender.send(null)).toBe("queued");
    expect(await sender.send(pc.machine)).toBe("queued");

    answer("127.0.0.1");
    await reader.readAll();
    await world.settle();
    expect(new Set(readFileSync(asked, "utf8").trim().split("\n"))).toEqual(new Set(["bridge.invalid"]));
  },
);
