import { isDeepStrictEqual } from "node:util";
import { backOff, endBackoff, mayRetry } from "../../client/bridge/backoff.ts";
import { ASK_EVERY_MS, type ChangeSignal } from "../../client/bridge/change-signal.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { updateSession } from "../../client/sessions/session-state.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { unreadFor } from "../../client/text/announcement.ts";
import { tellable } from "../../client/text/tellable-mail.ts";
import type { UnreadSummary } from "../../contract/api.ts";
import type { ServerContext } from "../context.ts";
import { doBackgroundWork } from "./background-work.ts";

/** How often the settings are checked for changes and background work is done. */
const TICK_MS = 15_000;

/** Late enough not to slow down the start of a session, early enough for mail that arrives while the person begins to read. */
const FIRST_TICK_MS = 1_500;

/** The machine list may be this old when an unknown sender is looked up. */
const LIST_AGE_MS = 1_000;

/** Without a socket, a prompt asks the bridge if the last answer is older. */
const STALE_MS = 35_000;

interface MailWatchOptions {
  /** The polling interval without a socket; default 30 seconds. */
  readonly askEveryMs?: number;
}

/** The settings that a socket belongs to. */
interface Watched {
  readonly mailbox: Mailbox;
  readonly signal: ChangeSignal;
}

/**
 * Keeps the session's unread summary up to date: over its own socket, or by polling every 30 seconds if none can be opened.
 * The summary is in memory (`context.mail`); the session's file has the number for the status line. Also does the machine's
 * background work. Never reports a failure: the calls that a person sees do that.
 */
export class MailWatch {
  readonly #context: ServerContext;
  readonly #askEveryMs: number;
  #timer: NodeJS.Timeout | null = null;
  #watched: Watched | null = null;
  #isWorking = false;
  #lastWork: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  /** Requests run one after the other, so that the last answer is the newest. */
  #lastQuestion: Promise<unknown> = Promise.resolve();
  /** What this process has written to the session's file. */
  #noted: unknown = null;
  /** Since when this process learns of mail in the present way, in milliseconds since 1970. */
  #howSince = 0;

  constructor(context: ServerContext, { askEveryMs = ASK_EVERY_MS }: MailWatchOptions = {}) {
    this.#context = context;
    this.#askEveryMs = askEveryMs;
    context.mail.listen(() => this.#note());
  }

  /** Runs as long as the process. The first tick may be late: the SessionStart hook has just asked the bridge. */
  start(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
    setTimeout(() => this.#tick(), FIRST_TICK_MS).unref();
  }

  /** Called at each prompt. Refreshes an old summary, for the next prompt. */
  promptCame(): void {
    this.start();
    const { mail } = this.#context;
    if (this.#watched === null) setImmediate(() => this.#tick());
    else if (mail.within(STALE_MS) === null && this.#mayAsk()) setImmediate(() => this.#askNow());
    this.#note(); // after `/clear` it is another session
  }

  /** Resolves when no work that uses the network or the disk is left. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer ?? undefined);
    this.#watched?.signal.stop();
    await Promise.all([this.#lastQuestion, this.#lastWork]);
  }

  #tick(): void {
    if (this.#isStopped) return;
    try {
      const { mailboxOfFile: mailbox } = this.#context;
      this.#watch(mailbox);
      this.#note();
      if (!this.#isWorking && isSetUp(mailbox.config)) this.#lastWork = this.#work(mailbox);
    } catch {
      // the disk failed; the next tick retries
    }
  }

  async #work(mailbox: Mailbox): Promise<void> {
    this.#isWorking = true;
    try {
      await doBackgroundWork(mailbox, this.#context.paths, this.#context.now);
    } catch {
      // the disk failed; the next tick retries
    } finally {
      this.#isWorking = false;
    }
  }

  /** Opens a socket with these settings and closes the socket with the old ones. */
  #watch(mailbox: Mailbox): void {
    if (this.#watched?.mailbox === mailbox) return;
    this.#watched?.signal.stop();
    this.#watched = null;
    this.#context.mail.forget();
    this.#context.mail.isLive = false;
    if (!isSetUp(mailbox.config)) return;
    const signal = mailbox.bridge.changeSignal({
      askEveryMs: this.#askEveryMs,
      mayAsk: () => this.#mayAsk(),
      onChanged: (unread) => this.#changed(watched, unread),
      onHow: () => this.#heardHow(watched),
      onState: (isOpen) => {
        if (this.#watched !== watched) return;
        this.#context.mail.isLive = isOpen;
        if (isOpen && mailbox.outbox.waiting > 0) this.#bridgeIsBack();
      },
    });
    const watched = { mailbox, signal };
    this.#watched = watched;
    signal.start();
  }

  /** Sends the outbox now, instead of at the end of a backoff that may be minutes long. */
  #bridgeIsBack(): void {
    endBackoff(this.#context.paths, "sending");
    setImmediate(() => void this.#tick());
  }

  #heardHow(watched: Watched): void {
    if (this.#watched !== watched) return;
    this.#howSince = this.#context.now();
    this.#note();
  }

  #mayAsk(): boolean {
    return mayRetry(this.#context.paths, "asking", this.#context.now());
  }

  #askNow(): void {
    if (this.#watched !== null) void this.#changed(this.#watched, null).catch(() => undefined); // retried later
  }

  /** @param said - the summary that the bridge sent; null: ask for it. @throws PhotonError so that the signal is repeated */
  async #changed(watched: Watched, said: UnreadSummary | null): Promise<void> {
    const mine = this.#lastQuestion.then(async () => {
      if (this.#watched !== watched || this.#isStopped) return;
      const { mail, paths, now } = this.#context;
      const question = mail.ask();
      try {
        const summary = await (said === null ? watched.mailbox.unread.check() : watched.mailbox.unread.heard(said));
        await this.#knowSenders(watched.mailbox, summary);
        if (this.#watched === watched) mail.learn(summary, question);
      } catch (error) {
        if (error instanceof PhotonError) backOff(paths, "asking", error.retryAfterMs, now());
        throw error;
      }
    });
    this.#lastQuestion = mine.catch(() => undefined);
    await mine;
  }

  /** Fetches the machine list for an unknown sender, so that the first message of a new machine counts as verified. */
  async #knowSenders(mailbox: Mailbox, summary: UnreadSummary): Promise<void> {
    const { paths } = this.#context;
    if (
      mailbox.membership === null ||
      tellable(summary, paths, mailbox.config).groups.every(({ isListed }) => isListed)
    )
      return;
    try {
      await mailbox.membership.machineList(LIST_AGE_MS);
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error; // the message stays unverified; the tools that show mail say why
    }
  }

  /** Writes the session's file, for the status line and for `photon doctor`. Never throws. */
  #note(): void {
    const { session, mail, paths } = this.#context;
    if (session === null || this.#watched === null) return;
    const { mailbox, signal } = this.#watched;
    const { self, config } = mailbox;
    const change = {
      ...(mail.last !== null && { unread: unreadFor(mail.last.summary, session) }),
      ...(signal.how !== null && {
        live: {
          how: signal.how,
          since: this.#howSince,
          pid: process.pid,
          reader: self,
          workerUrl: config.workerUrl ?? "",
          hasMod: this.#context.hasMod,
        },
      }),
    };
    const noted = { session, ...change };
    if (Object.keys(change).length === 0 || isDeepStrictEqual(noted, this.#noted)) return;
    try {
      updateSession(paths, session, change);
      this.#noted = noted;
    } catch {
      // the write failed; the next change retries
    }
  }
}
