import * as z from "zod";
import { WorkDraft } from "../../contract/capsule.ts";
import { MessageKind } from "../../contract/message.ts";

/**
 * What the sending machine signs: the text, and everything about the message that the bridge can see too, so that whoever
 * opens it can tell whether the bridge has changed, exchanged or repeated something.
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
  /** With the capsule as it is when it is opened; the bridge's names the encrypted one. */
  work: WorkDraft.optional(),
  content: z.string(),
  tags: z.array(z.string()),
  author: z.enum(["person", "agent"]),
  /** When it was written, by the sender's clock. */
  sentAt: z.iso.datetime(),
  /** Up to where the sender has followed the machine list. */
  machineList: z.object({ length: z.int().min(1), head: z.string() }),
  /**
   * By fingerprint of each receiving machine: which message of this sender to that machine it is, from 1; 0 where the
   * sender's disk could not keep count.
   */
  order: z.record(z.string(), z.int().min(0)),
});
export type SignedMessage = z.infer<typeof SignedMessage>;

/** What is inside the encryption: who signed, the signature, and the JSON that is signed, as text. */
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

/** @returns null for what is no such text */
export function parseSigned(text: string): SignedText | null {
  const [, by, signature, body] = /^([0-9a-f]{64})\n([A-Za-z0-9_-]{86})\n([^\n]+)$/.exec(text) ?? [];
  return by && signature && body ? { by, signature, body } : null;
}
