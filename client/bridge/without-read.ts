interface Group {
  readonly kind: string;
  readonly unread: number;
  readonly latest: { readonly id: string };
  readonly withCapsule?: { readonly id: string } | undefined;
}

/** The bridge's summary, as parsed by the contract or by the hooks. */
interface Summary {
  readonly unread: number;
  readonly handovers: number;
  readonly groups: readonly Group[];
}

/**
 * Removes messages from the summary that were marked read here but not yet on the bridge. A summary names only the
 * newest messages of each group, so an older one is still counted until the bridge has its receipt.
 */
export function withoutRead<Given extends Summary>(summary: Given, read: ReadonlySet<string>): Given {
  const readIn = ({ latest, withCapsule }: Group) =>
    [latest, withCapsule].filter((message) => message && read.has(message.id)).length;
  const counted = summary.groups.filter((group) => readIn(group) > 0);
  if (counted.length === 0) return summary;
  const sum = (groups: readonly Group[]) => groups.reduce((total, group) => total + readIn(group), 0);
  return Object.assign({}, summary, {
    unread: summary.unread - sum(counted),
    handovers: summary.handovers - sum(counted.filter(({ kind }) => kind === "handover")),
    groups: summary.groups.flatMap((group) => {
      const unread = group.unread - readIn(group);
      if (unread === group.unread) return [group];
      const withCapsule = group.withCapsule && !read.has(group.withCapsule.id) ? group.withCapsule : undefined;
      const latest = read.has(group.latest.id) ? (withCapsule ?? group.latest) : group.latest;
      return unread > 0 ? [Object.assign({}, group, { unread, latest, withCapsule })] : [];
    }),
  });
}
