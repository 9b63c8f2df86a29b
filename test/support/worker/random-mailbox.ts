import fc from "fast-check";
import { parseAddress } from "../../../contract/address.ts";
import { MESSAGE_KINDS } from "../../../contract/constants.ts";
import { MessageDraft } from "../../../contract/message.ts";
import type { Quota } from "../../../worker/object/machines/quota.ts";
import type { Mail } from "../../../worker/object/mail/mail.ts";
import type { ManualAmbient } from "./manual-ambient.ts";

/** The time before a mailbox's first message. */
const START_MS = Date.parse("2026-11-23T09:00:00.000Z");
const MINUTE_MS = 60_000;

/** A message and everything that happens to it. It refers to another by the number of messages in between, or to an unknown one. */
export interface RandomMail {
  /** Time since the previous message, in milliseconds; at least 1. */
  readonly gapMs: number;
  readonly from: string;
  readonly to: string | undefined;
  readonly project: string | undefined;
  readonly kind: (typeof MESSAGE_KINDS)[number];
  readonly session: string | undefined;
  readonly tags: readonly string[];
  readonly replyTo: number | "unknown" | undefined;
  readonly replaces: number | undefined;
  readonly readBy: readonly string[];
  readonly isRemoved: boolean;
  readonly isExpired: boolean;
  /** A machine that checks its unread messages right after this one, which may move its floor. */
  readonly look: string | undefined;
}

export interface RandomMailbox {
  /** Oldest first. */
  readonly mails: readonly RandomMail[];
  /** How many of the oldest were cleared. */
  readonly cleared: number;
}

/** The id of a message; no message has an id from 900 on. */
export function idOf(index: number): string {
  return `10000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}
export const UNKNOWN_ID = idOf(900);

/** The index of the message that is this many messages before another. */
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

/** The id that a message answers. */
export function parentOf({ mails }: RandomMailbox, index: number): string | undefined {
  const replyTo = mails[index]?.replyTo;
  if (replyTo === "unknown") return UNKNOWN_ID;
  const parent = earlier(index, replyTo);
  return parent === undefined ? undefined : idOf(parent);
}

const anyMail: fc.Arbitrary<RandomMail> = fc.record({
  gapMs: fc.constantFrom(1, 1000, 20 * MINUTE_MS, 180 * MINUTE_MS),
  from: fc.constantFrom("mac", "MAC/photon", "mac/yomi", "pc", "pc/photon", "machine"),
  to: maybe("pc", "PC/photon", "mac", "*/photon", "*/Yomi"),
  project: maybe("photon", "Photon", "yomi"),
  kind: fc.constantFrom(...MESSAGE_KINDS),
  session: maybe("s1", "s2"),
  tags: fc.subarray(["a", "A", "b"]),
  replyTo: fc.option(fc.oneof({ weight: 5, arbitrary: fc.nat(4) }, fc.constant("unknown" as const)), {
    nil: undefined,
    freq: 1,
  }),
  replaces: rarely(fc.nat(4)),
  readBy: fc.subarray(["pc", "Mac", "*"]),
  isRemoved: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  isExpired: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  look: maybe("pc", "mac"),
});

/** Up to 40 messages, because a floor moves only after 16. Without `size`, fast-check makes at most ten. */
export const anyMailbox: fc.Arbitrary<RandomMailbox> = fc
  .array(anyMail, { maxLength: 40, size: "max" })
  .chain((mails) =>
    fc.record({ mails: fc.constant(mails), cleared: fc.oneof(fc.constant(0), fc.nat(Math.floor(mails.length / 2))) }),
  );

/** Sends, marks, deletes, clears and checks as the mailbox says. Afterwards all messages with an expiry have expired. */
export function fill(mail: Mail, quota: Quota, ambient: ManualAmbient, mailbox: RandomMailbox): void {
  const times = timesOf(mailbox);
  for (const [i, random] of mailbox.mails.entries()) {
    ambient.time = times[i] ?? START_MS;
    quota.spendMessage(random.from, 1, 60, ambient.time);
    mail.add(draftOf(mailbox, i), undefined);
    for (const machine of random.readBy) {
      mail.record(machine === "*" ? null : parseAddress(machine), "read", [idOf(i)], {});
    }
    if (random.look !== undefined) mail.unread({ machine: random.look, project: null }, undefined);
    if (random.isRemoved) mail.delete(idOf(i));
    if (mailbox.cleared === i + 1) mail.clear();
  }
  ambient.time = (times.at(-1) ?? START_MS) + 60 * MINUTE_MS;
}

function draftOf(mailbox: RandomMailbox, index: number): MessageDraft {
  const mail = mailbox.mails[index];
  if (mail === undefined) throw new Error("There is no such message.");
  const { from, to, project, kind, session, tags } = mail;
  const replaced = earlier(index, mail.replaces);
  return MessageDraft.parse({
    ...{ id: idOf(index), content: `mail ${index}`, from, to, project, kind, session, tags },
    replyTo: parentOf(mailbox, index),
    replaces: replaced === undefined ? undefined : idOf(replaced),
    expiresInSeconds: mail.isExpired ? 60 : undefined,
  });
}

function maybe<const T extends string>(...values: readonly T[]): fc.Arbitrary<T | undefined> {
  return fc.option(fc.constantFrom(...values), { nil: undefined, freq: 1 });
}

function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}
