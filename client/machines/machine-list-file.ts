import * as z from "zod";
import {
  EMPTY_MACHINE_LIST,
  Fingerprint,
  MachineKeys,
  type MachineList,
  SeenCredential,
} from "../../contract/machine-list.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, writePrivateFile } from "../disk/private-file.ts";
import { changeUnderLock } from "../disk/short-lock.ts";

const StoredMachine = z.object({
  ...MachineKeys.shape,
  fingerprint: Fingerprint,
  formerNames: z.array(z.string()),
  isOwner: z.boolean(),
  joinedAt: z.string(),
  invitedBy: z.string().nullable(),
  revokedAt: z.string().nullable(),
  hasLeft: z.boolean().optional(),
  spent: z.number(),
});

const StoredInvite = z.object({
  id: z.string(),
  key: z.string(),
  by: z.string(),
  isForOwner: z.boolean(),
  expiresAt: z.string(),
  isUsed: z.boolean(),
});

/** The result of following a list. Only this user can write the file, so it is not verified again. */
const StoredList = z.object({
  workerUrl: z.string(),
  /** When the bridge last confirmed that the list is complete; milliseconds since 1970 by this machine's clock. */
  checkedAt: z.number(),
  hashes: z.array(z.string()),
  lastAt: z.string().nullable(),
  machines: z.array(StoredMachine),
  invites: z.array(StoredInvite),
  isLocked: z.boolean(),
  seen: z.array(SeenCredential).default([]),
});
type StoredList = z.infer<typeof StoredList>;

/** The list of the bridge used last, and those of other bridges in `others`, for when one of them is used again. */
const MachineListFile = z.object({ v: z.literal(1), ...StoredList.shape, others: z.array(StoredList).default([]) });

/** The machine list as this machine has followed it. */
export interface KnownMachineList {
  readonly machineList: MachineList;
  readonly checkedAt: number;
  readonly seen: readonly SeenCredential[];
}

type File = Pick<Paths, "machineList">;

/** @returns an empty list if none is stored for this bridge */
export function readMachineList(paths: File, workerUrl: string): KnownMachineList {
  return knownIn(readLists(paths), workerUrl);
}

function knownIn(lists: readonly StoredList[], workerUrl: string): KnownMachineList {
  const list = lists.find((each) => each.workerUrl === workerUrl);
  if (list === undefined) return { machineList: EMPTY_MACHINE_LIST, checkedAt: 0, seen: [] };
  const { hashes, lastAt, machines, invites, isLocked, checkedAt, seen } = list;
  return { machineList: { hashes, lastAt, machines, invites, isLocked }, checkedAt, seen };
}

/**
 * Stores a list, unless the file has a longer one that continues it, from another process. A failed write is ignored: the
 * list is fetched again later.
 *
 * @returns the longer of the two lists
 * @throws PhotonError if neither continues the other
 */
export function saveMachineList(paths: File, workerUrl: string, known: KnownMachineList): KnownMachineList {
  let kept = known;
  let isOther = false;
  const change = (lists: StoredList[], mayReplace: () => boolean): boolean => {
    const before = knownIn(lists, workerUrl);
    isOther = !goesOnFrom(before.machineList, known.machineList) && !goesOnFrom(known.machineList, before.machineList);
    kept = before.machineList.hashes.length > known.machineList.hashes.length ? before : known;
    if (isOther || kept === before) return true;
    const { machineList, checkedAt, seen } = kept;
    const others = lists.filter((each) => each.workerUrl !== workerUrl);
    const after = { v: 1, workerUrl, checkedAt, ...machineList, seen, others };
    return writePrivateFile(paths.machineList, `${JSON.stringify(after, null, 2)}\n`, mayReplace);
  };
  try {
    changeUnderLock(`${paths.machineList}.lock`, () => readLists(paths), change);
  } catch {
    // ignored: this process still knows the list
  }
  if (isOther) throw otherList(paths);
  return kept;
}

/** Whether the second list starts with all entries of the first. */
export function goesOnFrom(first: MachineList, second: MachineList): boolean {
  const { length } = first.hashes;
  return length === 0 || (second.hashes.length >= length && second.hashes[length - 1] === first.hashes[length - 1]);
}

/** The error for a list that is shorter than the known one, or different. */
export function otherList({ machineList }: File): PhotonError {
  return new PhotonError(
    "internal",
    `The bridge shows another machine list than before, or hides entries that this machine has seen, so nothing is encrypted or decrypted with it. Only if you deleted this bridge yourself and deployed a new one at the same address: remove ${machineList} and join again.`,
  );
}

/** The list of the bridge used last comes first. */
function readLists(paths: File): StoredList[] {
  const file = MachineListFile.safeParse(readPrivateJson(paths.machineList)).data;
  if (file === undefined) return [];
  const { v: _, others, ...last } = file;
  return [last, ...others];
}
