import type { UnreadGroup, UnreadSummary } from "../contract/api.ts";
import type { Work } from "../contract/capsule.ts";
import { numberField, recordOf, textField } from "./private-file.ts";

/**
 * Reads an unread summary by hand: the hooks get it from the network, and zod would double their start.
 * Loose like the contract's own schema; test/contract compares the two.
 *
 * @returns null when it is not one
 */
export function parseUnread(value: unknown): UnreadSummary | null {
  const record = recordOf(value);
  const unread = numberField(record, "unread");
  const handovers = numberField(record, "handovers");
  if (!record || unread === undefined || handovers === undefined) return null;
  const groups = Array.isArray(record.groups) ? record.groups : [];
  return { unread, handovers, groups: groups.map(parseGroup).filter((group) => group !== null) };
}

function parseGroup(value: unknown): UnreadGroup | null {
  const from = textField(value, "from");
  const unread = numberField(value, "unread");
  const session = textField(value, "session");
  const { latest } = recordOf(value) ?? {};
  const id = textField(latest, "id");
  const time = Date.parse(textField(latest, "timestamp") ?? "");
  const work = parseWork(recordOf(latest)?.work);
  const takenBy = textField(latest, "takenBy");
  const hops = numberField(latest, "hops");
  if (from === undefined || unread === undefined || id === undefined || Number.isNaN(time)) return null;
  return {
    from,
    kind: KINDS.find((kind) => kind === textField(value, "kind")) ?? "note",
    ...(session === undefined ? {} : { session }),
    unread,
    latest: {
      id,
      timestamp: new Date(time).toISOString(), // a session's file keeps it and compares with it
      ...(work && { work }),
      ...(takenBy !== undefined && { takenBy }),
      ...(hops !== undefined && { hops }),
    },
  };
}

function parseWork(value: unknown): Work | undefined {
  const files = numberField(value, "files");
  if (files === undefined) return undefined;
  const { capsule } = recordOf(value) ?? {};
  const sha256 = textField(capsule, "sha256");
  const bytes = numberField(capsule, "bytes");
  return {
    branch: textField(value, "branch") ?? null,
    files,
    ...(sha256 !== undefined && bytes !== undefined && { capsule: { sha256, bytes } }),
  };
}

/** The contract's MESSAGE_KINDS, without loading zod; the type makes them the same. */
const KINDS: readonly UnreadGroup["kind"][] = ["note", "task", "reply", "handover"];
