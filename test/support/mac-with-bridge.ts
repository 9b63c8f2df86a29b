import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { ScriptedBridge } from "./scripted-bridge.ts";
import { type Answer, macEnv, ServerProcess, temporaryHome } from "./server-process.ts";

/** Machine `mac` in project `photon`, session `session-1`, with its own bridge. */
export interface MacWithBridge {
  readonly bridge: ScriptedBridge;
  readonly server: ServerProcess;
  /** The folder with the machine's files. */
  readonly home: string;
  /** The names of the files in the outbox, oldest first. */
  outbox(): string[];
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
}

/** State that must be removed between tests, because the ids of the bridge's messages start again. */
const FORGOTTEN = ["outbox", "log", "cache.json"];

/**
 * One server for all tests of a file, because starting one takes half a second. Each test starts with an empty, normal
 * bridge.
 *
 * @param opensSockets - whether sockets can be opened; otherwise a proxy seems to block them
 */
export function macWithBridge({ opensSockets = false } = {}): MacWithBridge {
  const home = temporaryHome();
  let bridge: ScriptedBridge;
  let server: ServerProcess;

  beforeAll(async () => {
    bridge = await ScriptedBridge.start();
    bridge.opensSockets = opensSockets;
    server = await ServerProcess.start(macEnv(home.path, bridge.url));
  });
  beforeEach(async () => {
    await server.client.ping(); // the server finishes its earlier work before it answers this
    await bridge.reset();
    for (const folder of FORGOTTEN) rmSync(join(home.path, folder), { recursive: true, force: true });
  });
  afterAll(async () => {
    await server.stop();
    await bridge.stop();
    home.remove();
  });

  return {
    get bridge() {
      return bridge;
    },
    get server() {
      return server;
    },
    home: home.path,
    outbox() {
      const folder = join(home.path, "outbox");
      return existsSync(folder) ? readdirSync(folder).sort() : [];
    },
    call: (name, args) => server.call(name, args),
  };
}

/** A valid id that does not exist. */
export const UNKNOWN_ID = "00000000-0000-4000-8000-00000000ffff";
