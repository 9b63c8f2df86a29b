import { dirname, join } from "node:path";
import { userFolders } from "./user-folders.ts";

/** Where this machine keeps its side. Shared by the server, the hooks and the CLI; every file 0600, every folder 0700. */
export interface Paths {
  /** config.json: what `photon setup` and `photon join` write, and a person may. */
  readonly config: string;
  /** keys.json: the private half of this machine's identity on each bridge, once it has joined. */
  readonly keys: string;
  /** trust.json: how far each of the other machines is trusted here. */
  readonly trust: string;
  /** machine-list.json: the machines that joined, as far as this one has followed the signed list. */
  readonly machineList: string;
  /** A folder: which number the last message encrypted for each machine had, and which numbers came from each. */
  readonly numbers: string;
  /**
   * A folder: everything the bridge does not have yet, told apart by its names. `<time>-<id>.json` is a message,
   * `<time>-<id>.refused.json` one that the bridge will never take, with the reason; `<time>-<number>.receipt.json` says what
   * was shown and read here; `<sha256>.capsule` is a capsule on its way, with `.stored` and `.sealed.json` beside it.
   */
  readonly outbox: string;
  /**
   * A folder: what belongs to one session, one file each. `<session>+open.json` is one whose handover is not settled,
   * `<session>.json` any other.
   */
  readonly sessions: string;
  /** A folder of files that only grow: which messages were shown here and sent from here, and how far threads are from a person. */
  readonly log: string;
  /** A folder: what only one process at a time may do, and the wakes that all sessions share. */
  readonly leases: string;
  /** cache.json: what may be lost without harm: the machines the bridge knows, pauses after failures, reminders. */
  readonly cache: string;
  /** installation.json: which computer this is. */
  readonly installation: string;
}

/**
 * `PHOTON_HOME` puts everything into one folder (a second set-up, a test); otherwise the platform's own places, on Linux
 * `~/.config/photon` and `~/.local/share/photon`.
 */
export function photonPaths(env: NodeJS.ProcessEnv): Paths {
  const home = env.PHOTON_HOME;
  const { config, data } = home ? { config: home, data: home } : userFolders(env);
  return {
    config: join(config, "config.json"),
    keys: join(config, "keys.json"),
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

/** Every folder in which {@link Paths} has files, the config's apart. */
export function dataFolders({ installation, numbers, outbox, sessions, log, leases }: Paths): string[] {
  return [dirname(installation), numbers, outbox, sessions, log, leases];
}
