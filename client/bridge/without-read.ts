interface Group {
  readonly kind: string;
  readonly unread: number;
  readonly latest: { readonly id: string };
}

/** The bridge's summary, as parsed by the contract or by the hooks. */
interface Summary {
  readonly unread: number;
  readonly handovers: number;
  readonly groups: readonly Group[];
}

/**
 * Removes messages from the summary that were marked read here but not yet on the bridge. A summary names only the
 * newest message of each group, so an older one is still counted until the bridge has its receipt.
 */
export function withoutRead<Given extends Summary>(summary: Given, read: ReadonlySet<string>): Given {
  const isRead = ({ latest }: Group) => read.has(latest.id);
  const counted = summary.groups.filter(isRead);
  if (counted.length === 0) return summary;
  return Object.assign({}, summary, {
    unread: summary.unread - counted.length,
    handovers: summary.handovers - counted.filter(({ kind }) => kind === "handover").length,
    groups: summary.groups.flatMap((group) => {
      if (!isRead(group)) return [group];
      return group.unread > 1 ? [Object.assign({}, group, { unread: group.unread - 1 })] : [];
    }),
  });
}
