import { env } from "cloudflare:workers";
import type { Env } from "../../../worker/env.ts";

export interface Calls {
  /** Requests to the object. */
  readonly object: number;
  /** Operations on KV by the Worker. */
  readonly kv: number;
}

/**
 * The Worker's bindings, with counters for calls to the object and KV. Each call of `calls` resets the counters.
 *
 * @param onObject - called before each request to the object
 */
export function countCalls(onObject: () => void = () => {}): { bindings: Env; calls: () => Calls } {
  let [object, kv] = [0, 0];
  const countObject = () => {
    object++;
    onObject();
  };
  const bindings: Env = {
    ...env,
    BRIDGE: counted(env.BRIDGE, (stub) => counted(stub, (result) => result, countObject)),
    MESSAGES: counted(
      env.MESSAGES,
      (result) => result,
      () => kv++,
    ),
  };
  const calls = () => {
    const spent = { object, kv };
    [object, kv] = [0, 0];
    return spent;
  };
  return { bindings, calls };
}

/** A proxy that counts method calls and wraps their results. */
function counted<T extends object>(target: T, wrap: (result: never) => unknown, count: () => void = () => {}): T {
  const plain: object = target;
  return new Proxy(target, {
    get:
      (_, name) =>
      (...values: unknown[]) => {
        count();
        return wrap(Reflect.apply(Reflect.get(plain, name), plain, values) as never);
      },
  });
}
