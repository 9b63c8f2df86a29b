import type { ListedMachine, MachineList } from "./follow-machine-list.ts";
import { MAX_MACHINE_LIST_ENTRIES, MAX_MEMBERS_ENTRIES, type MachineListBody, MEMBER_BUDGET } from "./machine-list.ts";

/** What an entry counts of the budget; a joining was counted with its invitation. */
const COST: Readonly<Partial<Record<MachineListBody["type"], number>>> = { invite: 2, rename: 1, join: 0 };

/**
 * Whether the list has room for an entry, so that no machine can fill it and stop an owner. A machine that is no owner
 * shares one budget with those that it let in: otherwise each of them would bring a budget of its own.
 *
 * @param spender - the machine that signs an entry, or whose invitation is used; undefined for the first machine
 * @returns why there is none, as a sentence for a person; null when there is room
 */
export function whyNoRoom(
  machineList: MachineList,
  type: MachineListBody["type"],
  spender: ListedMachine | undefined,
): string | null {
  const cost = COST[type];
  if (cost === undefined || spender === undefined) return null;
  const length = machineList.hashes.length;
  if (spender.isOwner) return length < MAX_MACHINE_LIST_ENTRIES ? null : "The machine list is full.";
  if (length >= MAX_MEMBERS_ENTRIES) return "The machine list is full, except for its owners.";
  if (payerOf(machineList, spender).spent + cost <= MEMBER_BUDGET) return null;
  return "This machine, with those that it let in, has added as much to the list as it may. Let an owner do it.";
}

/** The list after an entry was counted. */
export function withSpent(
  machineList: MachineList,
  type: MachineListBody["type"],
  spender: ListedMachine | undefined,
): MachineList {
  const cost = COST[type] ?? 0;
  if (cost === 0 || spender === undefined || spender.isOwner) return machineList;
  const { fingerprint, spent } = payerOf(machineList, spender);
  const machines = machineList.machines.map((each) =>
    each.fingerprint === fingerprint ? { ...each, spent: spent + cost } : each,
  );
  return { ...machineList, machines };
}

/** The machine that an owner let in, and from which the spender descends. */
function payerOf({ machines }: Pick<MachineList, "machines">, spender: ListedMachine): ListedMachine {
  const inviter = machines.find(({ fingerprint }) => fingerprint === spender.invitedBy);
  return inviter === undefined || inviter.isOwner ? spender : payerOf({ machines }, inviter);
}
