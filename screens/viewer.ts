import type { Paths } from "../client/disk/paths.ts";
import type { Mailbox } from "../client/mail/mailbox.ts";
import type { Config } from "../client/settings/config.ts";

/** For whom a screen is made, where, and with what. The same screens show at a terminal and in the client. */
export interface Viewer {
  readonly mailbox: Mailbox;
  readonly config: Config;
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  /** Decides the project. */
  readonly folder: string;
  /** The session of Claude Code, or null outside of one; a session's own messages do not count as unread for it. */
  readonly session: string | null;
  /** Whether Claude reads the screen: foreign text is then inside a fence. */
  readonly isForClaude: boolean;
  /** The columns of a line; `Infinity` for a program, which gets whole lines. */
  readonly columns: number;
  /**
   * Whether Markdown is rendered there, as the client does. Foreign text is then indented as code, so that a link in it
   * cannot hide its address, and nothing in it can look like Photon's own text.
   */
  readonly isMarkdown: boolean;
  readonly style: Style;
  readonly commands: Commands;
}

/** The beginning of a line of code in Markdown. */
export const CODE = "    ";

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
}

/** Without colours. */
export const PLAIN: Style = { bold: (text) => text, dim: (text) => text };

/** What a person types to go on: in a terminal, or in the client. */
export interface Commands {
  readonly inbox: string;
  /** Lists read messages too. */
  readonly inboxAll: string;
  /** The next page of a list. */
  nextPage(page: number): string;
  /** @param id - a message's, or a word that stands for one */
  read(id: string): string;
  readonly readAll: string;
  /** Takes a message off the list that cannot be opened here. */
  dismiss(id: string): string;
  /** @param to - a checked address @param id - of the message that is answered */
  answer(to: string, id: string): string;
  readonly resume: string;
  /** @param id - a handover's */
  resumeOne(id: string): string;
}

export const TERMINAL_COMMANDS: Commands = {
  inbox: "photon inbox",
  inboxAll: "photon inbox --all",
  nextPage: (page) => `photon inbox --page ${page}`,
  read: (id) => `photon read ${id}`,
  readAll: "photon read --all",
  dismiss: () => "photon read --all",
  answer: (to, id) => `photon send ${quoted(to)} --reply-to ${id} "…"`,
  resume: "photon resume",
  resumeOne: (id) => `photon resume ${id}`,
};

export const BARE_COMMANDS: Commands = {
  inbox: "/photon-inbox",
  inboxAll: "/photon-inbox all",
  nextPage: (page) => `/photon-inbox page ${page}`,
  read: (id) => `/photon-inbox ${id}`,
  readAll: "/photon-inbox done all",
  dismiss: (id) => `/photon-inbox done ${id}`,
  // A machine's name reaches it in every project, and needs no quotes.
  answer: (to, id) => `/photon-send ${to.includes(" ") ? to.replace(/\/.*/, "") : to} "…" --reply-to ${id}`,
  resume: "/photon-resume",
  resumeOne: (id) => `/photon-resume ${id}`,
};

/** People copy the commands into a shell, so an address with a space needs quotes. */
function quoted(address: string): string {
  return address.includes(" ") ? `"${address}"` : address;
}
