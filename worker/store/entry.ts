import { isSameName, parseAddress } from "../../contract/address.ts";
import type { WorkDraft } from "../../contract/capsule.ts";
import type { MessageKind } from "../../contract/message.ts";

/** A message as a store keeps it; what is not here is kept elsewhere and read when it is needed. */
export interface StoredMessage {
  readonly id: string;
  readonly from: string;
  readonly to?: string | undefined;
  readonly project?: string | undefined;
  readonly kind: MessageKind;
  readonly replyTo?: string | undefined;
  readonly session?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  readonly work?: WorkDraft | undefined;
  readonly hops?: number | undefined;
  readonly content?: string | undefined;
  readonly tags?: string[] | undefined;
}

/** What one machine did with a message. Times are milliseconds since 1970, of the first event that says so. */
export interface MachineReceipt {
  /** As it was written in the first of its receipts. */
  readonly machine: string;
  readonly shownMs: number | undefined;
  readonly readMs: number | undefined;
  readonly takenMs: number | undefined;
}

/** A message that is there, with everything that is known about it. */
export interface Entry {
  /** When the bridge first received it, in milliseconds since 1970. */
  readonly ms: number;
  readonly message: StoredMessage;
  /** By lower-case machine name. */
  readonly receipts: ReadonlyMap<string, MachineReceipt>;
}

/** A receipt of a client that did not say who it is. */
export const ANYONE = "*";

/** The machine a message came from. */
export function machineOf({ from }: Pick<StoredMessage, "from">): string {
  return parseAddress(from)?.machine ?? from;
}

/** Whether one was sent again as the other. */
export function isSameMessage(a: Sender, b: Sender): boolean {
  return a.id === b.id && isSameName(machineOf(a), machineOf(b));
}

type Sender = Pick<StoredMessage, "id" | "from">;
