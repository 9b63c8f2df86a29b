import { StoreUnavailable } from "../message-store.ts";

/** Turns whatever KV throws into the one thing that callers can act on: try later. */
export async function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new StoreUnavailable("Workers KV did not do what was asked.", { cause });
  }
}
