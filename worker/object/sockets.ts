import * as z from "zod";
import type { UnreadSummary } from "../../contract/api.ts";
import { type Changed, Heard, LIVE_CLOSE, PING, PONG } from "../../contract/live.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { parsedAddress } from "./calls.ts";
import type { Mail } from "./mail/mail.ts";

/** A session that does not acknowledge a signal for this long is gone or too slow. */
const SLOW_MS = 60_000;

/** A session sends a heartbeat every 30 seconds. One that misses three is gone, although its socket looks open. */
const SILENT_MS = 90_000;

/** Stored with a socket while the object hibernates. */
const Attachment = z.object({
  /** As requested: `Mac/photon`. */
  reader: z.string(),
  /** The account whose key opened the socket: a fingerprint, or `shared`. */
  account: z.string(),
  /** The last cursor sent. */
  told: z.string(),
  /** When it was sent, in milliseconds since 1970; 0 if it was acknowledged. */
  toldAt: z.number(),
  /** When the socket was opened, in milliseconds since 1970. Sockets of an earlier version do not have it. */
  openedAt: z.number().default(0),
});
type Attachment = z.infer<typeof Attachment>;

/** A session that opens a socket. */
export interface Opening {
  readonly reader: string;
  readonly account: string;
  /** From an earlier socket; empty for the first one. */
  readonly cursor: string;
}

/** The part of the mail that signals need. */
type UnreadMail = Pick<Mail, "cursor" | "unread">;

/**
 * The sockets of all sessions, one per session. At most one signal per socket is unacknowledged: a slow session gets fewer
 * signals, each covering more changes, and nothing is queued. A signal carries the unread counts, so that the session need
 * not ask for them. It costs as many rows as an unread check.
 */
export class Sockets {
  readonly #context: DurableObjectState;
  readonly #mail: UnreadMail;
  readonly #now: () => number;

  constructor(context: DurableObjectState, mail: UnreadMail, now: () => number) {
    this.#context = context;
    this.#mail = mail;
    this.#now = now;
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  open({ reader, account, cursor }: Opening): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#context.acceptWebSocket(server, [machineOf(reader)]);
    server.serializeAttachment({
      reader,
      account,
      told: cursor,
      toldAt: 0,
      openedAt: this.#now(),
    } satisfies Attachment);
    this.#notify(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Signals a change to these machines (in lower case). null or `*` means everyone. */
  signal(machines: ReadonlySet<string | null>): void {
    const isForAll = machines.has(null) || machines.has("*");
    const sockets = isForAll
      ? this.#context.getWebSockets()
      : [...machines].flatMap((machine) => this.#context.getWebSockets(machine ?? ""));
    const known: SignalCache = { cursors: new Map(), summaries: new Map() };
    for (const socket of sockets) this.#notify(socket, known);
  }

  /** The machines that have a live session, in lower case. Reads no rows. */
  online(): Set<string> {
    const isAlive = (socket: WebSocket, { openedAt }: Attachment) => {
      if (socket.readyState !== WebSocket.OPEN) return false;
      const heardAt = this.#context.getWebSocketAutoResponseTimestamp(socket)?.getTime();
      return this.#now() - (heardAt ?? openedAt) < SILENT_MS; // before the first heartbeat, opening counts
    };
    const sessions = this.#context.getWebSockets().map((socket) => ({ socket, session: attachmentOf(socket) }));
    return new Set(
      sessions.flatMap(({ socket, session }) =>
        session !== null && isAlive(socket, session) ? [machineOf(session.reader)] : [],
      ),
    );
  }

  /** Closes the sockets of an account whose access changed. */
  closeOf(account: string): void {
    for (const socket of this.#context.getWebSockets()) {
      if (attachmentOf(socket)?.account === account) socket.close(LIVE_CLOSE.reopen, "open again");
    }
  }

  /** Handles a session's acknowledgement of a signal. */
  hear(socket: WebSocket, message: string | ArrayBuffer): void {
    const heard = Heard.safeParse(typeof message === "string" ? parseJson(message) : undefined);
    const known = attachmentOf(socket);
    if (!heard.success || known === null) {
      socket.close(LIVE_CLOSE.unknown, "not understood");
      return;
    }
    if (heard.data.cursor !== known.told) return; // acknowledges an earlier signal
    socket.serializeAttachment({ ...known, toldAt: 0 } satisfies Attachment);
    this.#notify(socket);
  }

  /** Completes a close by the client. Reserved codes cannot be sent back. */
  close(socket: WebSocket, code: number): void {
    try {
      socket.close(code >= 3000 && code < 5000 ? code : 1000);
    } catch {
      // it was already closed
    }
  }

  #unreadFor(reader: string): UnreadSummary {
    const { summary } = this.#mail.unread(parsedAddress(reader), undefined);
    if (summary === null) throw new TypeError("Without an ETag there must be a summary.");
    return summary;
  }

  #notify(socket: WebSocket, { cursors, summaries }: SignalCache = { cursors: new Map(), summaries: new Map() }): void {
    const session = attachmentOf(socket);
    if (session === null) return;
    const { reader, told, toldAt } = session;
    const cursor = once(cursors, machineOf(reader), (machine) => this.#mail.cursor(machine));
    if (told === cursor) return;
    const now = this.#now();
    const isHeard = toldAt === 0; // otherwise the acknowledgement of the last signal triggers the next one
    const unread = isHeard ? once(summaries, reader, () => this.#unreadFor(reader)) : null;
    try {
      if (unread !== null) {
        socket.send(JSON.stringify({ type: "changed", cursor, unread } satisfies Changed));
        socket.serializeAttachment({ ...session, told: cursor, toldAt: now } satisfies Attachment);
      } else if (now - toldAt > SLOW_MS) socket.close(LIVE_CLOSE.slow, "too slow");
    } catch {
      // the socket is closing; the session reconnects with its cursor
    }
  }
}

function machineOf(reader: string): string {
  return parsedAddress(reader).machine.toLowerCase();
}

/** Results shared by all sockets that get one signal. */
interface SignalCache {
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
