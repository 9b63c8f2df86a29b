import type { SeenMachine } from "../../contract/api.ts";
import { changeCache, readCache } from "../disk/cache-file.ts";
import type { Paths } from "../disk/paths.ts";
import { numberField, recordOf, textField } from "../disk/private-file.ts";

/** The bridge's machines when they were last fetched. */
export interface KnownMachines {
  /** Milliseconds since 1970 by this machine's clock. */
  readonly fetchedAt: number;
  readonly machines: readonly SeenMachine[];
}

export function saveMachines(paths: Pick<Paths, "cache">, machines: readonly SeenMachine[], now = Date.now()): void {
  changeCache(paths, "machines", () => ({ fetchedAt: now, machines }));
}

/** Parsed by hand, because the hooks do not load zod. @returns null if they were never fetched or the file is damaged */
export function readMachines(paths: Pick<Paths, "cache">): KnownMachines | null {
  const file = recordOf(readCache(paths).machines);
  const fetchedAt = numberField(file, "fetchedAt");
  if (fetchedAt === undefined) return null;
  return { fetchedAt, machines: listOf(file?.machines).flatMap(machineOf) };
}

function machineOf(value: unknown): SeenMachine[] {
  const machine = textField(value, "machine");
  const seenAt = textField(value, "seenAt");
  if (machine === undefined || seenAt === undefined) return [];
  const installations = listOf(recordOf(value)?.installations).flatMap((each) => {
    const id = textField(each, "id");
    const seenAt = textField(each, "seenAt");
    return id === undefined || seenAt === undefined ? [] : [{ id, seenAt }];
  });
  const formerNames = listOf(recordOf(value)?.formerNames).filter((each) => typeof each === "string");
  const mailSince = textField(value, "mailSince");
  return [
    {
      ...{ machine, seenAt },
      ...(mailSince !== undefined && { mailSince }),
      ...(formerNames.length > 0 && { formerNames }),
      ...(installations.length > 0 && { installations }),
    },
  ];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
