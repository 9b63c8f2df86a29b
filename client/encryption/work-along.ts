import { MACHINE_KEY } from "../../contract/machine-list.ts";
import type { Paths } from "../disk/paths.ts";
import { readKeys } from "../machines/machine-keys.ts";
import { readMachineList } from "../machines/machine-list-file.ts";
import { type Config, isSetUp } from "../settings/config.ts";
import { presentAddress, receiversOf } from "./encrypt-message.ts";

/**
 * Whether automatic handovers to an address carry the capsule. By default they do only if Photon encrypts them for every
 * recipient: a capsule never leaves unencrypted unless the person chose that.
 *
 * @param to - null means everyone
 */
export function goesAlong(paths: Pick<Paths, "keys" | "machineList">, config: Config, to: string | null): boolean {
  return config.capsule === "auto" || (config.capsule === "encrypted" && isEncryptedFor(paths, config, to));
}

/**
 * Whether a message from this machine to an address is encrypted. Delivery decides that again, with a newer machine list;
 * but a machine that was ever in the list gets nothing unencrypted.
 *
 * @param to - null means everyone; then only machines that have joined receive it
 */
export function isEncryptedFor(paths: Pick<Paths, "keys" | "machineList">, config: Config, to: string | null): boolean {
  if (!isSetUp(config) || !MACHINE_KEY.test(config.apiKey)) return false;
  const keys = readKeys(paths, config.workerUrl);
  if (keys === null) return false;
  const { machineList } = readMachineList(paths, config.workerUrl);
  return receiversOf(machineList, presentAddress(machineList, to), keys.fingerprint) !== null;
}
