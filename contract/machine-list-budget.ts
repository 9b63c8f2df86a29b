import type { ListedMachine, MachineList } from "./machine-list.ts";
import { MAX_MACHINE_LIST_ENTRIES, MAX_MEMBERS_ENTRIES, type MachineListBody, MEMBER_BUDGET } from "./machine-list.ts";

/** What an entry costs. A join costs nothing: its invitation paid for it. */
const COST: Readonly<Partial<Record<MachineListBody["type"], number>>> = { invite: 2, rename: 1, join: 0 };

/**
 * Whether the list has room for an entry. The budget keeps a machine from filling the list and blocking the owners. A
 * machine that is not an owner shares one budget with the machines it let in; otherwise each of them would add a budget.
 *
 * @param spender - the machine that signs the entry, or whose invitation it uses; undefined for the first machine
 * @returns a sentence for a person that says why there is no room, or null if there is room
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
  return "This machine and the machines it let in have used up their share of the machine list. Let an owner do it.";
}

/** The list with the entry's cost added to the budget that pays for it. */
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

/** The machine whose budget pays: the spender's nearest ancestor that an owner let in, or the spender itself. */
function payerOf({ machines }: Pick<MachineList, "machines">, spender: ListedMachine): ListedMachine {
  const inviter = machines.find(({ fingerprint }) => fingerprint === spender.invitedBy);
  return inviter === undefined || inviter.isOwner ? spender : payerOf({ machines }, inviter);
}
