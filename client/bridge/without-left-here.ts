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
  const left = summary.groups.filter((group) => isLeftHere(group, paths));
  if (left.length === 0) return summary;
  const count = (kind?: string) =>
    left.reduce((sum, group) => sum + (kind === undefined || group.kind === kind ? group.unread : 0), 0);
  return Object.assign({}, summary, {
    unread: summary.unread - count(),
    handovers: summary.handovers - count("handover"),
    groups: summary.groups.filter((group) => !left.includes(group)),
  });
}

/**
 * Whether this machine left a message of its own for the others: a broadcast, or a session's handover. A killed session's
 * handover is for this machine, too, because the session could tell nobody here that it would end.
 */
export function isLeftHere({ kind, session, broadcast }: Left, paths: Pick<Paths, "sessions">): boolean {
  if (kind !== "handover") return broadcast === true;
  return session !== undefined && !wasSessionKilled(paths, session);
}
