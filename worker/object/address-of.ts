import { type Address, parseAddress } from "../../contract/address.ts";

/** The address that the contract has checked already. */
export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new TypeError("The contract let a reader pass that is not an address.");
  return address;
}
