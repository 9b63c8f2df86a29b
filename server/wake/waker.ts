import { readShown } from "../../client/mail/mail-log.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { type TellableGroup, type TellableMail, tellable } from "../../client/text/tellable-mail.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import type { Permission, WakeLedger, WakeMessage } from "../../client/wake/wake-ledger.ts";
import { isQuiet, loadWakeSettings } from "../../client/wake/wake-settings.ts";
import type { ServerContext } from "../context.ts";
import type { Channel } from "./channel.ts";
import { SignatureCheck } from "./signature-check.ts";
import type { WakeSpool } from "./spool.ts";
import { isStillNews, type WakeNews, wakeNews } from "./wake-news.ts";

/** How often a wake that was held back is tried again. */
const TRY_AGAIN_MS = 5_000;

/** Without a socket, the unread summary may be this old; normally it is renewed every 30 seconds. */
const MAX_KNOWN_AGE_MS = 10 * 60_000;

/** A text that has started no turn is given up after this time. Longer turns are rare, and the next prompt tells it anyway. */
const GIVEN_UP_MS = 15 * 60_000;

/**
 * In these modes a person, or the client, checks what a tool is about to do. In bypassPermissions and dontAsk, whatever a
 * message talks Claude into would happen unchecked. Unknown modes are excluded too.
 */
const WATCHED_MODES = ["default", "acceptEdits", "plan", "auto"];

/** A turn that the monitor or the channel started, as the client words it. `Photon mail` is the monitor's description. */
const MONITOR_TURN =
  /^\s*<task-notification>(?:\s*<(?!summary>)([a-z-]+)>[^<]*<\/\1>)*\s*<summary>Monitor event: "Photon mail"<\/summary>/;
const MONITOR_END =
  /^\s*<task-notification>(?:\s*<(?!summary>)([a-z-]+)>[^<]*<\/\1>)*\s*<summary>Monitor "Photon mail"/;
const CHANNEL_TURN = /^\s*<channel source="plugin:photon:photon"/;

/** The same reason for a held wake is logged for newer mail at most this often. */
const NOTED_EVERY_MS = 60_000;
const NOTHING_HELD = { text: "", upTo: undefined, at: 0 };

interface Rungs {
  readonly ledger: WakeLedger;
  /** null: this client has no folder for plugins. */
  readonly spool: WakeSpool | null;
  readonly channel: Channel;
  /** Milliseconds of a monotonic clock. */
  readonly steadyMs?: () => number;
  /** Fetches a message and verifies its signature; by default from the bridge. @throws PhotonError */
  readonly read?: (id: string) => Promise<ReceivedMessage>;
}

/** A text that was sent to the client and has not started a turn yet. */
interface Said {
  readonly news: WakeNews;
  readonly byChannel: boolean;
  /** On the monotonic clock. */
  readonly at: number;
}

/**
 * Starts a turn in this session when mail arrives, if the person has switched that on. The turn's text says who sent which
 * kind of message and how to read it, and never contains a message. A wake that must wait is retried with the mail that is
 * unread then: mail that was read in the meantime wakes no session. Only a turn that has begun counts as told; the next
 * prompt tells everything else.
 */
export class Waker {
  readonly #context: ServerContext;
  readonly #ledger: WakeLedger;
  readonly #spool: WakeSpool | null;
  readonly #channel: Channel;
  readonly #steadyMs: () => number;
  readonly #signatures: SignatureCheck;
  #timer: NodeJS.Timeout | null = null;
  #isWaiting = false;
  #said: Said | null = null;
  #held: { readonly text: string; readonly upTo: string | undefined; readonly at: number } = NOTHING_HELD;

