import { afterAll, beforeAll, beforeEach } from "vitest";
import { loadConfig } from "../../client/config.ts";
import { Mailbox } from "../../client/mailbox.ts";
import { type Paths, photonPaths } from "../../client/paths.ts";
import { ScriptedBridge } from "../../test/support/scripted-bridge.ts";
import { macEnv, temporaryHome } from "../../test/support/server-process.ts";

/** The mailbox of machine `mac` in project `photon`, in this process, with a bridge that each test finds empty. */
export interface MacMailbox {
  readonly bridge: ScriptedBridge;
  readonly mailbox: Mailbox;
  readonly paths: Paths;
}

export function macMailbox(now: () => number = Date.now): MacMailbox {
  let home: ReturnType<typeof temporaryHome>;
  let bridge: ScriptedBridge;
  let mailbox: Mailbox;
  let paths: Paths;
  beforeAll(async () => {
    bridge = await ScriptedBridge.start();
  });
  beforeEach(async () => {
    await mailbox?.close();
    home?.remove();
    await bridge.reset();
    home = temporaryHome();
    const env = macEnv(home.path, bridge.url);
    paths = photonPaths(env);
    mailbox = new Mailbox(loadConfig({ env, paths, folder: home.path }), paths, { now });
  });
  afterAll(async () => {
    await mailbox.close();
    await bridge.stop();
    home.remove();
  });
  return {
    get bridge() {
      return bridge;
    },
    get mailbox() {
      return mailbox;
    },
    get paths() {
      return paths;
    },
  };
}
