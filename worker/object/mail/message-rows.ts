import * as z from "zod";
import { parseAddress } from "../../../contract/address.ts";
import { WorkDraft } from "../../../contract/capsule.ts";
import { MessageKind } from "../../../contract/message.ts";
import { storedJson } from "../stored-json.ts";
import { timeOf } from "./place.ts";

/** A message's envelope: everything but its text, tags and times. Stored as JSON in the column `head`, so keys never change. */
export const Envelope = z.object({
  from: z.string(),
  to: z.string().optional(),
  project: z.string().optional(),
  kind: MessageKind.catch("note"),
  replyTo: z.string().optional(),
  session: z.string().optional(),
  work: WorkDraft.optional().catch(undefined),
  hops: z.int().optional(),
  /** Whether it was sent with the own key of a machine that has joined. */
  hasOwnKey: z.literal(true).optional(),
  /** Whether its content is encrypted. */
  isSealed: z.literal(true).optional(),
});
export type Envelope = z.infer<typeof Envelope>;

/** A message without its text. */
export type MessageRow = {
  readonly place: number;
  readonly id: string;
  readonly head: string;
  readonly expires_at: number | null;
  readonly bytes: number;
};

/** Text and tags are JSON, which can hold a lone surrogate, unlike UTF-8. `content` is null if only KV has the text. */
export type TextRow = { readonly place: number; readonly content: string | null; readonly tags: string };

export type ReceiptRow = {
  readonly place: number;
  readonly machine: string;
  readonly name: string;
  readonly shown: number | null;
  readonly read: number | null;
  readonly taken: number | null;
  readonly own_key: number;
};

/** When one machine was first shown a message, read it and resumed it, in milliseconds since 1970. */
export interface MachineReceipt {
  /** The name as written when the receipt was created. */
  readonly machine: string;
  readonly shownMs: number | null;
  readonly readMs: number | null;
  readonly resumedMs: number | null;
  /** Whether the machine used its own key. If not, any client with the shared key may have used this name. */
  readonly hasOwnKey: boolean;
}

const Tags = z.array(z.string());
const Content = z.string();

/** Parses the column `head`. */
export function headOf(text: string): Envelope {
  return storedJson(Envelope, text);
}

/** Parses the column `tags`. */
export function tagsOf(text: string): string[] {
  return storedJson(Tags, text);
}

/** Parses the column `content`. */
export function contentOf(text: string): string {
  return storedJson(Content, text);
}

export function entryOf(row: MessageRow, receipts: readonly ReceiptRow[]): Entry {
  const { place, id, bytes, expires_at: expiresAt } = row;
  return {
    place,
    id,
    bytes,
    expiresAt,
    ms: timeOf(place),
    head: headOf(row.head),
    receipts: new Map(receipts.map((receipt) => [receipt.machine, receiptOf(receipt)])),
  };
}

function receiptOf({ name, shown, read, taken, own_key: ownKey }: ReceiptRow): MachineReceipt {
  return { machine: name, shownMs: shown, readMs: read, resumedMs: taken, hasOwnKey: ownKey === 1 };
}

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
