import { devNull } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { homeFolder, userFolders } from "./user-folders.ts";

/** Where this machine keeps its files. The server, the hooks and the CLI share them; files are 0600, folders 0700. */
export interface Paths {
  /** config.json: settings that `photon setup` and `photon join` write and a person may edit. */
  readonly config: string;
  /** keys.json: the private half of this machine's identity on each bridge, once it has joined. */
  readonly keys: string;
  /** bridge-key: the key of the bridge that this machine deployed. */
  readonly bridgeKey: string;
  /** trust.json: the trust level of each other machine. */
  readonly trust: string;
  /** machine-list.json: the joined machines, as of the last entry of the signed list that this machine verified. */
  readonly machineList: string;
  /** A folder: the number of the last message encrypted for each machine, and the numbers received from each. */
  readonly numbers: string;
  /**
   * A folder: everything that the bridge does not have yet. `<time>-<id>.json` is a message, `<time>-<id>.refused.json`
   * a message that the bridge refused permanently, with the reason; `<time>-<number>.receipt.json` says what was shown
   * and read here; `<sha256>.capsule` is a capsule not delivered yet, with `.stored` and `.sealed.json` next to it.
   */
  readonly outbox: string;
  /**
   * A folder: one file for each session. `<session>+open.json` belongs to a session whose handover is not settled,
   * `<session>.json` to any other.
   */
  readonly sessions: string;
  /** A folder of append-only files: messages shown here and sent from here, and how far threads are from a person. */
  readonly log: string;
  /** A folder: leases, each held by one process at a time, and the wakes that all sessions share. */
  readonly leases: string;
  /** cache.json: data that may be lost without harm: the machines the bridge knows, backoff, reminders. */
  readonly cache: string;
  /** installation.json, on Linux one for each computer: a random id of this computer, and its first name. */
  readonly installation: string;
}

/**
 * `PHOTON_HOME` puts all files into one folder (for a second installation or a test). Without it they are in the
 * platform's own folders, on Linux `~/.config/photon` and `~/.local/share/photon`.
 */
export function photonPaths(env: NodeJS.ProcessEnv): Paths {
  const home = env.PHOTON_HOME && photonHome(env.PHOTON_HOME);
  const { config, data } = home ? { config: home, data: home } : userFolders(env);
  return {
    config: join(config, "config.json"),
    keys: join(config, "keys.json"),
    bridgeKey: join(config, "bridge-key"),
    trust: join(config, "trust.json"),
    machineList: join(data, "machine-list.json"),
    numbers: join(data, "numbers"),
    outbox: join(data, "outbox"),
    sessions: join(data, "sessions"),
    log: join(data, "log"),
    leases: join(data, "leases"),
    cache: join(data, "cache.json"),
    installation: join(data, "installation.json"),
  };
}

/** No shell expands `~` in the client's settings. A relative folder would be another one in each repository. */
function photonHome(text: string): string {
  const path = text.replace(/^~(?=$|[\\/])/, () => homeFolder());
  return isAbsolute(path) ? path : NOWHERE;
}

/** Stands for a `PHOTON_HOME` that cannot be used: no file can be created there. */
const NOWHERE = join(devNull, "photon-home");

/** Whether a file is in a `PHOTON_HOME` that cannot be used. */
export function isNowhere(file: string): boolean {
  return file.startsWith(NOWHERE);
}

/** Every folder of {@link Paths} except the one of the settings. */
export function dataFolders({ installation, numbers, outbox, sessions, log, leases }: Paths): string[] {
  return [dirname(installation), numbers, outbox, sessions, log, leases];
}
