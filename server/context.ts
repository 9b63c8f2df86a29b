import { statSync } from "node:fs";
import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { Mailbox } from "../client/mail/mailbox.ts";
import { type Announced, laterAnnounced, readSession, updateSession } from "../client/sessions/session-state.ts";
import { type Config, isSetUp, loadConfig } from "../client/settings/config.ts";
import { sessionFolder } from "../client/settings/session-folder.ts";
import { SessionId } from "../contract/message.ts";
import { readOpen } from "../handover/draft/open-sessions.ts";
import { lastFolder } from "../handover/reading/last-folder.ts";
import { KnownMail } from "./known-mail.ts";

interface ContextInput {
  readonly env: NodeJS.ProcessEnv;
  /** The session's folder, for the project. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Asks the person. The default answers `cannot`. */
  readonly confirm?: Confirm;
}

/**
 * Asks the person a yes-no question that Claude neither sees nor answers. `cannot`: the client has no such dialog, or nobody
 * answered it.
 */
export type Confirm = (question: string) => Promise<"yes" | "no" | "cannot">;

/** What the tools share: this machine's mailbox, opened at the first call, and the session that calls them. */
export class ServerContext {
  readonly paths: Paths;
  readonly now: () => number;
  /** Set by the server, which has the connection to the client. */
  confirm: Confirm;
  /** Set by the server. Reaches only a session that was started with Photon as a channel; other sessions ignore it. */
  sayInChannel: (line: string, meta: Readonly<Record<string, string>>) => Promise<void> = async () => {};
  /** Set by the server's waker: what the mod starts a turn with in a session that is idle; empty: nothing. */
  textThatWakes: (isIdle: boolean) => string = () => "";
  /** Whether the client runs the mod in this session; null: no terminal, or not known yet. Set by the server's waker. */
  hasMod: boolean | null = null;
  readonly env: NodeJS.ProcessEnv;
  /** What this process knows about unread mail for its session. */
  readonly mail: KnownMail;
  readonly #folder: string;
  #opened: { readonly mailbox: Mailbox; readonly fileState: string } | null = null;
  #session: string | null;
  /** A copy in memory, so that a failing disk does not repeat the same reminder at every prompt. */
  readonly #announced = new Map<string, Announced>();

  constructor({ env, folder, now = Date.now, confirm = async () => "cannot" }: ContextInput) {
    this.env = env;
    this.#folder = folder;
    this.now = now;
    this.mail = new KnownMail(now);
    this.confirm = confirm;
    this.paths = photonPaths(env);
    this.#session = SessionId.safeParse(env.CLAUDE_CODE_SESSION_ID).data ?? null;
  }

  /** The client's session; null if the client never named one. */
  get session(): string | null {
    return this.#session;
  }

  /** The permission mode of the session at its last prompt; null before the first one. */
  permissionMode: string | null = null;

  /** The environment's session id dates from the start of this process and is wrong after `/clear`; hooks get the right one. */
  enterSession(id: string): void {
    this.#session = SessionId.safeParse(id).data ?? this.#session;
  }

  /** The mailbox with the present settings. They are read at the first call, and again if incomplete or if the file changed. */
  get mailbox(): Mailbox {
    const current = this.mailboxOfFile;
    return isSetUp(current.config) ? current : this.#open(stateOf(this.paths.config));
  }

  /** The same, but reads the settings again only if the file changed: one `stat`. */
  get mailboxOfFile(): Mailbox {
    const fileState = stateOf(this.paths.config);
    return this.#opened?.fileState === fileState ? this.#opened.mailbox : this.#open(fileState);
  }

  /** Where the session works now. It may have entered a worktree, of which only its hooks and its transcript know. */
  get folder(): string {
    const open = this.#session === null ? null : readOpen(this.paths, this.#session);
    if (open === null) return this.#folder;
    return sessionFolder(lastFolder(open.transcriptPath) ?? open.folder, this.#folder) ?? this.#folder;
  }

  get config(): Config {
    return this.mailbox.config;
  }

  #open(fileState: string): Mailbox {
    const config = loadConfig({ env: this.env, paths: this.paths, folder: this.#folder });
    this.#opened?.mailbox.close().catch(() => undefined); // close() waits for open calls
    const mailbox = new Mailbox(config, this.paths);
    this.#opened = { mailbox, fileState };
    return mailbox;
  }

  /** Which mail was announced to this session, by any of its processes. */
  get announced(): Announced | null {
    if (this.#session === null) return null;
    const remembered = this.#announced.get(this.#session) ?? null;
    const kept = readSession(this.paths, this.#session).told;
    return kept === null || remembered === null ? (kept ?? remembered) : laterAnnounced(remembered, kept);
  }

  /** Remembers that the session knows about these messages. Never throws: a repeated reminder does less harm. */
  noteAnnounced(announced: Announced): void {
    if (this.#session === null) return;
    const both = laterAnnounced(this.announced, announced);
    this.#announced.set(this.#session, both);
    try {
      updateSession(this.paths, this.#session, { told: both });
    } catch {
      // the write failed; the copy in memory remains
    }
  }
}

/** Changes whenever the file changes, appears or disappears. */
function stateOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "not there";
  }
}
