import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Paths, photonPaths } from "../../../client/disk/paths.ts";
import { Mailbox } from "../../../client/mail/mailbox.ts";
import { loadConfig } from "../../../client/settings/config.ts";
import { ScriptedBridge } from "../scripted-bridge.ts";
import { macEnv, temporaryHome } from "../server-process.ts";

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
