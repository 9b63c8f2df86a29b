import { LEADER_TICK_MS, Leader } from "../client/leader.ts";
import { readUnread } from "../client/unread-cache.ts";
import type { ServerContext } from "./context.ts";

/** Older than a leader lets it become; then there is none yet, and a prompt does not wait for the next tick. */
const STALE_MS = 35_000;

/** Late enough not to slow down the start of a session, soon enough to hear what comes while a person begins to read. */
const FIRST_TICK_MS = 1_500;

/**
 * Lets this process take its part in what goes on behind the answers: one session of the machine does it for all
 * ({@link Leader}). It fails in silence: the calls that a person sees say what is wrong.
 */
export class MailWatch {
  readonly #context: ServerContext;
  readonly #leader: Leader;
  #timer: NodeJS.Timeout | null = null;

  constructor(context: ServerContext) {
    this.#context = context;
    this.#leader = new Leader(context.paths, () => context.mailboxOfFile, context.now);
  }

  /** From now on, as long as the process lives. The session's start has asked the bridge just now. */
  start(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.#leader.tick(), LEADER_TICK_MS).unref();
    setTimeout(() => this.#leader.tick(), FIRST_TICK_MS).unref();
  }

  /** A person wrote: what is known should be young at the next prompt. */
  promptCame(): void {
    this.start();
    if (this.#isStale()) setImmediate(() => this.#leader.tick());
  }

  /** The next session leads. */
  stop(): void {
    clearInterval(this.#timer ?? undefined);
    this.#leader.stop();
  }

  #isStale(): boolean {
    const { mailboxOfFile, paths, now } = this.#context;
    return now() - (readUnread(paths, mailboxOfFile.self)?.fetchedAt ?? Number.NEGATIVE_INFINITY) > STALE_MS;
  }
}
