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

/** How often settings are compared and background work is looked for. */
const TICK_MS = 15_000;

/** Late enough not to slow down the start of a session, soon enough to hear what comes while a person begins to read. */
const FIRST_TICK_MS = 1_500;

/** How old the machine list may be in which a sender is looked for. */
const LIST_AGE_MS = 1_000;

/** Without a socket, a prompt asks when the last answer is older. */
const STALE_MS = 35_000;

interface MailWatchOptions {
  /** Without a socket; default 30 seconds. */
  readonly askEveryMs?: number;
}

/** The settings that a socket belongs to. */
interface Watched {
  readonly mailbox: Mailbox;
  readonly signal: ChangeSignal;
}

/**
 * Keeps what is unread for this session up to date: over a socket of its own, or by asking every 30 seconds where none can
 * be opened. It is in memory (`context.mail`), and the number for the status line in the session's file. Also does the
 * background work of the machine. Never reports a failure: the calls that a person sees say what is wrong.
 */
export class MailWatch {
  readonly #context: ServerContext;
  readonly #askEveryMs: number;
  #timer: NodeJS.Timeout | null = null;
  #watched: Watched | null = null;
  #isWorking = false;
  #lastWork: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  /** Questions go one after the other, so that the last answer is the newest. */
  #lastQuestion: Promise<unknown> = Promise.resolve();
  /** What the session's file has from this process. */
  #noted: unknown = null;
  /** When this process began to hear in the way it does now, in milliseconds since 1970. */
  #howSince = 0;

  constructor(context: ServerContext, { askEveryMs = ASK_EVERY_MS }: MailWatchOptions = {}) {
    this.#context = context;
    this.#askEveryMs = askEveryMs;
    context.mail.listen(() => this.#note());
  }

  /** From now on, as long as the process lives. The hook of the session's start has asked the bridge just now. */
  start(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
    setTimeout(() => this.#tick(), FIRST_TICK_MS).unref();
  }

  /** A person wrote: what is known should be young at the next prompt. */
  promptCame(): void {
    this.start();
    const { mail } = this.#context;
    if (this.#watched === null) setImmediate(() => this.#tick());
    else if (mail.within(STALE_MS) === null && this.#mayAsk()) setImmediate(() => this.#askNow());
    this.#note(); // the session may be another one than before, after `/clear`
  }

  /** Done when nothing is under way any more that would use the network or the disk. */
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
      // The disk cannot be used now; the next tick tries again.
    }
  }

  async #work(mailbox: Mailbox): Promise<void> {
    this.#isWorking = true;
    try {
      await doBackgroundWork(mailbox, this.#context.paths, this.#context.now);
    } catch {
      // The disk cannot be used now; the next tick tries again.
    } finally {
      this.#isWorking = false;
    }
  }

  /** Opens the socket of these settings, and closes that of others. */
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

  /** Messages that could not be sent need not wait for the end of a pause that may be minutes long. */
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
    if (this.#watched !== null) void this.#changed(this.#watched, null).catch(() => undefined); // asked again later
  }

  /** @param said - what the bridge said is unread; null: it is asked. @throws PhotonError so that the bridge says it again */
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

  /** A machine that has just joined is no stranger: its first message may wake, and is not called unverified. */
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
      if (!(error instanceof PhotonError)) throw error; // else it stays unverified, and what shows mail says why
    }
  }

  /** For the status line, which reads it at every change of the screen, and for `photon doctor`. Never throws. */
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
        },
      }),
    };
    const noted = { session, ...change };
    if (Object.keys(change).length === 0 || isDeepStrictEqual(noted, this.#noted)) return;
    try {
      updateSession(paths, session, change);
      this.#noted = noted;
    } catch {
      // The disk takes nothing: the next change tries again.
    }
  }
}
