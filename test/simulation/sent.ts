import { MAX_AGE_SECONDS } from "../../contract/message.ts";

/** Everything that the simulation knows of one message. Times are milliseconds of virtual time; null: not yet. */
export interface Sent {
  /** With which its text begins, before a colon: by it a message is known whose sender gave it no id. */
  readonly name: string;
  readonly content: string;
  readonly tags: readonly string[];
  readonly from: string;
  /** The machines that it is for. */
  readonly recipients: readonly string[];
  readonly expiresInMs: number | null;
  id: string | null;
  /** When the Worker first got it. */
  servedAt: number | null;
  /** What the bridge says when it received it, told to its sender or not. */
  storedAt: number | null;
  /** When its sender first knew that it is stored. */
  acknowledgedAt: number | null;
  /** From then on it may be gone: somebody asked to delete it, to clear, or for another in its place. */
  mayEndAt: number | null;
  /** When the bridge had done that. */
  endedAt: number | null;
  readonly shownAt: Map<string, number[]>;
  /** When a machine first asked to mark it read, and when the bridge had first done so. */
  readonly markAskedAt: Map<string, number>;
  readonly markedAt: Map<string, number>;
}

/** What a session is about to send. */
export type Planned = Pick<Sent, "content" | "tags" | "from" | "recipients" | "expiresInMs">;

/** The clocks of two instances of the object differ by less, in milliseconds; and what it received never goes back. */
const CLOCK_SLACK_MS = 5_000;

/** What has no end of its own goes within so long after its thirty days, in milliseconds. */
const RETENTION_SLACK_MS = 24 * 60 * 60_000;

/** Whether readers must get it now. */
export function isThere(sent: Sent, now: number): boolean {
  return sent.acknowledgedAt !== null && sent.mayEndAt === null && !mayHaveExpired(sent, now);
}

/** Whether no reader may get it any more. */
export function isGone(sent: Sent, now: number): boolean {
  return (sent.endedAt !== null && sent.endedAt <= now) || hasExpired(sent, now);
}

export function mayHaveExpired(sent: Sent, now: number): boolean {
  return expiresAt(sent) - CLOCK_SLACK_MS <= now;
}

export function hasExpired(sent: Sent, now: number): boolean {
  return expiresAt(sent) + (sent.expiresInMs === null ? RETENTION_SLACK_MS : CLOCK_SLACK_MS) < now;
}

function expiresAt({ storedAt, expiresInMs }: Sent): number {
  return storedAt === null ? Number.POSITIVE_INFINITY : storedAt + (expiresInMs ?? MAX_AGE_SECONDS * 1000);
}
