import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A SOCKS 5 proxy on this computer that leads every name to one server. */
export class SocksProxy {
  /** The names and passwords that it was given. */
  readonly asked: string[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param password - `name:password` that it asks for @param reply - 0 if it connects */
  static async to(targetPort: number, password: string | null = null, reply = 0): Promise<SocksProxy> {
    const server = createServer(async (socket) => {
      proxy.#sockets.add(socket.on("error", () => socket.destroy()));
      const next = async () => Buffer.from((await once(socket, "data"))[0]);
      await next();
      socket.write(Buffer.from([5, password === null ? 0 : 2]));
      if (password !== null) {
        const login = await next();
        const size = login[1] ?? 0;
        const given = `${login.subarray(2, 2 + size)}:${login.subarray(3 + size)}`;
        proxy.asked.push(given);
        socket.write(Buffer.from([1, given === password ? 0 : 1]));
        if (given !== password) return;
      }
      const wanted = await next();
      proxy.asked.push(`${wanted.subarray(5, -2)}:${wanted.readUInt16BE(wanted.length - 2)}`);
      socket.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
      if (reply !== 0) return;
      const target = connect(targetPort, "127.0.0.1", () => target.pipe(socket).pipe(target));
      proxy.#sockets.add(target.on("error", () => socket.destroy()));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const proxy = new SocksProxy(server);
    return proxy;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
