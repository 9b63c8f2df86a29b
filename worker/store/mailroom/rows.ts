import * as z from "zod";
import { WorkDraft } from "../../../contract/capsule.ts";
import { MessageKind } from "../../../contract/message.ts";
import type { Entry, MachineReceipt } from "../entry.ts";
import { timeOf } from "./place.ts";

/** What of a message is looked at without its text, as JSON in the column `head`. */
export const Head = z.object({
  from: z.string(),
  to: z.string().optional(),
  project: z.string().optional(),
  kind: MessageKind.catch("note"),
  replyTo: z.string().optional(),
  session: z.string().optional(),
  work: WorkDraft.optional().catch(undefined),
  hops: z.int().optional(),
});
export type Head = z.infer<typeof Head>;

/** A message without its text. */
export type MessageRow = {
  readonly place: number;
  readonly id: string;
  readonly head: string;
  readonly expires_at: number | null;
  /** Of its text and its tags, in UTF-8. */
  readonly bytes: number;
};

/** Both as JSON, which keeps what UTF-8 cannot say: half a surrogate pair. */
export type TextRow = { readonly place: number; readonly content: string; readonly tags: string };

export type ReceiptRow = {
  readonly place: number;
  readonly machine: string;
  readonly name: string;
  readonly shown: number | null;
  readonly read: number | null;
  readonly taken: number | null;
};

/** A message of the Mailroom. */
export interface MailroomEntry extends Entry {
  readonly place: number;
  readonly bytes: number;
}

const Tags = z.array(z.string());

/** Reads the column `tags`. */
export function tagsOf(text: string): string[] {
  return Tags.parse(JSON.parse(text));
}

export function entryOf(row: MessageRow, receipts: readonly ReceiptRow[], text?: TextRow): MailroomEntry {
  return {
    place: row.place,
    bytes: row.bytes,
    ms: timeOf(row.place),
    message: {
      id: row.id,
      ...Head.parse(JSON.parse(row.head)),
      ...(row.expires_at !== null && { expiresAt: row.expires_at }),
      ...(text && { content: z.string().parse(JSON.parse(text.content)), tags: tagsOf(text.tags) }),
    },
    receipts: new Map(receipts.map((receipt) => [receipt.machine, receiptOf(receipt)])),
  };
}

function receiptOf({ name, shown, read, taken }: ReceiptRow): MachineReceipt {
  return {
    machine: name,
    shownMs: shown ?? undefined,
    readMs: read ?? undefined,
    takenMs: taken ?? undefined,
  };
}
