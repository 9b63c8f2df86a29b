import { isSameName } from "../../contract/address.ts";

/**
 * Whether a message was sealed, as a sentence for its sender.
 *
 * @param sealedFor - names of the machines that can open it; empty: none, so that it went as it is; null: this machine has
 * not joined, and seals nothing
 * @param self - this machine's name
 */
export function sealedLine(sealedFor: readonly string[] | null | undefined, self: string): string | null {
  if (sealedFor === null || sealedFor === undefined) return null;
  if (sealedFor.length === 0) return "Not sealed, the bridge can read it: whom it is for has not joined.";
  const others = sealedFor.filter((name) => !isSameName(name, self));
  return others.length === 0 ? "Sealed for this machine alone." : `Sealed for ${others.join(", ")}.`;
}
