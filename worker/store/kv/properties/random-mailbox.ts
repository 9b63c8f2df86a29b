import fc from "fast-check";
import { MESSAGE_KINDS } from "../../../../contract/message.ts";
import { packMessage } from "../event.ts";
import { eventKey, suffixOfBytes, suffixOfId } from "../event-key.ts";

/** When the messages of a mailbox begin. */
export const START_MS = Date.parse("2026-11-23T09:00:00.000Z");
const MINUTE_MS = 60_000;
/** What a store takes for copies of one message; it looks no further than ten minutes. */
const MAX_COPY_MS = 9 * MINUTE_MS;

/** A message, and everything that happened to it. Another one is named by how many lie between, or is unknown. */
export interface Mail {
  /** Since the one before, in milliseconds; at least 1. */
  readonly gapMs: number;
  readonly from: string;
  readonly to: string | undefined;
  readonly project: string | undefined;
  readonly kind: (typeof MESSAGE_KINDS)[number];
  readonly session: string | undefined;
  readonly tags: readonly string[];
  /** What of it does not fit into the metadata. */
  readonly outside: "nothing" | "content" | "content and tags";
  readonly replyTo: number | "unknown" | undefined;
  readonly replaces: number | undefined;
  readonly readBy: readonly string[];
  readonly isRemoved: boolean;
  readonly isExpired: boolean;
  /** The same message once more, so much later. */
  readonly copyAfterMs: number | undefined;
}

export interface RandomMailbox {
  /** Oldest first. */
  readonly mails: readonly Mail[];
  /** So many of them were cleared. */
  readonly cleared: number;
}

/** The id of a message; those from 900 are nobody's. */
export function idOf(index: number): string {
  return `10000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}
export const UNKNOWN_ID = idOf(900);

/** The index of the message that is meant by how many lie between. */
export function earlier(index: number, between: number | undefined): number | undefined {
  return between === undefined || between >= index ? undefined : index - 1 - between;
}

export function timesOf({ mails }: RandomMailbox): number[] {
  let ms = START_MS;
  return mails.map(({ gapMs }) => {
    ms += gapMs;
    return ms;
  });
}

/** Later than everything in it. */
export function nowAfter(mailbox: RandomMailbox): number {
  return (timesOf(mailbox).at(-1) ?? START_MS) + 60 * MINUTE_MS;
}

const anyMail: fc.Arbitrary<Mail> = fc.record({
  gapMs: fc.constantFrom(1, 1000, 20 * MINUTE_MS, 180 * MINUTE_MS),
  from: fc.constantFrom("mac", "MAC/photon", "mac/yomi", "pc", "pc/photon", "machine"),
  to: maybe("pc", "PC/photon", "mac", "*/photon", "*/Yomi"),
  project: maybe("photon", "Photon", "yomi"),
  kind: fc.constantFrom(...MESSAGE_KINDS),
  session: maybe("s1", "s2"),
  tags: fc.subarray(["a", "A", "b"]),
  outside: fc.constantFrom("nothing" as const, "nothing" as const, "content" as const, "content and tags" as const),
  replyTo: fc.option(fc.oneof({ weight: 5, arbitrary: fc.nat(4) }, fc.constant("unknown" as const)), {
    nil: undefined,
    freq: 1,
  }),
  replaces: rarely(fc.nat(4)),
  readBy: fc.subarray(["pc", "Mac", "*"]),
  isRemoved: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  isExpired: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  copyAfterMs: rarely(fc.integer({ min: 1, max: MAX_COPY_MS })),
});

export const anyMailbox: fc.Arbitrary<RandomMailbox> = fc
  .array(anyMail, { maxLength: 14 })
  .chain((mails) =>
    fc.record({ mails: fc.constant(mails), cleared: fc.oneof(fc.constant(0), fc.nat(Math.floor(mails.length / 2))) }),
  );

/** Writes the events that the store would have written. */
export async function fill(kv: KVNamespace, mailbox: RandomMailbox): Promise<void> {
  const times = timesOf(mailbox);
  const puts: Promise<void>[] = [];
  const put = (ms: number, suffix: string, metadata: object, value = "") =>
    puts.push(kv.put(eventKey({ ms, suffix }), value, { metadata }));
  for (const [i, mail] of mailbox.mails.entries()) {
    const ms = times[i] ?? START_MS;
    const suffix = await suffixOfId(idOf(i));
    const { event, value } = packMessage(messageOf(mailbox, i, ms));
    put(ms, suffix, event, value);
    const lastMs = ms + (mail.copyAfterMs ?? 0);
    if (lastMs > ms) put(lastMs, suffix, { ...event, ...(mail.isExpired && { expiresAt: lastMs + MINUTE_MS }) }, value);
    for (const [n, machine] of mail.readBy.entries())
      put(lastMs + 1 + n, markSuffix(i, n), { v: 1, type: "receipt", machine, read: suffix });
    if (mail.isRemoved) put(lastMs + 1, markSuffix(i, 8), { v: 1, type: "tombstone", removed: suffix });
  }
  const lastCleared = times[mailbox.cleared - 1];
  if (lastCleared !== undefined) put(lastCleared + 1, markSuffix(0, 9), { v: 1, type: "clear" });
  await Promise.all(puts);
}

/** What the message has as its text and tags. */
export function textOf(index: number, { outside }: Mail): string {
  return outside === "nothing" ? `mail ${index}` : `mail ${index} ${"x".repeat(1000)}`;
}

export function tagsOf({ outside, tags }: Mail): string[] {
  return outside === "content and tags" ? [...tags, ...Array<string>(13).fill("t".repeat(64))] : [...tags];
}

/** The id that a message answers. */
export function parentOf({ mails }: RandomMailbox, index: number): string | undefined {
  const replyTo = mails[index]?.replyTo;
  if (replyTo === "unknown") return UNKNOWN_ID;
  const parent = earlier(index, replyTo);
  return parent === undefined ? undefined : idOf(parent);
}

function messageOf(mailbox: RandomMailbox, index: number, ms: number) {
  const mail = mailbox.mails[index];
  if (!mail) throw new Error("There is no such message.");
  const { from, to, project, kind, session } = mail;
  const replaced = earlier(index, mail.replaces);
  const replyTo = parentOf(mailbox, index);
  return {
    v: 1 as const,
    type: "message" as const,
    id: idOf(index),
    from,
    kind,
    content: textOf(index, mail),
    tags: tagsOf(mail),
    ...(to && { to }),
    ...(project && { project }),
    ...(session && { session }),
    ...(replyTo && { replyTo }),
    ...(replaced !== undefined && { replaces: idOf(replaced) }),
    ...(mail.isExpired && { expiresAt: ms + MINUTE_MS }),
  };
}

/** One that no message has. */
function markSuffix(index: number, n: number): string {
  return suffixOfBytes(new Uint8Array(14).fill(index).fill(n, 7));
}

function maybe<const T extends string>(...values: readonly T[]): fc.Arbitrary<T | undefined> {
  return fc.option(fc.constantFrom(...values), { nil: undefined, freq: 1 });
}

function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
