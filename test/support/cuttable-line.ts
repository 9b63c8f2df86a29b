import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A proxy between a machine and its bridge that can cut connections or silently lose all data. */
export class CuttableLine {
  readonly url: string;
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  #isSilent = false;
  #isCut = false;
  /** Connections so far. */
  made = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async to(bridgeUrl: string): Promise<CuttableLine> {
    const server = createServer((near) => line.#join(near, Number(new URL(bridgeUrl).port)));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const line = new CuttableLine(server);
    return line;
  }

  /** Closes all connections and refuses new ones until {@link mend}. */
  cut(): void {
    this.#isCut = true;
    for (const end of this.#ends) end.destroy();
  }

  /** Loses all data from now on without closing connections, as when a laptop changes networks. */
  goSilent(): void {
    this.#isSilent = true;
  }

  /** Accepts new connections again. Silent ones stay silent. */
  mend(): void {
    this.#isCut = false;
    this.#isSilent = false;
  }

  async end(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(near: Socket, port: number): void {
    this.made++;
    const far = connect(port, "127.0.0.1");
    let isLost = false;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#ends.add(from);
      from.on("data", (bytes) => {
        isLost ||= this.#isSilent;
        if (!isLost) to.write(bytes);
      });
      from.on("close", () => {
        this.#ends.delete(from);
        if (!isLost) to.destroy();
      });
      from.on("error", () => from.destroy());
    }
    if (this.#isCut) near.destroy();
  }
}
