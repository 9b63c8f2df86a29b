import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { Mailbox } from "../client/mail/mailbox.ts";
import { type Config, loadConfig } from "../client/settings/config.ts";
import { SessionId } from "../contract/message.ts";
import type { Answer } from "./terminal/answer.ts";

interface ContextInput {
  readonly env: NodeJS.ProcessEnv;
  /** Where the command was called, for the project. */
  readonly folder: string;
}

/** What the commands share. Settings are read and the mailbox is opened when a command first asks for them. */
export class CliContext {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly paths: Paths;
  #config: Config | null = null;
  #mailbox: Mailbox | null = null;
  readonly #ends: (() => void)[] = [];

  constructor({ env, folder }: ContextInput) {
    this.env = env;
    this.folder = folder;
    this.paths = photonPaths(env);
  }

  get config(): Config {
    this.#config ??= this.readConfig();
    return this.#config;
  }

  /** The settings as they are now; `photon setup` looks again after it has written. */
  readConfig(): Config {
    return loadConfig({ env: this.env, paths: this.paths, folder: this.folder });
  }

  get mailbox(): Mailbox {
    this.#mailbox ??= new Mailbox(this.config, this.paths);
    return this.#mailbox;
  }

  /** The session that runs the command, when Claude Code does; its own messages are not news to it. */
  get session(): string | null {
    return SessionId.safeParse(this.env.CLAUDE_CODE_SESSION_ID).data ?? null;
  }

  /** What has to be ended before the process can end. */
  whenClosed(end: () => void): void {
    this.#ends.push(end);
  }

  /** Lets the process end at once. */
  async close(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#mailbox?.close().catch(() => undefined);
  }
}

/** Runs a command and prints its answer. */
export type Run = (work: (context: CliContext) => Promise<Answer>) => Promise<void>;
