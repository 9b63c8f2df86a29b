import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** The far end of the network: how a bridge, or something else at its address, may answer. */
export type Behaviour = "hangs" | "drips" | "closes" | { readonly status: number; readonly body: string };

export interface BridgeStandIn {
  readonly url: string;
  readonly requests: IncomingMessage[];
  behaviour: Behaviour;
  close(): Promise<void>;
}

export async function startBridge(behaviour: Behaviour): Promise<BridgeStandIn> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const { behaviour } = bridge;
    if (behaviour === "hangs") return;
    if (behaviour === "closes") {
      request.socket.destroy();
    } else if (behaviour === "drips") {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 50);
      response.on("close", () => clearInterval(drip));
    } else {
      const { status, body } = behaviour;
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the stand-in has no port");
  const bridge: BridgeStandIn = {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    behaviour,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return bridge;
}
