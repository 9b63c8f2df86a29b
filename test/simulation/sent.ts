import { MAX_AGE_SECONDS } from "../../contract/message.ts";

/** Everything that the simulation knows about a message. Times are milliseconds of virtual time; null means not yet. */
export interface Sent {
  /** The start of its text, before a colon. Identifies messages that were sent without an id. */
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
  /** The bridge's time of receipt, whether or not its sender got the answer. */
  storedAt: number | null;
  /** When its sender first knew that it was stored. */
  acknowledgedAt: number | null;
  /** From then on it may be gone: a delete, a clear or a replacement was requested. */
  mayEndAt: number | null;
  /** When the bridge had completed that. */
  endedAt: number | null;
  readonly shownAt: Map<string, number[]>;
  /** When a machine first requested to mark it read, and when the bridge had first done so. */
  readonly markAskedAt: Map<string, number>;
  readonly markedAt: Map<string, number>;
}

/** A message before it is sent. */
export type Planned = Pick<Sent, "content" | "tags" | "from" | "recipients" | "expiresInMs">;

/** Limit for the difference between the clocks of two instances, in milliseconds. Times of receipt never decrease. */
const CLOCK_SLACK_MS = 5_000;

/** How long after its thirty days a message without an expiry may be removed, in milliseconds. */
const RETENTION_SLACK_MS = 24 * 60 * 60_000;

/** Whether readers must get it now. */
export function isThere(sent: Sent, now: number): boolean {
  return sent.acknowledgedAt !== null && sent.mayEndAt === null && !mayHaveExpired(sent, now);
}

/** Whether readers must no longer get it. */
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
