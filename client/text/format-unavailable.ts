import { counted } from "./counted.ts";
/** Said where messages are shown, in place of those whose text the bridge cannot give now. */
export function unavailableText(count: number): string {
  return `${counted(count, "message")} cannot be read at the moment; try again later.`;
}
