/** Said where messages are shown, in place of those whose text the bridge cannot give now. */
export function unavailableText(count: number): string {
  const what = count === 1 ? "1 message" : `${count} messages`;
  return `${what} cannot be read at the moment; try again later.`;
}
