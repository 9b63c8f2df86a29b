import type { Paths } from "../client/disk/paths.ts";
import { goesAlong, isEncryptedFor } from "../client/encryption/work-along.ts";
import type { Config } from "../client/settings/config.ts";
import { isAutomatic } from "../client/settings/policies.ts";

/** Whether automatic handovers take the uncommitted and unpushed work along; some recipients may still not get it. */
export function takesWork(paths: Paths, config: Config): boolean {
  return isAutomatic(config.handover) && goesAlong(paths, config, null);
}

/** When handovers take the work along and, if they do not always, how to change that. One or two sentences for a person. */
export function workLine(paths: Paths, config: Config): string {
  const isJoined = isEncryptedFor(paths, config, null);
  if (takesWork(paths, config)) {
    return `uncommitted and unpushed changes go along with handovers, ${isJoined ? "encrypted" : "not encrypted"}.`;
  }
  if (config.capsule === "off")
    return `uncommitted and unpushed changes stay here, also when you hand over. ${switchOn(config)}`;
  const only = "uncommitted and unpushed changes go along only when you hand over";
  if (!isAutomatic(config.handover))
    return `${only}: handovers are not sent by themselves. \`photon setup --handover auto\` changes that.`;
  if (!isJoined)
    return `${only}: this machine has not joined, so they would not be encrypted. \`photon join\` changes that.`;
  return `${only}. ${switchOn(config)}`;
}

function switchOn({ sources }: Config): string {
  if (sources.capsule === "environment") return "Unset PHOTON_CAPSULE to let them go along, encrypted.";
  return "`photon setup --capsule encrypted` lets them go along, encrypted.";
}