  constructor(
    context: ServerContext,
    {
      ledger,
      spool,
      channel,
      steadyMs = () => performance.now(),
      read = (id) => context.mailboxOfFile.inbox.get(id),
    }: Rungs,
  ) {
    this.#context = context;
    this.#ledger = ledger;
    this.#spool = spool;
    this.#channel = channel;
    this.#steadyMs = steadyMs;
    this.#signatures = new SignatureCheck({
      read,
      project: () => context.mailboxOfFile.config.project,
      onAnswer: () => this.arrived(),
      steadyMs,
    });
  }

  /** @throws the file system's own error: then this session cannot be woken */
  start(): void {
    this.#timer ??= setInterval(() => this.tryAgain(), TRY_AGAIN_MS).unref();
    this.#spool?.open();
  }

  stop(): void {
    clearInterval(this.#timer ?? undefined);
  }

  /** Called when there may be a reason to wake. Never throws. */
  arrived(): void {
    // If the disk fails, the next prompt tells the mail.
    try {
      this.#isWaiting = this.#consider() === "later";
    } catch {
      this.#isWaiting = false;
    }
  }

  /** Retries a wake that was held back. */
  tryAgain(): void {
    if (this.#isWaiting) this.arrived();
  }

  /**
   * The last check of a turn that a notification begins: the person may have changed the mode, or read the mail, since the
   * text was sent. A refused turn costs no call to the model.
   *
   * @param prompt - in the client's words
   * @returns why the turn must not begin, for the person; null if it may, or if it is not Photon's
   */
  refusal(prompt: string): string | null {
    if (MONITOR_END.test(prompt)) return "the monitor for mail has ended, so mail can no longer wake this session.";
    const byChannel = CHANNEL_TURN.test(prompt);
    if (!byChannel && !MONITOR_TURN.test(prompt)) return null;
    const said = this.#said?.byChannel === byChannel ? this.#said : null;
    this.#said = null;
    const mode = modeProblem(this.#context.permissionMode);
    if (mode !== null) {
      this.#hold(mode, said?.news);
      return `new mail did not wake this session, because ${mode}. Your next prompt shows it.`;
    }
    const { announced } = this.#context;
    const known = this.#known();
    if (said === null) return null; // from this process's predecessor
    if (known !== null && !isStillNews(said.news, known, announced))
      return "the new mail has already been shown or read.";
    this.#context.noteAnnounced(said.news.covers);
    if (byChannel) this.#channel.wasHeard(said.news);
    return null;
  }

  #consider(): "done" | "later" {
    const { mailboxOfFile, env, paths, permissionMode, now } = this.#context;
    const { config } = mailboxOfFile;
    if (!isSetUp(config)) return "done";
    // A headless run has no monitor, and its caller waits for its one answer.
    if (env.CLAUDE_CODE_ENTRYPOINT !== "cli") return "done";
    const settings = loadWakeSettings({ env, paths, project: config.project });
    const byMonitor = settings.policy !== "off";
    const isFollowed = byMonitor && this.#spool?.isFollowed() === true;
    const said = this.#said?.byChannel === !isFollowed ? this.#said : null;
    if (said !== null && this.#steadyMs() - said.at < GIVEN_UP_MS) return "later";
    const policy = settings.policy === "off" ? "all" : settings.policy;
    const claimed = this.#news(policy, () => true);
    if (claimed === null) return "done";

    const mode = modeProblem(permissionMode);
    if (mode !== null) {
      this.#hold(mode, byMonitor ? claimed : undefined);
      return "done"; // the mode changes only with a prompt, which tells the mail
    }
    if (isQuiet(settings.quiet, now())) return this.#hold("quiet hours", byMonitor ? claimed : undefined);
    const news = this.#news(policy, (group) => this.#signatures.isRight(group));
    if (news === null) return this.#signatures.isWaiting ? "later" : "done";
    if (isFollowed) {
      return this.#say(news, false, this.#ledger.take(news.batch, news.what), (line) => this.#spool?.write(line));
    }
    if (byMonitor) this.#hold("the client runs no monitor in this session", news);
    return this.#say(news, true, this.#channel.take(news.batch, news.what), () => this.#channel.say(news));
  }

  #say(news: WakeNews, byChannel: boolean, permission: Permission, say: (line: string) => void): "done" | "later" {
    switch (permission) {
      case "granted":
        this.#said = { news, byChannel, at: this.#steadyMs() };
        say(news.line);
        return "done";
      case "known":
        return "done";
      case "busy":
        return "later";
      case "too soon":
      case "enough for a day":
        return this.#hold(permission === "too soon" ? "one in two minutes" : "30 a day", byChannel ? undefined : news);
    }
  }

  #news(policy: "tasks" | "all", isVerified: (group: TellableGroup) => boolean): WakeNews | null {
    const mail = this.#known();
    if (mail === null) return null;
    const { session, announced, paths, mailboxOfFile } = this.#context;
    const reader = mailboxOfFile.self;
    const input = { reader, session, announced, policy };
    const anything = { isKnown: () => false, isVerified: () => true };
    if (wakeNews(mail, { ...input, ...anything }) === null) return null; // the usual case, without reading a file
    const seen = readShown(paths);
    const isKnown = (message: WakeMessage) =>
      seen.has(message.id) || this.#ledger.isKnown({ reader, messages: [message] });
    return wakeNews(mail, { ...input, isKnown, isVerified });
  }

  /** The unread mail; null if the summary is missing or too old. */
  #known(): TellableMail | null {
    const { mail, paths, mailboxOfFile } = this.#context;
    const summary = mail.within(MAX_KNOWN_AGE_MS);
    return summary && tellable(summary, paths, mailboxOfFile.config);
  }

  /** Logs why a wake is held back, for `photon wake`; the same reason not for every message. */
  #hold(why: string, news: WakeNews | undefined): "later" {
    const held = { text: `${news?.what}: ${why}`, upTo: news?.covers.upTo, at: this.#steadyMs() };
    const isNoted =
      held.text === this.#held.text && (held.upTo === this.#held.upTo || held.at - this.#held.at < NOTED_EVERY_MS);
    if (news === undefined || isNoted) return "later";
    this.#held = held;
    this.#ledger.hold(held.text);
    return "later";
  }
}

/** Why a session in this mode may not be woken; null if it may. @param mode - null before the first prompt */
function modeProblem(mode: string | null): string | null {
  if (mode === null) return "its permission mode is not known before the first prompt";
  return WATCHED_MODES.includes(mode) ? null : `the session's permission mode is ${mode}`;
}
