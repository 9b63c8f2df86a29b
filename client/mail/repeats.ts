import type { Paths } from "../disk/paths.ts";
import { recordOf } from "../disk/private-file.ts";
import type { Outgoing } from "./outbox.ts";
import { readOutbox } from "./outbox-folder.ts";
import { digestOf, readSent } from "./sent-log.ts";

/** An agent that repeats itself so soon is in a loop, or has forgotten the first message. */
const REPEAT_MS = 10 * 60_000;

/** The earlier message. */
export interface Repeat {
  readonly id: string;
  /** This machine's or the bridge's milliseconds since 1970. */
  readonly at: number;
}

/** A recent message with the same text, kind, recipient and `replyTo`, queued or sent. */
export function recentRepeat(paths: Paths, outgoing: Outgoing, now: number): Repeat | null {
  const digest = digestOf(outgoing);
  const isRecent = ({ at }: Repeat) => Math.abs(now - at) < REPEAT_MS;
  const sent = readSent(paths).flatMap((each) => (each.digest === digest ? [{ id: each.id, at: each.storedAt }] : []));
  const waiting = readOutbox(paths).flatMap(({ draft, queuedAt }) => {
    const { id, content, to, kind, replyTo } = recordOf(draft) ?? {};
    if (typeof id !== "string" || typeof content !== "string") return [];
    const isSame = digestOf({ content, to, kind, replyTo } as Outgoing) === digest; // a field of a wrong type only changes the digest
    return isSame ? [{ id, at: queuedAt }] : [];
  });
  return [...waiting, ...sent].find(isRecent) ?? null;
}
