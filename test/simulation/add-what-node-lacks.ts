import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Adds the APIs that only Workers have: one to compare keys, and one to answer sockets while the object sleeps. Digests
 * become synchronous, because waiting for Node's other thread would make a simulation of many requests too slow.
 *
 * @returns a function that removes them
 */
export function addWhatNodeLacks(): () => void {
  const { subtle } = crypto;
  const digest = subtle.digest;
  Object.assign(subtle, {
    timingSafeEqual: (a: ArrayBuffer, b: ArrayBuffer) => timingSafeEqual(new Uint8Array(a), new Uint8Array(b)),
    digest: async (algorithm: string, data: Uint8Array) => {
      const bytes = createHash(algorithm.replace("-", "").toLowerCase()).update(data).digest();
      return new Uint8Array(bytes).buffer;
    },
  });
  Object.assign(globalThis, { WebSocketRequestResponsePair: class {} });
  return () => {
    Object.assign(subtle, { digest });
    Reflect.deleteProperty(subtle, "timingSafeEqual");
    Reflect.deleteProperty(globalThis, "WebSocketRequestResponsePair");
  };
}
