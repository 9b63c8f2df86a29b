import { statSync } from "node:fs";
import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { Mailbox } from "../client/mail/mailbox.ts";
import { readSession, type Told, toldBoth, updateSession } from "../client/sessions/session-state.ts";
import { type Config, isSetUp, loadConfig } from "../client/settings/config.ts";
import { SessionId } from "../contract/message.ts";
import { KnownMail } from "./known-mail.ts";

interface ContextInput {
  readonly env: NodeJS.ProcessEnv;
  /** The session's folder, for the project. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Asks the person; by default nobody can be asked. */
  readonly confirm?: Confirm;
}

/** Asks the person a question with yes and no, past Claude. `cannot`: this client has no such question, or nobody sits there. */
export type Confirm = (question: string) => Promise<"yes" | "no" | "cannot">;

/** What the tools share: this machine's mailbox, opened at the first call, and the session they are called in. */
export class ServerContext {
  readonly paths: Paths;
  readonly now: () => number;
  /** Set by the server, which has the connection to the client. */
  confirm: Confirm;
  /** Set by the server: to a session that was started with Photon as a channel; nothing happens in others. */
  sayInChannel: (line: string, meta: Readonly<Record<string, string>>) => Promise<void> = async () => {};
  readonly env: NodeJS.ProcessEnv;
  /** What is unread for this session's reader, as far as this process knows. */
  readonly mail: KnownMail;
  readonly #folder: string;
  #opened: { readonly mailbox: Mailbox; readonly fileState: string } | null = null;
  #session: string | null;
  /** Also kept in memory, so that a disk that takes nothing does not make the same reminder come at every prompt. */
  readonly #told = new Map<string, Told>();

  constructor({ env, folder, now = Date.now, confirm = async () => "cannot" }: ContextInput) {
    this.env = env;
    this.#folder = folder;
    this.now = now;
    this.mail = new KnownMail(now);
    this.confirm = confirm;
    this.paths = photonPaths(env);
    this.#session = SessionId.safeParse(env.CLAUDE_CODE_SESSION_ID).data ?? null;
  }

  /** The session the client is in; null when it never said. */
  get session(): string | null {
    return this.#session;
  }

  /** How the person wants tools to be allowed, as of the last prompt; null before the first. */
  permissionMode: string | null = null;

  /** The environment's session id is from when this process was started and wrong after `/clear`; a hook knows better. */
  enterSession(id: string): void {
    this.#session = SessionId.safeParse(id).data ?? this.#session;
  }

  /** The mailbox as the settings are now: read at the first call, and again when it is not set up or its file changed. */
  get mailbox(): Mailbox {
    const current = this.mailboxOfFile;
    return isSetUp(current.config) ? current : this.#open(stateOf(this.paths.config));
  }

  /** The same, but looks again only when the file changed: one `stat`, where loading the settings runs git three times. */
  get mailboxOfFile(): Mailbox {
    const fileState = stateOf(this.paths.config);
    return this.#opened?.fileState === fileState ? this.#opened.mailbox : this.#open(fileState);
  }

  /** The session's folder. */
  get folder(): string {
    return this.#folder;
  }

  get config(): Config {
    return this.mailbox.config;
  }

  #open(fileState: string): Mailbox {
    const config = loadConfig({ env: this.env, paths: this.paths, folder: this.#folder });
    this.#opened?.mailbox.close().catch(() => undefined); // calls under way end first
    const mailbox = new Mailbox(config, this.paths);
    this.#opened = { mailbox, fileState };
    return mailbox;
  }

  /** What this session was told of; null when it was told of nothing. */
  get told(): Told | null {
    if (this.#session === null) return null;
    const remembered = this.#told.get(this.#session) ?? null;
    const kept = readSession(this.paths, this.#session).told;
    return kept === null || remembered === null ? (kept ?? remembered) : toldBoth(remembered, kept);
  }

  /** Remembers that the session knows of these messages. Never throws: a reminder too many harms less. */
  tell(told: Told): void {
    if (this.#session === null) return;
    const both = toldBoth(this.told, told);
    this.#told.set(this.#session, both);
    try {
      updateSession(this.paths, this.#session, { told: both });
    } catch {
      // the disk takes nothing; memory has it
    }
  }
}

/** Changes when the file does, also when it appears or goes. */
function stateOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "not there";
  }
}
