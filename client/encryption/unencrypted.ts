import { isSameName } from "../../contract/address.ts";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, recordOf, writePrivateJson } from "../disk/private-file.ts";

/**
 * The machines to which this machine may send unencrypted messages. By name, because a machine that has not joined has no
 * fingerprint. Each bridge has its own list.
 *
 * @param workerUrl - the bridge's address
 */
export function allowedUnencrypted(paths: Pick<Paths, "trust">, workerUrl: string): readonly string[] {
  const names = recordOf(recordOf(readPrivateJson(paths.trust))?.unencrypted)?.[workerUrl];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

/** @throws the file system's own error */
export function setUnencrypted(
  paths: Pick<Paths, "trust">,
  workerUrl: string,
  { name, isAllowed }: { readonly name: string; readonly isAllowed: boolean },
): void {
  const file = recordOf(readPrivateJson(paths.trust));
  const others = allowedUnencrypted(paths, workerUrl).filter((each) => !isSameName(each, name));
  const unencrypted = { ...recordOf(file?.unencrypted), [workerUrl]: isAllowed ? [...others, name] : others };
  writePrivateJson(paths.trust, { ...file, v: 1, unencrypted });
}
