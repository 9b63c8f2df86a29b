import type { Socket } from "node:net";
import { NetworkFailure, networkFailure } from "./network-failure.ts";

/** Waits for an event. If the socket fails or ends first, or the signal is aborted, destroys it and throws. */
export function happens(socket: Socket, event: "secureConnect" | "readable", signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      signal.removeEventListener("abort", onAbort);
      socket.off(event, onEvent).off("error", fail).off("close", onClose);
    };
    const onEvent = () => {
      end();
      resolve();
    };
    const fail = (error: unknown) => {
      end();
      socket.on("error", () => undefined).destroy();
      reject(networkFailure(error));
    };
    const onClose = () => fail(new NetworkFailure("cut"));
    const onAbort = () => fail(signal.reason);
    socket.on(event, onEvent).on("error", fail).on("close", onClose);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}
