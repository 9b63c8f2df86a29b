import { noteSessionReader } from "../client/session-reader.ts";
import { readUnread, unreadWrittenAt } from "../client/unread-cache.ts";
import type { UnreadSummary } from "../contract/api.ts";
import type { ServerContext } from "./context.ts";

/** One `stat` of a file; whoever leads writes it within milliseconds of what the bridge says. */
const LOOK_EVERY_MS = 500;

/** Called with what waits for this session's reader, each time it is told anew. Must not throw. */
type Listener = (summary: UnreadSummary) => void;

/** Notices what this machine's leader, which may be another process, learned for the reader of this session. */
export class Arrivals {
  readonly #context: ServerContext;
  readonly #listeners: Listener[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writtenAt: number | null = null;
  /** The session whose reader was noted. */
  #session: string | null = null;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer ?? undefined);
  }

  /** Looks now. Never throws. */
  look(): void {
    try {
      const { paths, mailboxOfFile, session } = this.#context;
      if (session !== null && session !== this.#session) {
        this.#session = session;
        noteSessionReader(paths, session, mailboxOfFile.self);
      }
      const writtenAt = unreadWrittenAt(paths, mailboxOfFile.self);
      if (writtenAt === this.#writtenAt) return;
      this.#writtenAt = writtenAt;
      const known = readUnread(paths, mailboxOfFile.self);
      if (known) for (const listener of this.#listeners) listener(known.summary);
    } catch {
      // the disk cannot be read now; the next look may
    }
  }
}
