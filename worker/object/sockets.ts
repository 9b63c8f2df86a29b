import * as z from "zod";
import { type Changed, Heard, LIVE_CLOSE, PING, PONG } from "../../contract/live.ts";

/** A session that has not acknowledged a signal for this long is not there, or cannot follow. */
const SLOW_MS = 60_000;

/** Kept with a socket while the object sleeps. */
const Attachment = z.object({
  /** In lower case. */
  machine: z.string(),
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
  readonly machine: string;
  readonly account: string;
  /** Of an earlier socket; empty when there was none. */
  readonly cursor: string;
}

/**
 * The sockets of the sessions; a machine has one for each. One signal is under way to a socket at most: a slow session gets
 * fewer of them, each standing for more, and nothing is queued for anybody.
 */
export class Sockets {
  readonly #context: DurableObjectState;
  readonly #cursor: (machine: string) => string;
  readonly #now: () => number;

  /** @param cursor - stands for all that a machine (in lower case) can have heard of */
  constructor(context: DurableObjectState, cursor: (machine: string) => string, now: () => number) {
    this.#context = context;
    this.#cursor = cursor;
    this.#now = now;
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  open({ machine: name, account, cursor }: Opening): Response {
    const machine = name.toLowerCase();
    const { 0: client, 1: server } = new WebSocketPair();
    this.#context.acceptWebSocket(server, [machine]);
    server.serializeAttachment({ machine, account, told: cursor, toldAt: 0 } satisfies Attachment);
    this.#tell(server, this.#cursor(machine));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Signals that something changed for these machines (in lower case); null, or `*`, for everyone. */
  signal(machines: ReadonlySet<string | null>): void {
    const isForAll = machines.has(null) || machines.has("*");
    const sockets = isForAll
      ? this.#context.getWebSockets()
      : [...machines].flatMap((machine) => this.#context.getWebSockets(machine ?? ""));
    const cursors = new Map<string, string>();
    for (const socket of sockets) {
      const machine = attachmentOf(socket)?.machine;
      if (machine === undefined) continue;
      const cursor = cursors.get(machine) ?? this.#cursor(machine);
      cursors.set(machine, cursor);
      this.#tell(socket, cursor);
    }
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
    this.#tell(socket, this.#cursor(known.machine));
  }

  /** The other side has closed it; a code that only the system may use cannot be sent back. */
  close(socket: WebSocket, code: number): void {
    try {
      socket.close(code >= 3000 && code < 5000 ? code : 1000);
    } catch {
      // closed already
    }
  }

  #tell(socket: WebSocket, cursor: string): void {
    const known = attachmentOf(socket);
    if (known === null || known.told === cursor) return;
    const now = this.#now();
    try {
      if (known.toldAt !== 0) {
        if (now - known.toldAt > SLOW_MS) socket.close(LIVE_CLOSE.slow, "too slow");
        return; // it hears of this when it has acknowledged the last signal
      }
      socket.send(JSON.stringify({ type: "changed", cursor } satisfies Changed));
      socket.serializeAttachment({ ...known, told: cursor, toldAt: now } satisfies Attachment);
    } catch {
      // closing; its session opens another, and says how far it has heard
    }
  }
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
