import { isSameName, parseAddress } from "../../../contract/address.ts";
import type { Envelope, MachineReceipt } from "./message-rows.ts";

/** A stored message without its text, and what is known about it. */
export interface Entry {
  readonly place: number;
  readonly id: string;
  readonly head: Envelope;
  /** When the bridge received it, in milliseconds since 1970. */
  readonly ms: number;
  /** Milliseconds since 1970; null when it lives as long as messages do. */
  readonly expiresAt: number | null;
  /** Of its text and its tags, in UTF-8. */
  readonly bytes: number;
  /** By lower-case machine name. */
  readonly receipts: ReadonlyMap<string, MachineReceipt>;
}

/**
 * The receipts that others are told of, those of machines that have joined first. Of an encrypted message only those: the
 * shared key reads none, and its marks count for nobody but the reader it names.
 */
export function visibleReceipts({ head, receipts }: Pick<Entry, "head" | "receipts">): MachineReceipt[] {
  const all = [...receipts.values()];
  const own = all.filter(({ hasOwnKey }) => hasOwnKey);
  return head.isEncrypted ? own : [...own, ...all.filter(({ hasOwnKey }) => !hasOwnKey)];
}

/** The name in a receipt of a client that did not say who it is. */
export const ANYONE = "*";

/** The machine a message came from. */
export function machineOf({ from }: Pick<Envelope, "from">): string {
  return parseAddress(from)?.machine ?? from;
}

export function isFromSameMachine(a: Pick<Envelope, "from">, b: Pick<Envelope, "from">): boolean {
  return isSameName(machineOf(a), machineOf(b));
}
