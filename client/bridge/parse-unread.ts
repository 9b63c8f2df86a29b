import { MESSAGE_KINDS } from "../../contract/constants.ts";
import { numberField, recordOf, textField } from "../disk/private-file.ts";
import type { BridgeSummary } from "../text/tellable-mail.ts";

type Group = BridgeSummary["groups"][number];

/**
 * Parses an unread summary by hand for the hooks, because loading zod would double their start-up time. As loose as the
 * contract's own schema, without the fields that hooks do not show; test/contract compares the two. Times are
 * normalised, because a session's file stores and compares them.
 *
 * @returns null if the value is not a summary
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
  const { latest: newest, withCapsule: other } = recordOf(value) ?? {};
  const [latest, withCapsule] = [parseMessage(newest), parseMessage(other)];
  if (from === undefined || unread === undefined || latest === null) return null;
  return {
    from,
    kind: MESSAGE_KINDS.find((kind) => kind === textField(value, "kind")) ?? "note",
    session: textField(value, "session"),
    broadcast: recordOf(value)?.broadcast === true || undefined,
    unread,
    latest,
    ...(withCapsule && { withCapsule }),
  };
}

function parseMessage(value: unknown): Group["latest"] | null {
  const id = textField(value, "id");
  const time = Date.parse(textField(value, "timestamp") ?? "");
  if (id === undefined || Number.isNaN(time)) return null;
  return {
    id,
    timestamp: new Date(time).toISOString(),
    work: parseWork(recordOf(value)?.work),
    takenBy: textField(value, "takenBy"),
  };
}

function parseWork(value: unknown): Group["latest"]["work"] {
  const files = numberField(value, "files");
  const bytes = numberField(recordOf(value)?.capsule, "bytes");
  return files === undefined ? undefined : { files, capsule: bytes === undefined ? undefined : { bytes } };
}
