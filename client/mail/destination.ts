import { MACHINE_KEY } from "../../contract/machine-list.ts";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, recordOf } from "../disk/private-file.ts";
import { type Config, isSetUp } from "../settings/config.ts";

/** Where a message may go, fixed when it is written. */
export interface Destination {
  /** The bridge's address; null when this machine knew none: then the next one it knows. */
  readonly workerUrl: string | null;
  /** Whether a machine that has joined wrote it: only such a machine may send it. */
  readonly mustEncrypt: boolean;
}

/** Where this machine sends with the settings of now. */
export interface Here extends Destination {
  /** Whether the key in use is this machine's own. */
  readonly canEncrypt: boolean;
}

/**
 * Where a message written now may go. A machine that has keys for a bridge encrypts for it, also when settings that are
 * stronger (the environment, the plugin's options) name the shared key: then nothing leaves.
 */
export function destinationOf(config: Config, paths: Pick<Paths, "keys">): Here {
  const keys = recordOf(recordOf(readPrivateJson(paths.keys))?.keys) ?? {};
  if (!isSetUp(config)) return { workerUrl: null, mustEncrypt: Object.keys(keys).length > 0, canEncrypt: false };
  const { workerUrl, apiKey } = config;
  const canEncrypt = MACHINE_KEY.test(apiKey);
  return { workerUrl, mustEncrypt: canEncrypt || Object.hasOwn(keys, workerUrl), canEncrypt };
}
