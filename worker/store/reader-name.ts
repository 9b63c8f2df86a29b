import { type Address, formatAddress } from "../../contract/address.ts";

/** A reader in an ETag: without case, colons and quotes. */
export function readerName(reader: Address): string {
  return encodeURIComponent(formatAddress(reader).toLowerCase());
}
