import { numberField, recordOf, textField } from "../disk/private-file.ts";
import type { BridgeSummary } from "../text/tellable-mail.ts";

type Group = BridgeSummary["groups"][number];

/**
 * Reads an unread summary by hand: the hooks get it from the network, and zod would double their start.
 * Loose like the contract's own schema, without what the hooks do not tell; test/contract compares the two. Times are
 * written anew, because a session's file keeps them and compares with them.
 *
 * @returns null when it is not one
 */
export function parseUnread(value: unknown): BridgeSummary | null {
  const unread = numberField(value, "unread");
  const handovers = numberField(value, "handovers");
  const groups = recordOf(value)?.groups;
  if (unread === undefined || handovers === undefined) return null;
  return {
    unread,
    handovers,
    groups: (Array.isArray(groups) ? groups : []).map(parseGroup).filter((group) => group !== null),
  };
}

function parseGroup(value: unknown): Group | null {
  const from = textField(value, "from");
  const unread = numberField(value, "unread");
  const { latest } = recordOf(value) ?? {};
  const id = textField(latest, "id");
  const time = Date.parse(textField(latest, "timestamp") ?? "");
  if (from === undefined || unread === undefined || id === undefined || Number.isNaN(time)) return null;
  return {
    from,
    kind: KINDS.find((kind) => kind === textField(value, "kind")) ?? "note",
    session: textField(value, "session"),
    unread,
    latest: {
      id,
      timestamp: new Date(time).toISOString(),
      work: parseWork(recordOf(latest)?.work),
      takenBy: textField(latest, "takenBy"),
    },
  };
}

function parseWork(value: unknown): Group["latest"]["work"] {
  const files = numberField(value, "files");
  const bytes = numberField(recordOf(value)?.capsule, "bytes");
  return files === undefined ? undefined : { files, capsule: bytes === undefined ? undefined : { bytes } };
}

/** The contract's MESSAGE_KINDS, without loading zod; the type makes them the same. */
const KINDS: readonly Group["kind"][] = ["note", "task", "reply", "handover"];
