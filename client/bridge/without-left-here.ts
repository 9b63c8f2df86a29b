import type { Paths } from "../disk/paths.ts";
import { wasSessionKilled } from "../sessions/session-state.ts";

/** What decides whether this machine left a message for the others. */
interface Left {
  readonly kind: string;
  readonly session?: string | undefined;
  /** For everyone, or for every machine in a project. The bridge says so only of this machine's own messages. */
  readonly broadcast?: boolean | undefined;
}

interface Summary {
  readonly unread: number;
  readonly handovers: number;
  readonly groups: readonly (Left & { readonly unread: number })[];
}

/** Removes from the summary what this machine left for the others: it is neither unread nor offered here. */
export function withoutLeftHere<Given extends Summary>(summary: Given, paths: Pick<Paths, "sessions">): Given {
  let { unread, handovers } = summary;
  const groups = summary.groups.filter((group) => {
    if (!isLeftHere(group, paths)) return true;
    unread -= group.unread;
    if (group.kind === "handover") handovers -= group.unread;
    return false;
  });
  return Object.assign({}, summary, { unread, handovers, groups });
}

/**
 * Whether this machine left a message of its own for the others: a broadcast, or a session's handover. A killed session's
 * handover is for this machine, too, because the session could tell nobody here that it would end.
 */
export function isLeftHere({ kind, session, broadcast }: Left, paths: Pick<Paths, "sessions">): boolean {
  if (kind !== "handover" || session === undefined) return broadcast === true;
  return !wasSessionKilled(paths, session);
}
