import { Agent, WebSocket } from "undici";
import { dial } from "../network/dial.ts";
import { networkFailure } from "../network/network-failure.ts";
import { proxyFor } from "../network/proxy.ts";

/** Opens a WebSocket over connections like those of every request: the same proxy, certificates and timeout. */
export function openWebSocket(url: URL, headers: Readonly<Record<string, string>>): WebSocket {
  const ended = new AbortController();
  const agent = new Agent({
    connect: ({ protocol, hostname, port }, callback) => {
      const host = hostname.includes(":") ? `[${hostname}]` : hostname; // undici removes the brackets of IPv6
      connectTo(new URL(`${protocol}//${host}:${port}`), ended.signal).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(networkFailure(error), null),
      );
    },
  });
  const socket = new WebSocket(url, { headers: { ...headers }, dispatcher: agent });
  socket.addEventListener("close", () => {
    ended.abort(); // it may still be connecting
    void agent.destroy();
  });
  return socket;
}

async function connectTo(address: URL, signal: AbortSignal) {
  return dial(address, { proxy: proxyFor(address), isTunnel: true, signal });
}
