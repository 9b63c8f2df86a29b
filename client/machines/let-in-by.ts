import { isActive } from "../../contract/follow-machine-list.ts";
import type { ListedMachine, MachineList } from "../../contract/machine-list.ts";

/**
 * The active machines that a machine let in, directly or through others, in the order in which they joined. If that machine
 * turns out to be in the wrong hands, these may be too.
 *
 * @param own - this machine's fingerprint; this machine and those it let in are left out
 */
export function letInBy(machineList: MachineList, fingerprint: string, own: string): readonly ListedMachine[] {
  const found = new Set([fingerprint]);
  for (const machine of machineList.machines) {
    // A machine joined after its inviter, so one pass finds them all.
    if (machine.invitedBy !== null && found.has(machine.invitedBy) && machine.fingerprint !== own) {
      found.add(machine.fingerprint);
    }
  }
  found.delete(fingerprint);
  return machineList.machines.filter(
    (machine) => found.has(machine.fingerprint) && isActive(machineList, machine.fingerprint),
  );
}
