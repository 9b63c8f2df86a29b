import { join } from "node:path";
import envPaths from "env-paths";

/** Where this machine keeps its side. Shared by the server, the hooks and the CLI; every file 0600, every folder 0700. */
export interface Paths {
  /** What `photon setup` writes. */
  readonly configFile: string;
  /** Messages the bridge has not acknowledged, one file each, in the order they were sent. */
  readonly outbox: string;
  /** Messages the bridge refused for good, with the reason. */
  readonly failed: string;
  /** One handover draft per session. */
  readonly drafts: string;
  /** What each session was told already. */
  readonly sessions: string;
  /** The last known unread summary per reader. */
  readonly unread: string;
  /** Which messages this machine was shown. */
  readonly seen: string;
}

/**
 * `PHOTON_HOME` puts everything into one folder (a second set-up, a test); otherwise the platform's own places, on Linux
 * `~/.config/photon` and `~/.local/share/photon`.
 */
export function photonPaths(env: NodeJS.ProcessEnv): Paths {
  const home = env.PHOTON_HOME;
  const { config, data } = home ? { config: home, data: home } : envPaths("photon", { suffix: "" });
  return {
    configFile: join(config, "config.json"),
    outbox: join(data, "outbox"),
    failed: join(data, "failed"),
    drafts: join(data, "drafts"),
    sessions: join(data, "sessions"),
    unread: join(data, "unread"),
    seen: join(data, "seen"),
  };
}
