import { setTimeout as sleep } from "node:timers/promises";
import type { Mailbox } from "../../client/mailbox.ts";
import { lastMarkedAt } from "../../client/own-marks.ts";
import type { Paths } from "../../client/paths.ts";
import { type CachedUnread, readUnread } from "../../client/unread-cache.ts";
import type { UnreadSummary } from "../../contract/api.ts";
import type { Arrivals } from "./arrivals.ts";

/** The store is no fresher than half a minute. */
const ASK_EVERY_MS = 30_000;

/** Whoever leads on this machine asks every 30 seconds, give or take a tick: it comes first. */
const LEADER_PATIENCE_MS = 5_000;

/** How often the disk is looked at for what a leader, or another command, was told. */
const LOOK_EVERY_MS = 1_000;

interface PollingOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Ends early, with the signal's reason, when it is aborted. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Asks the bridge every half minute how much waits, which costs it two reads while nothing changes, and never while
 * another process of this machine asks anyway: then its answer on this disk is taken.
 *
 * The count says when to look, not what is new. Something that came and was marked read here between two answers leaves
 * it as it was, so a mark made on this machine counts as news as well.
 */
export class PollingArrivals implements Arrivals {
  readonly #mailbox: Mailbox;
  readonly #paths: Paths;
  readonly #now: () => number;
  readonly #pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** When the answer that was looked at last was given, as the disk has it. */
  #fetchedAt = Number.NEGATIVE_INFINITY;
  /** When this process asked last; on a disk that takes nothing only that is known. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #isKeptByOthers = false;
  #hasFailed = false;
  /** News is told again with the answer after it. */
  #isEchoDue = false;
  #known: Known | null = null;

  constructor(mailbox: Mailbox, paths: Paths, { now = Date.now, pause = abortableSleep }: PollingOptions = {}) {
    this.#mailbox = mailbox;
    this.#paths = paths;
    this.#now = now;
    this.#pause = pause;
  }

  async next(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const summary = this.#summaryOfOthers() ?? (this.#isDue() ? await this.#ask() : null);
      if (summary !== null && this.#isNews(summary)) return;
      await this.#pause(LOOK_EVERY_MS, signal);
    }
  }

  /** What somebody else of this machine was told since we last looked. */
  #summaryOfOthers(): UnreadSummary | null {
    const kept = this.#kept();
    if (kept === null || kept.fetchedAt === this.#fetchedAt || !this.#isYoung(kept.fetchedAt)) return null;
    this.#fetchedAt = kept.fetchedAt;
    this.#isKeptByOthers = true;
    return kept.summary;
  }

  #isDue(): boolean {
    const newest = Math.max(this.#fetchedAt, this.#askedAt);
    return !this.#isYoung(newest, ASK_EVERY_MS + (this.#isKeptByOthers ? LEADER_PATIENCE_MS : 0));
  }

  async #ask(): Promise<UnreadSummary> {
    this.#isKeptByOthers = false;
    try {
      const summary = await this.#mailbox.check();
      this.#askedAt = this.#now();
      this.#fetchedAt = this.#kept()?.fetchedAt ?? this.#fetchedAt;
      return summary;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  #isNews(summary: UnreadSummary): boolean {
    const before = this.#known;
    const now = knownFrom(summary, lastMarkedAt(this.#paths, this.#now()));
    const isNews =
      this.#hasFailed ||
      before === null ||
      before.counts !== now.counts ||
      before.markedAt !== now.markedAt ||
      [...now.recent].some((id) => !before.recent.has(id));
    // The store answers from several places: the list that is asked for now may lack what this count has already.
    const isEcho = this.#isEchoDue && !isNews;
    this.#isEchoDue = isNews && before !== null;
    this.#known = now;
    this.#hasFailed = false;
    return isNews || isEcho;
  }

  /** Of this bridge; another one's says nothing. */
  #kept(): CachedUnread | null {
    const kept = readUnread(this.#paths, this.#mailbox.self);
    return kept?.tag?.workerUrl === this.#mailbox.config.workerUrl ? kept : null;
  }

  /** A clock that was set back makes nothing young for ever. */
  #isYoung(time: number, maxAgeMs: number = ASK_EVERY_MS): boolean {
    return Math.abs(this.#now() - time) < maxAgeMs;
  }
}

/** What of an answer tells whether something came. That what is recent grows old does not. */
interface Known {
  readonly counts: string;
  readonly recent: ReadonlySet<string>;
  readonly markedAt: number;
}

function knownFrom({ unread, groups }: UnreadSummary, markedAt: number): Known {
  const counts = groups.map(({ from, kind, session, unread, latest }) => [from, kind, session, unread, latest.id]);
  return {
    counts: JSON.stringify([unread, counts]),
    recent: new Set(groups.flatMap(({ recent = [] }) => recent)),
    markedAt,
  };
}

function abortableSleep(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal });
}
