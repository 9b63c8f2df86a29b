/** What a status line says of the mail: `photon 2`; empty when nothing waits. */
export function entryText(unread: number): string {
  return unread > 0 ? `photon ${unread}` : "";
}
