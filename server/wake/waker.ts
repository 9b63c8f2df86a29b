import { readShown } from "../../client/mail/mail-log.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { type TellableGroup, type TellableMail, tellable } from "../../client/text/tellable-mail.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import type { Permission, WakeLedger, WakeMessage } from "../../client/wake/wake-ledger.ts";
import { isQuiet, loadWakeSettings, WATCHED_MODES, type WakeSettings } from "../../client/wake/wake-settings.ts";
import type { ServerContext } from "../context.ts";
import type { Channel } from "./channel.ts";
import { SignatureCheck } from "./signature-check.ts";
import { isStillNews, isWakeLine, type WakeNews, wakeNews } from "./wake-news.ts";

/** How often a wake that was held back is tried again. */
const TRY_AGAIN_MS = 5_000;

/** Without a socket, the unread summary may be this old; normally it is renewed every 30 seconds. */
const MAX_KNOWN_AGE_MS = 10 * 60_000;

/** A text in the channel that has started no turn is given up after this time. The next prompt tells it anyway. */
const GIVEN_UP_MS = 15 * 60_000;

/** The mod looks every 1.5 seconds. If it has not for this long, the client runs no mods in this session. */
const LOOKS_WITHIN_MS = 30_000;

/** A turn that the channel started, as the client words it. */
const CHANNEL_TURN = /^\s*<channel source="plugin:photon:photon"/;

/** The same reason for a held wake is logged for newer mail at most this often. */
const NOTED_EVERY_MS = 60_000;
const NOTHING_HELD = { text: "", upTo: undefined, at: 0 };

interface Rungs {
  readonly ledger: WakeLedger;
  readonly channel: Channel;
  /** Milliseconds of a monotonic clock. */
  readonly steadyMs?: () => number;
  /** Fetches a message and verifies its signature; by default from the bridge. @throws PhotonError */
  readonly read?: (id: string) => Promise<ReceivedMessage>;
}

/** `start`: the mod gets a text at its next look at an idle session. `retry`: the wake must wait. */
type Next = "nothing" | "start" | "retry";

/** Gives the client a text that starts a turn, without line ends. */
type StartTurn = (line: string) => void;

/** A text that was given to the client and has not started a turn yet. */
interface Said {
  readonly news: WakeNews;
  readonly byChannel: boolean;
  /** On the monotonic clock. */
  readonly at: number;
}

/**
 * Starts a turn in this session when mail arrives, if the person has switched that on. The turn's text says who sent which
 * kind of message and how to read it, and never contains a message. The mod fetches the text and starts the turn, because
 * only it knows whether the session is idle. A wake that must wait is retried with the mail that is unread then: mail that
 * was read in the meantime wakes no session. Only a turn that has begun counts as told; the next prompt tells everything
 * else.
 */
export class Waker {
  readonly #context: ServerContext;
  readonly #ledger: WakeLedger;
  readonly #channel: Channel;
  readonly #steadyMs: () => number;
  readonly #signatures: SignatureCheck;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;
  #next: Next = "nothing";
  #said: Said | null = null;
  /** Messages for which the client did not begin a turn. They do not wake this session again; its next prompt tells them. */
  readonly #dropped = new Set<string>();
  /** When the mod last looked, on the monotonic clock; first the start of the session, whose mod has yet to start. */
  #lookedAt: number;
  #held: { readonly text: string; readonly upTo: string | undefined; readonly at: number } = NOTHING_HELD;

