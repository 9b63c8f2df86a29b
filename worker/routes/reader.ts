import { type Address, parseAddress } from "../../contract/address.ts";

/** The contract has checked that it is an address; without a reader there is none. */
export function readerOf(text: string | undefined): Address | null {
  return text === undefined ? null : parseAddress(text);
}

/** For the routes whose reader is required. */
export function requiredReader(text: string): Address {
  const reader = parseAddress(text);
  if (reader === null) throw new TypeError("The contract let a reader pass that is no address.");
  return reader;
}
