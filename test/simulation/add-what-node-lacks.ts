import { createHash, timingSafeEqual } from "node:crypto";

/**
 * The Worker compares keys with a function that only Workers have, and the object has sockets answered while it sleeps.
 * Digests are made at once: Node's own come from another thread, which a simulation of many requests waits for too long.
 *
 * @returns takes it away
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
