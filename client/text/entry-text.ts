/** The mail's part of a status line: `photon 2`; empty if nothing is unread. */
export function entryText(unread: number): string {
  return unread > 0 ? `photon ${unread}` : "";
}
