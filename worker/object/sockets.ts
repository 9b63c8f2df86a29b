import * as z from "zod";
import type { UnreadSummary } from "../../contract/api.ts";
import { type Changed, Heard, LIVE_CLOSE, PING, PONG } from "../../contract/live.ts";
import { parsedAddress } from "./calls.ts";
import type { Mail } from "./mail/mail.ts";

/** A session that has not acknowledged a signal for this long is not there, or cannot follow. */
const SLOW_MS = 60_000;

/** Kept with a socket while the object sleeps. */
const Attachment = z.object({
  /** As it was asked for: `Mac/photon`. */
  reader: z.string(),
  /** Whose key opened it: a fingerprint, or `shared`. */
  account: z.string(),
  /** The last cursor sent. */
  told: z.string(),
  /** When it was sent, in milliseconds since 1970; 0 when it was acknowledged. */
  toldAt: z.number(),
});
type Attachment = z.infer<typeof Attachment>;

/** The session that opens a socket. */
export interface Opening {
  readonly reader: string;
  readonly account: string;
  /** Of an earlier socket; empty when there was none. */
  readonly cursor: string;
}

/** What is told: the mail as a reader sees it. */
type News = Pick<Mail, "cursor" | "unread">;

/**
 * The sockets of the sessions; a machine has one for each. One signal is under way to a socket at most: a slow session gets
 * fewer of them, each standing for more, and nothing is queued for anybody. A signal brings the counts along, so that a
 * session does not have to ask: what it costs is the rows of a check.
 */
export class Sockets {
  readonly #context: DurableObjectState;
  readonly #news: News;
  readonly #now: () => number;

  constructor(context: DurableObjectState, news: News, now: () => number) {
    this.#context = context;
    this.#news = news;
    this.#now = now;
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  open({ reader, account, cursor }: Opening): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#context.acceptWebSocket(server, [machineOf(reader)]);
    server.serializeAttachment({ reader, account, told: cursor, toldAt: 0 } satisfies Attachment);
    this.#tell(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Signals that something changed for these machines (in lower case); null, or `*`, for everyone. */
  signal(machines: ReadonlySet<string | null>): void {
    const isForAll = machines.has(null) || machines.has("*");
    const sockets = isForAll
      ? this.#context.getWebSockets()
      : [...machines].flatMap((machine) => this.#context.getWebSockets(machine ?? ""));
    const known: Known = { cursors: new Map(), summaries: new Map() };
    for (const socket of sockets) this.#tell(socket, known);
  }

  /** Closes the sockets of an account whose key is not accepted any more. */
  closeOf(account: string): void {
    for (const socket of this.#context.getWebSockets()) {
      if (attachmentOf(socket)?.account === account) socket.close(LIVE_CLOSE.reopen, "open again");
    }
  }

  /** A session acknowledges a signal. */
  hear(socket: WebSocket, message: string | ArrayBuffer): void {
    const heard = Heard.safeParse(parseJson(message));
    const known = attachmentOf(socket);
    if (!heard.success || known === null) {
      socket.close(LIVE_CLOSE.unknown, "not understood");
      return;
    }
    if (heard.data.cursor !== known.told) return; // of an earlier signal
    socket.serializeAttachment({ ...known, toldAt: 0 } satisfies Attachment);
    this.#tell(socket);
  }

  /** The other side has closed it; a code that only the system may use cannot be sent back. */
  close(socket: WebSocket, code: number): void {
    try {
      socket.close(code >= 3000 && code < 5000 ? code : 1000);
    } catch {
      // closed already
    }
  }

  #unreadFor(reader: string): UnreadSummary {
    const { summary } = this.#news.unread(parsedAddress(reader), undefined);
    if (summary === null) throw new TypeError("Without an ETag there is always a summary.");
    return summary;
  }

  #tell(socket: WebSocket, { cursors, summaries }: Known = { cursors: new Map(), summaries: new Map() }): void {
    const session = attachmentOf(socket);
    if (session === null) return;
    const { reader, told, toldAt } = session;
    const cursor = once(cursors, machineOf(reader), (machine) => this.#news.cursor(machine));
    if (told === cursor) return;
    const now = this.#now();
    const isHeard = toldAt === 0; // else it hears of this when it has acknowledged the last signal
    const unread = isHeard ? once(summaries, reader, () => this.#unreadFor(reader)) : null;
    try {
      if (unread !== null) {
        socket.send(JSON.stringify({ type: "changed", cursor, unread } satisfies Changed));
        socket.serializeAttachment({ ...session, told: cursor, toldAt: now } satisfies Attachment);
      } else if (now - toldAt > SLOW_MS) socket.close(LIVE_CLOSE.slow, "too slow");
    } catch {
      // closing; its session opens another, and says how far it has heard
    }
  }
}

function machineOf(reader: string): string {
  return parsedAddress(reader).machine.toLowerCase();
}

/** What was worked out for one signal, which many sockets get. */
interface Known {
  /** By machine, in lower case. */
  readonly cursors: Map<string, string>;
  readonly summaries: Map<string, UnreadSummary>;
}

function once<T>(known: Map<string, T>, key: string, find: (key: string) => T): T {
  const found = known.get(key) ?? find(key);
  known.set(key, found);
  return found;
}

function attachmentOf(socket: WebSocket): Attachment | null {
  return Attachment.safeParse(socket.deserializeAttachment()).data ?? null;
}

function parseJson(message: string | ArrayBuffer): unknown {
  try {
    return typeof message === "string" ? JSON.parse(message) : undefined;
  } catch {
    return undefined;
  }
}
