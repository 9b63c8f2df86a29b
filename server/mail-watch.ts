import { isSetUp } from "../client/config.ts";
import { PhotonError } from "../client/photon-error.ts";
import { readUnread } from "../client/unread-cache.ts";
import type { ServerContext } from "./context.ts";

/**
 * How often the bridge is asked while somebody works. On Cloudflare's free plan one check costs one KV list of the 1,000 a
 * day, so a machine and project may be worked on for more than sixteen hours a day; its sessions share the answer.
 */
const CHECK_EVERY_MS = 60_000;

/** The timer of another session's process is never in step with this one's; an answer this young is left alone. */
const FRESH_MS = 50_000;

/** Nobody who has not written for this long is waiting to be told. */
const WORKING_MS = 10 * 60_000;

/**
 * Keeps the unread summary on this disk young while prompts come, so that a prompt is answered from it without waiting,
 * and tries the outbox again until it is empty. Everything happens behind the answers, and fails in silence: the calls
 * that a person sees say what is wrong.
 */
export class MailWatch {
  readonly #context: ServerContext;
  #timer: NodeJS.Timeout | null = null;
  #isBusy = false;
  #lastPromptAt = Number.NEGATIVE_INFINITY;
  /** The bridge asked for quiet until then. */
  #quietUntil = 0;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** A person wrote: what is known should be young at the next prompt. */
  promptCame(): void {
    this.#lastPromptAt = this.#context.now();
    this.#start();
    if (this.#isDue()) setImmediate(() => this.#look());
  }

  /** After any call: if it left something in the outbox, the timer runs until that is gone. */
  callEnded(): void {
    setImmediate(() => {
      if (this.#context.mailboxOfFile.waiting > 0) this.#start();
    });
  }

  #start(): void {
    this.#timer ??= setInterval(() => this.#tick(), CHECK_EVERY_MS).unref();
  }

  #tick(): void {
    if (this.#isWorking || this.#context.mailboxOfFile.waiting > 0) {
      if (this.#isDue()) this.#look();
      return;
    }
    clearInterval(this.#timer ?? undefined);
    this.#timer = null;
  }

  get #isWorking(): boolean {
    return this.#context.now() - this.#lastPromptAt <= WORKING_MS;
  }

  /** Whether the bridge should be asked, or the outbox delivered. */
  #isDue(): boolean {
    return (this.#isWorking && this.#isStale()) || this.#context.mailboxOfFile.waiting > 0;
  }

  #isStale(): boolean {
    const { mailboxOfFile, paths, now } = this.#context;
    return now() - (readUnread(paths, mailboxOfFile.self)?.fetchedAt ?? Number.NEGATIVE_INFINITY) > FRESH_MS;
  }

  async #look(): Promise<void> {
    if (this.#isBusy || this.#context.now() < this.#quietUntil) return;
    this.#isBusy = true;
    try {
      const mailbox = this.#context.mailboxOfFile;
      if (!isSetUp(mailbox.config)) return;
      if (this.#isWorking && this.#isStale())
        await mailbox.unread(); // delivers the outbox first
      else this.#pauseFor((await mailbox.flush()).stoppedBy);
    } catch (error) {
      this.#pauseFor(error);
    } finally {
      this.#isBusy = false;
    }
  }

  #pauseFor(error: unknown): void {
    if (error instanceof PhotonError) this.#quietUntil = this.#context.now() + (error.retryAfterMs ?? 0);
  }
}
