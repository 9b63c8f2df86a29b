import * as z from "zod";
import { type Changed, Heard, LIVE_CLOSE, PING, PONG } from "../../../contract/live.ts";

/** A machine that has not said for so long that it heard is not there, or cannot follow. */
const SLOW_MS = 60_000;

/** What is kept with a socket while the object sleeps. */
const Attachment = z.object({
  /** In lower case. */
  machine: z.string(),
  installation: z.string(),
  /** The cursor it was told last. */
  told: z.string(),
  /** In milliseconds since 1970; 0 when it has said that it heard. */
  toldAt: z.number(),
});
type Attachment = z.infer<typeof Attachment>;

/**
 * The sockets of the machines. One message is under way to each at most: whoever is slow gets fewer of them, each standing
 * for more, and nothing is kept for anybody.
 */
export class LiveSockets {
  readonly #context: DurableObjectState;
  readonly #cursor: (machine: string) => string;
  readonly #now: () => number;

  /** @param cursor - where a machine (in lower case) stands that has heard of everything */
  constructor(context: DurableObjectState, cursor: (machine: string) => string, now: () => number) {
    this.#context = context;
    this.#cursor = cursor;
    this.#now = now;
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** @param query - `machine`, and `installation` and `cursor` where they are known */
  open(query: URLSearchParams): Response {
    const machine = (query.get("machine") ?? "").toLowerCase();
    const installation = query.get("installation") ?? "";
    for (const older of this.#context.getWebSockets(machine)) {
      if (installation !== "" && attachmentOf(older)?.installation === installation)
        older.close(LIVE_CLOSE.replaced, "opened again");
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.#context.acceptWebSocket(server, [machine]);
    const cursor = query.get("cursor") ?? "";
    server.serializeAttachment({ machine, installation, told: cursor, toldAt: 0 } satisfies Attachment);
    this.#tellOne(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Something changed for a machine, or for everyone. */
  tell(machine: string | null): void {
    const isForAll = machine === null || machine === "*";
    for (const socket of isForAll ? this.#context.getWebSockets() : this.#context.getWebSockets(machine)) {
      this.#tellOne(socket);
    }
  }

  /** Has every machine open another one, with the key that it has now. */
  closeAll(): void {
    for (const socket of this.#context.getWebSockets()) socket.close(LIVE_CLOSE.reopen, "open again");
  }

  /** A machine says that it heard. */
  hear(socket: WebSocket, message: string | ArrayBuffer): void {
    const heard = Heard.safeParse(parseJson(message));
    const known = attachmentOf(socket);
    if (!heard.success || known === null) {
      socket.close(LIVE_CLOSE.unknown, "not understood");
      return;
    }
    if (heard.data.cursor !== known.told) return; // of something it was told before
    socket.serializeAttachment({ ...known, toldAt: 0 } satisfies Attachment);
    this.#tellOne(socket);
  }

  /** The other side has closed it; a code that only the system may use cannot be sent back. */
  close(socket: WebSocket, code: number): void {
    try {
      socket.close(code >= 3000 && code < 5000 ? code : 1000);
    } catch {
      // it is closed
    }
  }

  #tellOne(socket: WebSocket): void {
    const known = attachmentOf(socket);
    if (known === null) return;
    const cursor = this.#cursor(known.machine);
    if (known.told === cursor) return;
    const now = this.#now();
    try {
      if (known.toldAt !== 0) {
        if (now - known.toldAt > SLOW_MS) socket.close(LIVE_CLOSE.slow, "too slow");
        return; // it hears of this when it has heard of the last
      }
      socket.send(JSON.stringify({ type: "changed", cursor } satisfies Changed));
      socket.serializeAttachment({ ...known, told: cursor, toldAt: now } satisfies Attachment);
    } catch {
      // it is closing; its machine opens another, and says how far it has heard
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
