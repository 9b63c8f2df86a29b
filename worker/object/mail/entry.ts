import { isSameName, parseAddress } from "../../../contract/address.ts";
import type { Envelope, MachineReceipt } from "./message-rows.ts";

/** A stored message without its text, with its receipts. */
export interface Entry {
  readonly place: number;
  readonly id: string;
  readonly head: Envelope;
  /** When the bridge received it, in milliseconds since 1970. */
  readonly ms: number;
  /** Milliseconds since 1970; null if the message has the default lifetime. */
  readonly expiresAt: number | null;
  /** Size of its text and tags in UTF-8. */
  readonly bytes: number;
  /** By lower-case machine name. */
  readonly receipts: ReadonlyMap<string, MachineReceipt>;
}

/**
 * The receipts that other machines may see, with those of machines that have joined first. For an encrypted message only
 * those: the shared key cannot read it, and its marks affect only the reader that it names.
 */
export function visibleReceipts({ head, receipts }: Pick<Entry, "head" | "receipts">): MachineReceipt[] {
  const all = [...receipts.values()];
  const own = all.filter(({ hasOwnKey }) => hasOwnKey);
  return head.isSealed ? own : [...own, ...all.filter(({ hasOwnKey }) => !hasOwnKey)];
}

/** The machine name in the receipt of a client that sent no reader. */
export const ANYONE = "*";

/** The machine a message came from. */
export function machineOf({ from }: Pick<Envelope, "from">): string {
  return parseAddress(from)?.machine ?? from;
}

export function isFromSameMachine(a: Pick<Envelope, "from">, b: Pick<Envelope, "from">): boolean {
  return isSameName(machineOf(a), machineOf(b));
}
