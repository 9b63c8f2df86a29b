import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { UnreadSummary } from "../../contract/api.ts";
import { type Changed, Heard, PING, PONG } from "../../contract/live.ts";

/** The GUID that a server appends to the handshake key (RFC 6455, section 1.3). */
const HANDSHAKE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const CLOSE = 8;

interface OpenSocket {
  readonly reader: string;
  /** The number of the last signal. */
  readonly cursor: string;
  readonly heard: Acknowledgement;
}

interface Acknowledgement {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** The bridge's side of `GET /live` for tests. Supports only unfragmented text frames below 64 KB, which suffices on loopback. */
export class SocketsStandIn {
  readonly #unreadFor: (reader: string) => UnreadSummary;
  readonly #open = new Map<Duplex, OpenSocket>();
  #signals = 0;

  constructor(unreadFor: (reader: string) => UnreadSummary) {
    this.#unreadFor = unreadFor;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Opens a socket, and signals at once if its client has missed the last signal. */
  accept(request: IncomingMessage, socket: Duplex): void {
    const key = request.headers["sec-websocket-key"] ?? "";
    const accepted = createHash("sha1").update(`${key}${HANDSHAKE}`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accepted}\r\n\r\n`,
    );
    socket.on("data", (bytes) => this.#receive(socket, bytes));
    socket.on("close", () => {
      this.#open.get(socket)?.heard.resolve();
      this.#open.delete(socket);
    });
    socket.on("error", () => socket.destroy());
    const { searchParams } = new URL(request.url ?? "", "http://bridge.test");
    const cursor = searchParams.get("cursor");
    const reader = searchParams.get("reader") ?? "";
    const heard = acknowledgement();
    heard.resolve();
    this.#open.set(socket, { reader, cursor: cursor ?? "", heard });
    if (cursor !== String(this.#signals)) this.#tell(socket, reader);
  }

  /** Signals a change over every socket. */
  signal(): void {
    this.#signals++;
    for (const [socket, { reader }] of this.#open) this.#tell(socket, reader);
  }

  /** Resolves when every socket has acknowledged the last signal or was closed. */
  async heard(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ heard }) => heard.promise));
  }

  closeAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #tell(socket: Duplex, reader: string): void {
    this.#open.get(socket)?.heard.resolve();
    const cursor = String(this.#signals);
    this.#open.set(socket, { reader, cursor, heard: acknowledgement() });
    const unread = this.#unreadFor(reader);
    socket.write(frameOf(JSON.stringify({ type: "changed", cursor, unread } satisfies Changed)));
  }

  #receive(socket: Duplex, bytes: Buffer): void {
    for (let rest = bytes; rest.length > 0; ) {
      const { isClose, text, size } = firstFrameOf(rest);
      rest = rest.subarray(size);
      if (isClose) socket.destroy();
      else if (text === PING) socket.write(frameOf(PONG));
      else {
        const { cursor } = Heard.parse(JSON.parse(text));
        const known = this.#open.get(socket);
        if (known?.cursor === cursor) known.heard.resolve();
      }
    }
  }
}

function acknowledgement(): Acknowledgement {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function frameOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const size = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | TEXT, ...size]), bytes]);
}

/** Unmasks the data that a client sends. */
function firstFrameOf(bytes: Buffer): { isClose: boolean; text: string; size: number } {
  const [head = 0, second = 0] = bytes;
  const end = 6 + (second & 0x7f);
  const mask = bytes.subarray(2, 6);
  const text = Buffer.from(bytes.subarray(6, end).map((byte, i) => byte ^ (mask[i % 4] ?? 0))).toString();
  return { isClose: (head & 0x0f) === CLOSE, text, size: end };
}
