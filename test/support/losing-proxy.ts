import { createServer, request, type Server } from "node:http";

/** Stands before a bridge and lets every request through, but cuts the connection instead of passing on some answers. */
export class LosingProxy {
  /** How many answers to messages sent it loses from now on. */
  answersToLose = 0;
  /** How many it has lost. */
  lost = 0;
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(bridgeUrl: string): Promise<LosingProxy> {
    const server = createServer((incoming, outgoing) => {
      const { method, url, headers } = incoming;
      const forwarded = request(`${bridgeUrl}${url}`, { method, headers, agent: false }, (answer) => {
        if (method === "POST" && url === "/messages" && proxy.answersToLose > 0) {
          proxy.answersToLose--;
          proxy.lost++;
          answer.resume();
          // Not before the bridge has answered whole: the message is stored.
          answer.on("end", () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on("error", () => incoming.socket.destroy());
      incoming.pipe(forwarded);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
    const proxy = new LosingProxy(server, address.port);
    return proxy;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
