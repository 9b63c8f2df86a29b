import { isSameName, parseAddress } from "../../../contract/address.ts";
import type { Head, MachineReceipt } from "./message-rows.ts";

/** A stored message without its text, and what is known about it. */
export interface Entry {
  readonly place: number;
  readonly id: string;
  readonly head: Head;
  /** When the bridge received it, in milliseconds since 1970. */
  readonly ms: number;
  /** Milliseconds since 1970; null when it lives as long as messages do. */
  readonly expiresAt: number | null;
  /** Of its text and its tags, in UTF-8. */
  readonly bytes: number;
  /** By lower-case machine name. */
  readonly receipts: ReadonlyMap<string, MachineReceipt>;
}

/** The name in a receipt of a client that did not say who it is. */
export const ANYONE = "*";

/** The machine a message came from. */
export function machineOf({ from }: Pick<Head, "from">): string {
  return parseAddress(from)?.machine ?? from;
}

export function isFromSameMachine(a: Pick<Head, "from">, b: Pick<Head, "from">): boolean {
  return isSameName(machineOf(a), machineOf(b));
}