  constructor(
    context: ServerContext,
    { ledger, channel, steadyMs = () => performance.now(), read = (id) => context.mailboxOfFile.inbox.get(id) }: Rungs,
  ) {
    this.#context = context;
    this.#ledger = ledger;
    this.#channel = channel;
    this.#steadyMs = steadyMs;
    this.#lookedAt = steadyMs();
    this.#signatures = new SignatureCheck({
      read,
      project: () => context.mailboxOfFile.config.project,
      onAnswer: () => this.arrived(),
      steadyMs,
    });
  }

  start(): void {
    this.#timer ??= setInterval(() => this.tryAgain(), TRY_AGAIN_MS).unref();
  }

  /** Also a signature that is being checked wakes nothing any more. */
  stop(): void {
    clearInterval(this.#timer ?? undefined);
    this.#isStopped = true;
  }

  /** Called when there may be a reason to wake. Never throws. */
  arrived(): void {
    this.#reconsider(null);
  }

  /**
   * Called each time the mod looks. Never throws.
   *
   * @param isIdle - no turn is running in the session, and none that the mod has requested is about to begin
   * @returns the text of a turn that the mod now starts; empty: none
   */
  lookedAt(isIdle: boolean): string {
    const wasAway = !this.#hasMod();
    this.#lookedAt = this.#steadyMs();
    this.#context.hasMod = true;
    if (wasAway) this.arrived();
    if (!isIdle) return "";
    this.#giveUp();
    let text = "";
    if (this.#next === "start") {
      this.#reconsider((line) => {
        text = line;
      });
    }
    return text;
  }

  /** The client has dropped the turn that the mod asked for, as it does after the person has stopped the session with Esc. */
  #giveUp(): void {
    if (this.#said?.byChannel !== false) return;
    const { news } = this.#said;
    this.#said = null;
    for (const { id } of news.batch.messages) this.#dropped.add(id);
    try {
      this.#ledger.giveBack();
    } catch {
      // the disk failed: it counts as a wake
    }
    this.#hold("the client did not begin a turn, as after a stop with Esc", news);
  }

  #reconsider(startTurn: StartTurn | null): void {
    if (this.#isStopped) return;
    // If the disk fails, the next prompt tells the mail.
    try {
      this.#next = this.#consider(startTurn);
    } catch {
      this.#next = "nothing";
    }
  }

  /** Retries a wake that was held back. */
  tryAgain(): void {
    if (this.#isInTerminal && !this.#hasMod()) this.#context.hasMod = false;
    if (this.#next !== "nothing") this.arrived();
  }

  /**
   * The last check of a turn that a wake begins: the person may have changed the mode, or read the mail, since the text was
   * given to the client. A refused turn costs no call to the model.
   *
   * @param prompt - in the client's words
   * @returns why the turn must not begin, for the person; null if it may, or if it is not Photon's
   */
  refusal(prompt: string): string | null {
    const byChannel = CHANNEL_TURN.test(prompt);
    if (!byChannel && !isWakeLine(prompt)) return null;
    const said = this.#said?.byChannel === byChannel ? this.#said : null;
    this.#said = null;
    const mode = modeProblem(this.#context.permissionMode, this.#settings());
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

  /** @param startTurn - null: the mod is not looking now */
  #consider(startTurn: StartTurn | null): Next {
    const { mailboxOfFile, permissionMode, now } = this.#context;
    const { config } = mailboxOfFile;
    if (!isSetUp(config)) return "nothing";
    if (!this.#isInTerminal) return "nothing"; // the caller of a headless run waits for its one answer
    const settings = this.#settings();
    const isSwitchedOn = settings.policy !== "off";
    const byMod = isSwitchedOn && this.#hasMod();
    const said = this.#said?.byChannel === !byMod ? this.#said : null;
    if (said !== null && this.#steadyMs() - said.at < GIVEN_UP_MS) return "retry";
    const policy = settings.policy === "off" ? "all" : settings.policy;
    const claimed = this.#news(policy, () => true);
    if (claimed === null) return "nothing";

    const mode = modeProblem(permissionMode, settings);
    if (mode !== null) {
      this.#hold(mode, isSwitchedOn ? claimed : undefined);
      return "nothing"; // the mode changes only with a prompt, which tells the mail
    }
    if (isQuiet(settings.quiet, now())) return this.#hold("quiet hours", isSwitchedOn ? claimed : undefined);
    const news = this.#news(policy, (group) => this.#signatures.isRight(group));
    if (news === null) return this.#signatures.isWaiting ? "retry" : "nothing";
    if (byMod) {
      if (startTurn === null) return "start";
      return this.#say(news, false, this.#ledger.take(news.batch, news.what), startTurn);
    }
    if (isSwitchedOn) this.#hold("the client runs no mods in this session", news);
    return this.#say(news, true, this.#channel.take(news.batch, news.what), () => this.#channel.say(news));
  }

  #say(news: WakeNews, byChannel: boolean, permission: Permission, say: StartTurn): Next {
    switch (permission) {
      case "granted":
        this.#said = { news, byChannel, at: this.#steadyMs() };
        say(news.line);
        return "nothing";
      case "known":
        return "nothing";
      case "busy":
        return "retry";
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
      seen.has(message.id) || this.#dropped.has(message.id) || this.#ledger.isKnown({ reader, messages: [message] });
    return wakeNews(mail, { ...input, isKnown, isVerified });
  }

  get #isInTerminal(): boolean {
    return this.#context.env.CLAUDE_CODE_ENTRYPOINT === "cli";
  }

  #hasMod(): boolean {
    return this.#steadyMs() - this.#lookedAt < LOOKS_WITHIN_MS;
  }

  #settings(): WakeSettings {
    const { env, paths, mailboxOfFile } = this.#context;
    return loadWakeSettings({ env, paths, project: mailboxOfFile.config.project });
  }

  /** The unread mail; null if the summary is missing or too old. */
  #known(): TellableMail | null {
    const { mail, paths, mailboxOfFile } = this.#context;
    const summary = mail.within(MAX_KNOWN_AGE_MS);
    return summary && tellable(summary, paths, mailboxOfFile.config);
  }

  /** Logs why a wake is held back, for `photon wake`; the same reason not for every message. */
  #hold(why: string, news: WakeNews | undefined): "retry" {
    const held = { text: `${news?.what}: ${why}`, upTo: news?.covers.upTo, at: this.#steadyMs() };
    const isNoted =
      held.text === this.#held.text && (held.upTo === this.#held.upTo || held.at - this.#held.at < NOTED_EVERY_MS);
    if (news === undefined || isNoted) return "retry";
    this.#held = held;
    this.#ledger.hold(held.text);
    return "retry";
  }
}

/** Why a session in this mode may not be woken; null if it may. @param mode - null before the first prompt */
function modeProblem(mode: string | null, { isAutoModeAllowed }: WakeSettings): string | null {
  if (mode === null) return "its permission mode is not known before the first prompt";
  if (mode === "auto")
    return isAutoModeAllowed ? null : "the session is in auto mode (`photon wake --auto-mode` allows that)";
  return WATCHED_MODES.includes(mode) ? null : `the session's permission mode is ${mode}`;
}
