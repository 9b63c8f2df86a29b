import { isActive, type Roster, type RosterMachine } from "../../contract/follow-roster.ts";

/**
 * The machines in the list that one let in, and those that these let in in turn, in the order in which they joined: when
 * one turns out to be in wrong hands, so may these be.
 *
 * @param own - this machine's fingerprint: neither it nor what it let in itself is among them
 */
export function letInBy(roster: Roster, fingerprint: string, own: string): readonly RosterMachine[] {
  const found = new Set([fingerprint]);
  for (const machine of roster.machines) {
    // A machine joined after its inviter, so one pass finds them all.
    if (machine.invitedBy !== null && found.has(machine.invitedBy) && machine.fingerprint !== own) {
      found.add(machine.fingerprint);
    }
  }
  found.delete(fingerprint);
  return roster.machines.filter((machine) => found.has(machine.fingerprint) && isActive(roster, machine.fingerprint));
}
