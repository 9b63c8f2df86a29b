import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect, type Socket } from "node:net";

/** An answer as from a proxy, a quota limit or a broken bridge. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What happens to a request on its way to the bridge, and to the answer on its way back. */
export interface Treatment {
  /** Awaited before the bridge gets the request. */
  readonly before?: () => unknown;
  /** Given to the client in place of sending the request; `cut` closes the connection. */
  readonly instead?: FakeAnswer | "cut";
  /** Awaited after the bridge's complete answer (so a message is stored), before the client gets it. */
  readonly after?: () => unknown;
  /** Given to the client in place of the bridge's answer. */
  readonly answer?: FakeAnswer | "cut";
}

export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

export const isSend = ({ method, path }: SeenRequest) => method === "POST" && path === "/messages";

/** Whether a request sends receipts. */
export const isMark = ({ method, path }: SeenRequest) => method === "POST" && path.startsWith("/messages/");

/**
 * A proxy between the machines and a bridge that disturbs the traffic on demand. At first everything passes. A new socket
 * is cut if its request would be disturbed; open sockets stay open.
 */
export class FaultyNetwork {
  /** Called for each request; if it returns nothing, the request passes. */
  treat: (request: SeenRequest) => Treatment | undefined = () => undefined;
  /** How many requests were disturbed. */
  disturbed = 0;
  /** Requests in progress, including those whose client has given up. */
  underWay = 0;
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(bridgeUrl: string): Promise<FaultyNetwork> {
    const server = createServer((incoming, outgoing) => {
      network.underWay++;
      void carry(incoming, outgoing).finally(() => network.underWay--);
    });
    const carry = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", () => undefined);
      await new Promise((resolve) => incoming.on("close", resolve).on("end", resolve));
      const { method = "", url = "", headers } = incoming;
      const give = (answer: FakeAnswer | "cut") => {
        if (answer === "cut") incoming.socket.destroy();
        else outgoing.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? "");
      };
      const treatment = network.treat({ method, path: url.split("?")[0] ?? "" });
      if (treatment) network.disturbed++;
      await treatment?.before?.();
      if (treatment?.instead !== undefined) return give(treatment.instead);
      try {
        const answer = await forward(`${bridgeUrl}${url}`, method, headers, Buffer.concat(chunks));
        await treatment?.after?.();
        if (treatment?.answer !== undefined) give(treatment.answer);
        else outgoing.writeHead(answer.status, answer.headers).end(answer.body);
      } catch {
        incoming.socket.destroy(); // the bridge is not running
      }
    };
    server.on("upgrade", (incoming, socket: Socket, head) => {
      const { method = "", url = "" } = incoming;
      network.#sockets.add(socket.on("close", () => network.#sockets.delete(socket)).on("error", () => undefined));
      if (network.treat({ method, path: url.split("?")[0] ?? "" }) !== undefined) socket.destroy();
      else tunnel(new URL(bridgeUrl), incoming, socket, head);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The network has no port.");
    const network = new FaultyNetwork(server, address.port);
    return network;
  }

  /** Stops disturbing. */
  heal(): void {
    this.treat = () => undefined;
  }

  /** Closes all connections, so that the next request needs a new one. */
  disconnect(): void {
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.disconnect();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Forwards a socket to the bridge. */
function tunnel(
  { hostname, port }: URL,
  { method, url, rawHeaders }: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const bridge = connect(Number(port), hostname, () => {
    const headers = rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
    bridge.write(`${method} ${url} HTTP/1.1\r\n${headers}\r\n`);
    bridge.write(head);
    bridge.pipe(socket).pipe(bridge);
  });
  bridge.on("error", () => socket.destroy());
  bridge.on("close", () => socket.destroy());
  socket.on("close", () => bridge.destroy());
}

interface WholeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function forward(url: string, method: string, headers: IncomingHttpHeaders, body: Buffer): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const forwarded = request(url, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("aborted", () => reject(new Error("The bridge's answer ended early.")));
      answer.on("end", () => {
        const { connection: _, "transfer-encoding": __, ...rest } = answer.headers;
        resolve({ status: answer.statusCode ?? 502, headers: rest, body: Buffer.concat(chunks) });
      });
    });
    forwarded.on("error", reject);
    forwarded.end(body);
  });
}
