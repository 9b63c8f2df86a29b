import * as z from "zod";
import { EMPTY_ROSTER, type Roster } from "../../contract/follow-roster.ts";
import { Fingerprint, MachineKeys, SeenCredential } from "../../contract/roster.ts";
import type { Paths } from "../paths.ts";
import { readPrivateJson, writePrivateJson } from "../private-file.ts";

const StoredMachine = z.object({
  ...MachineKeys.shape,
  fingerprint: Fingerprint,
  formerNames: z.array(z.string()),
  isOwner: z.boolean(),
  joinedAt: z.string(),
  invitedBy: z.string().nullable(),
  revokedAt: z.string().nullable(),
});

const StoredInvite = z.object({
  id: z.string(),
  key: z.string(),
  by: z.string(),
  isForOwner: z.boolean(),
  expiresAt: z.string(),
  isUsed: z.boolean(),
});

/** What was followed already: nobody but this user can write the file, so it is not followed again. */
const RosterFile = z.object({
  v: z.literal(1),
  workerUrl: z.string(),
  /** When the bridge last said that this is all; this machine's milliseconds since 1970. */
  checkedAt: z.number(),
  hashes: z.array(z.string()),
  machines: z.array(StoredMachine),
  invites: z.array(StoredInvite),
  isLocked: z.boolean(),
  seen: z.array(SeenCredential).default([]),
});

/** The roster as this machine has followed it. */
export interface KnownRoster {
  readonly roster: Roster;
  readonly checkedAt: number;
  readonly seen: readonly SeenCredential[];
}

/** @returns an empty one when nothing is known of this bridge's */
export function readRoster(paths: Pick<Paths, "machineList">, workerUrl: string): KnownRoster {
  const file = RosterFile.safeParse(readPrivateJson(paths.machineList)).data;
  if (file?.workerUrl !== workerUrl) return { roster: EMPTY_ROSTER, checkedAt: 0, seen: [] };
  const { hashes, machines, invites, isLocked, checkedAt, seen } = file;
  return { roster: { hashes, machines, invites, isLocked }, checkedAt, seen };
}

/** @throws the file system's own error */
export function saveRoster(paths: Pick<Paths, "machineList">, workerUrl: string, known: KnownRoster): void {
  const { roster, checkedAt, seen } = known;
  writePrivateJson(paths.machineList, { v: 1, workerUrl, checkedAt, ...roster, seen });
}
