import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { Mailbox } from "../client/mail/mailbox.ts";
import { type Config, loadConfig } from "../client/settings/config.ts";
import { SessionId } from "../contract/message.ts";
import type { Answer } from "../screens/answer.ts";
import { isForClaude } from "../screens/foreign-text.ts";
import { type Commands, type Style, TERMINAL_COMMANDS, type Viewer } from "../screens/viewer.ts";
import type { Input } from "./terminal/read-stdin.ts";
import { bold, columns, dim } from "./terminal/terminal.ts";

/** What a command gets from the process that runs it. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** The working directory, which decides the project. */
  readonly folder: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** The part of a stream that prints. */
interface Output {
  write(text: string): unknown;
}

/** What the commands share. Settings are read, and the mailbox is opened, when a command first needs them. */
export class CliContext implements Viewer {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly paths: Paths;
  readonly #surroundings: Surroundings;
  #config: Config | null = null;
  #mailbox: Mailbox | null = null;
  readonly #ends: (() => void)[] = [];

  constructor(surroundings: Surroundings) {
    const { env, folder, stdout, stderr } = surroundings;
    this.#surroundings = surroundings;
    this.env = env;
    this.folder = folder;
    this.stdout = stdout;
    this.stderr = stderr;
    this.paths = photonPaths(env);
  }

  get stdin(): Input {
    return this.#surroundings.stdin;
  }

  get config(): Config {
    this.#config ??= this.readConfig();
    return this.#config;
  }

  /** Reads the settings again; `photon setup` needs this after it has written them. */
  readConfig(): Config {
    return loadConfig({ env: this.env, paths: this.paths, folder: this.folder });
  }

  get mailbox(): Mailbox {
    this.#mailbox ??= new Mailbox(this.config, this.paths);
    return this.#mailbox;
  }

  get isForClaude(): boolean {
    return isForClaude(this.env);
  }

  get isMarkdown(): boolean {
    return false;
  }

  get columns(): number {
    return columns();
  }

  get style(): Style {
    return { bold, dim };
  }

  get commands(): Commands {
    return TERMINAL_COMMANDS;
  }

  /** The session of Claude Code that runs the command, or null; a session's own messages do not count as unread for it. */
  get session(): string | null {
    return SessionId.safeParse(this.env.CLAUDE_CODE_SESSION_ID).data ?? null;
  }

  /** Registers what must be closed before the process can end. */
  whenClosed(end: () => void): void {
    this.#ends.push(end);
  }

  /** Closes everything that keeps the process alive. */
  async close(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#mailbox?.close().catch(() => undefined);
  }
}

/** Runs a command and prints its answer. */
export type Run = (work: (context: CliContext) => Promise<Answer>) => Promise<void>;
