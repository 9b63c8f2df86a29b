import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A proxy on this computer that leads every name to one server, whatever port was asked for. */
export class TestProxy {
  /** The first line of each request: `CONNECT bridge.test:443`. */
  readonly asked: string[] = [];
  readonly passwords: (string | undefined)[] = [];
  /** `hang` never answers; a number is the status of every answer. */
  refuses: "hang" | "cut" | number | null = null;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket: Socket) => this.#sockets.add(socket.on("error", () => socket.destroy())));
    server.on("request", (asked: IncomingMessage, answer: ServerResponse) => {
      if (this.#isRefused(asked, asked.socket)) return;
      const { pathname, search } = new URL(asked.url ?? "");
      const { method, headers } = asked;
      const forwarded = request(
        { host: "127.0.0.1", port: targetPort, method, path: pathname + search, headers, agent: false },
        (got) => got.pipe(answer.writeHead(got.statusCode ?? 502, got.headers)),
      );
      asked.pipe(forwarded.on("error", () => asked.socket.destroy()));
    });
    server.on("connect", (asked: IncomingMessage, socket: Socket) => {
      if (this.#isRefused(asked, socket)) return;
      const target = connect(targetPort, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n");
        target.pipe(socket).pipe(target);
      });
      this.#sockets.add(target.on("error", () => socket.destroy()));
      socket.on("close", () => target.destroy());
    });
  }

  /** @param pair - with it, the proxy itself speaks TLS */
  static async to(targetPort: number, pair?: { readonly key: string; readonly cert: string }): Promise<TestProxy> {
    const server = pair ? createTlsServer(pair) : createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new TestProxy(server, targetPort);
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #isRefused({ method, url, headers }: IncomingMessage, socket: Socket): boolean {
    this.asked.push(`${method} ${url}`);
    this.passwords.push(headers["proxy-authorization"]);
    if (this.refuses === "cut") socket.destroy();
    else if (typeof this.refuses === "number")
      socket.end(`HTTP/1.1 ${this.refuses} No\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\n<h1>`);
    return this.refuses !== null;
  }
}
