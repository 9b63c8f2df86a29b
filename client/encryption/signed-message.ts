import * as z from "zod";
import { WorkDraft } from "../../contract/capsule.ts";
import { MessageKind } from "../../contract/message.ts";

/**
 * What the sending machine signs: the text, and everything about the message that the bridge can see. With it a recipient
 * detects whether the bridge changed, swapped or repeated anything. Part of the wire format: keys never change.
 */
export const SignedMessage = z.object({
  v: z.literal(1),
  id: z.string(),
  from: z.string(),
  to: z.string().nullable(),
  project: z.string().nullable(),
  kind: MessageKind,
  replyTo: z.string().optional(),
  session: z.string().optional(),
  hops: z.int().optional(),
  /** Names the plain capsule; the `work` that the bridge sees names the encrypted one. */
  work: WorkDraft.optional(),
  content: z.string(),
  tags: z.array(z.string()),
  author: z.enum(["person", "agent"]),
  /** When it was written, by the sender's clock. */
  sentAt: z.iso.datetime(),
  /** How far the sender had followed the machine list. */
  roster: z.object({ length: z.int().min(1), head: z.string() }),
  /**
   * By each recipient's fingerprint: the message's number among this sender's messages to that machine, from 1; 0 if the
   * sender could not store the count.
   */
  order: z.record(z.string(), z.int().min(0)),
});
export type SignedMessage = z.infer<typeof SignedMessage>;

/** The decrypted text, parsed: the signer's fingerprint, the signature, and the signed JSON. */
export interface SignedText {
  readonly by: string;
  readonly signature: string;
  readonly body: string;
}

export function textToSign(body: string): string {
  return `photon message 1\n${body}`;
}

export function formatSigned({ by, signature, body }: SignedText): string {
  return `${by}\n${signature}\n${body}`;
}

/** @returns null if the text is not a signed message */
export function parseSigned(text: string): SignedText | null {
  const [, by, signature, body] = /^([0-9a-f]{64})\n([A-Za-z0-9_-]{86})\n([^\n]+)$/.exec(text) ?? [];
  return by && signature && body ? { by, signature, body } : null;
}
