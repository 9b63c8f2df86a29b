import type { Paths } from "../disk/paths.ts";
import { recordOf } from "../disk/private-file.ts";
import type { Outgoing } from "./outbox.ts";
import { readOutbox } from "./outbox-folder.ts";
import { digestOf, readSent } from "./sent-log.ts";

/** An agent that says the same again so soon is caught in a loop, or has forgotten that it was said. */
const REPEAT_MS = 10 * 60_000;

/** A message that was sent or queued here before. */
export interface Repeat {
  readonly id: string;
  /** This machine's or the bridge's milliseconds since 1970. */
  readonly at: number;
}

/** The same text of the same kind to the same address, in answer to the same message, a short time ago; null when none. */
export function recentRepeat(paths: Paths, outgoing: Outgoing, now: number): Repeat | null {
  const digest = digestOf(outgoing);
  const isRecent = ({ at }: Repeat) => Math.abs(now - at) < REPEAT_MS;
  const sent = readSent(paths).flatMap((each) => (each.digest === digest ? [{ id: each.id, at: each.storedAt }] : []));
  const waiting = readOutbox(paths).flatMap(({ draft, queuedAt }) => {
    const { id, content, to, kind, replyTo } = recordOf(draft) ?? {};
    if (typeof id !== "string" || typeof content !== "string") return [];
    const isSame = digestOf({ content, to, kind, replyTo } as Outgoing) === digest; // of whatever type: then another digest
    return isSame ? [{ id, at: queuedAt }] : [];
  });
  return [...waiting, ...sent].find(isRecent) ?? null;
}
