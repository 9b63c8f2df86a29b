import { AsyncLocalStorage } from "node:async_hooks";

/** The usage of one run of the Worker, or of one alarm of the object. */
export interface Invocation {
  /** KV operations; a bulk read is one. */
  kvOperations: number;
  /** Reads of KV that threw. */
  failedReads: number;
  /** Calls of the object, and those that it did not answer. */
  objectCalls: number;
  failedObjectCalls: number;
}

/** KV operations that Cloudflare's free plan allows per invocation. */
const MAX_KV_OPERATIONS = 50;

const running = new AsyncLocalStorage<Invocation>();

/** Runs something as a separate invocation. @returns its result and its usage */
export async function invoke<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly used: Invocation }> {
  const used: Invocation = { kvOperations: 0, failedReads: 0, objectCalls: 0, failedObjectCalls: 0 };
  return { result: await running.run(used, run), used };
}

/** The current invocation, if any. */
export function currentInvocation(): Invocation | undefined {
  return running.getStore();
}

/** @throws if the invocation has used up its operations, as Cloudflare does */
export function countKvOperation(): void {
  const invocation = running.getStore();
  if (invocation && ++invocation.kvOperations > MAX_KV_OPERATIONS)
    throw new Error("Too many API requests by single Worker invocation.");
}
