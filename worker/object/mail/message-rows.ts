import * as z from "zod";
import { WorkDraft } from "../../../contract/capsule.ts";
import { MessageKind } from "../../../contract/message.ts";
import type { Entry } from "./entry.ts";
import { timeOf } from "./place.ts";

/** The envelope of a message, as JSON in the column `head`: everything but its text, tags and times. */
export const Envelope = z.object({
  from: z.string(),
  to: z.string().optional(),
  project: z.string().optional(),
  kind: MessageKind.catch("note"),
  replyTo: z.string().optional(),
  session: z.string().optional(),
  work: WorkDraft.optional().catch(undefined),
  hops: z.int().optional(),
  /** It was sent with the own key of a machine that has joined. */
  hasOwnKey: z.literal(true).optional(),
  /** Its content is encrypted for machines that have joined. */
  isEncrypted: z.literal(true).optional(),
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

/** Both as JSON, which keeps what UTF-8 cannot say: half a surrogate pair. Null: the text is in KV. */
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

/** What one machine did with a message, and when first, in milliseconds since 1970. */
export interface MachineReceipt {
  /** As it was written in the first of its receipts. */
  readonly machine: string;
  readonly shownMs: number | null;
  readonly readMs: number | null;
  readonly resumedMs: number | null;
  /** The machine marked it with its own key; without, whoever has the shared key may have written this name. */
  readonly hasOwnKey: boolean;
}

const Tags = z.array(z.string());

/** Reads the column `tags`. */
export function tagsOf(text: string): string[] {
  return Tags.parse(JSON.parse(text));
}

export function entryOf(row: MessageRow, receipts: readonly ReceiptRow[]): Entry {
  const { place, id, bytes, expires_at: expiresAt } = row;
  return {
    ...{ place, id, bytes, expiresAt },
    ms: timeOf(place),
    head: Envelope.parse(JSON.parse(row.head)),
    receipts: new Map(receipts.map((receipt) => [receipt.machine, receiptOf(receipt)])),
  };
}

function receiptOf({ name, shown, read, taken, own_key: ownKey }: ReceiptRow): MachineReceipt {
  return { machine: name, shownMs: shown, readMs: read, resumedMs: taken, hasOwnKey: ownKey === 1 };
}
