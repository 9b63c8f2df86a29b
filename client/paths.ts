import { dirname, join } from "node:path";
import { userFolders } from "./user-folders.ts";

/** Where this machine keeps its side. Shared by the server, the hooks and the CLI; every file 0600, every folder 0700. */
export interface Paths {
  /** What `photon setup` writes. */
  readonly configFile: string;
  /** The private half of this machine's identity, once it has joined. */
  readonly keys: string;
  /** How far each of the others is trusted here. */
  readonly trust: string;
  /** The machines that joined, as far as this one has followed the list. */
  readonly roster: string;
  /** Which number the last sealed message to each machine had. */
  readonly order: string;
  /** Which numbers the sealed messages that came had. */
  readonly received: string;
  /** Messages the bridge has not acknowledged, one file each, in the order they were sent. */
  readonly outbox: string;
  /** Messages the bridge refused for good, with the reason. */
  readonly failed: string;
  /** Capsules on their way, until the bridge has them. */
  readonly capsules: string;
  /** One handover draft per session. */
  readonly drafts: string;
  /** What each session published of its handover last. */
  readonly published: string;
  /** Sessions whose handover is not settled yet. */
  readonly open: string;
  /** What each session was told already. */
  readonly sessions: string;
  /** The last known unread summary per reader. */
  readonly unread: string;
  /** Which readers have a session open here. */
  readonly readers: string;
  /** Which messages this machine was shown. */
  readonly seen: string;
  /** Which messages this machine marked read. */
  readonly marked: string;
  /** What the bridge has still to be told of both. */
  readonly receipts: string;
  /** How long ago a person wrote in the threads of the messages that were shown here. */
  readonly hops: string;
  /** What the bridge has acknowledged. */
  readonly sent: string;
  /** What only one process at a time may do. */
  readonly leases: string;
  /** Until when the bridge is left alone after a failure. */
  readonly backoff: string;
  /** Which computer this is. */
  readonly installation: string;
  /** The machines the bridge knows. */
  readonly machines: string;
  /** As whom each session reads. */
  readonly entries: string;
  /** Who was woken, and how often. */
  readonly wakes: string;
  /** How this machine hears of news. */
  readonly live: string;
  /** What the person was told, and when, so that it is not said at every start. */
  readonly reminders: string;
}

/**
 * `PHOTON_HOME` puts everything into one folder (a second set-up, a test); otherwise the platform's own places, on Linux
 * `~/.config/photon` and `~/.local/share/photon`.
 */
export function photonPaths(env: NodeJS.ProcessEnv): Paths {
  const home = env.PHOTON_HOME;
  const { config, data } = home ? { config: home, data: home } : userFolders(env);
  return {
    configFile: join(config, "config.json"),
    keys: join(config, "keys.json"),
    trust: join(config, "trust.json"),
    roster: join(data, "roster.json"),
    order: join(data, "sealed-order.json"),
    received: join(data, "received-order.json"),
    outbox: join(data, "outbox"),
    failed: join(data, "failed"),
    capsules: join(data, "capsules"),
    drafts: join(data, "drafts"),
    published: join(data, "published"),
    open: join(data, "open"),
    sessions: join(data, "sessions"),
    unread: join(data, "unread"),
    readers: join(data, "readers"),
    seen: join(data, "seen"),
    marked: join(data, "marked"),
    receipts: join(data, "receipts"),
    hops: join(data, "hops"),
    sent: join(data, "sent"),
    leases: join(data, "leases"),
    backoff: join(data, "backoff"),
    installation: join(data, "installation.json"),
    machines: join(data, "machines.json"),
    entries: join(data, "entries"),
    wakes: join(data, "wakes"),
    live: join(data, "live.json"),
    reminders: join(data, "reminders"),
  };
}

/** Every folder in which {@link Paths} has files, the config's apart. */
export function dataFolders({
  configFile: _settings,
  installation,
  machines: _,
  live: _live,
  keys: _keys,
  trust: _trust,
  roster: _roster,
  order: _order,
  received: _received,
  ...folders
}: Paths): string[] {
  return [dirname(installation), ...Object.values(folders)];
}
