import { isActive, type ListedMachine, type MachineList } from "../../contract/follow-machine-list.ts";

/**
 * The machines in the list that one let in, and those that these let in in turn, in the order in which they joined: when
 * one turns out to be in wrong hands, so may these be.
 *
 * @param own - this machine's fingerprint: neither it nor what it let in itself is among them
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
