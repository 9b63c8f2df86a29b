import { MACHINE_KEY } from "../contract/roster.ts";
import { type Config, isSetUp } from "./config.ts";
import type { Paths } from "./paths.ts";
import { readPrivateJson, recordOf } from "./private-file.ts";

/** Where a message may go, fixed when it is written. */
export interface Destination {
  /** The bridge's address; null when this machine knew none: then the next one it knows. */
  readonly workerUrl: string | null;
  /** Whether a machine that has joined wrote it: only such a machine may send it. */
  readonly mustEncrypt: boolean;
}

/** Where a message written now may go. A machine that has joined any bridge never writes one that may leave unencrypted by mistake. */
export function destinationOf(config: Config, paths: Pick<Paths, "keys">): Destination {
  if (isSetUp(config)) return { workerUrl: config.workerUrl, mustEncrypt: MACHINE_KEY.test(config.apiKey) };
  const keys = recordOf(recordOf(readPrivateJson(paths.keys))?.keys) ?? {};
  return { workerUrl: null, mustEncrypt: Object.keys(keys).length > 0 };
}
