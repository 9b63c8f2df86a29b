import type { Problem } from "../../contract/problem.ts";
import { Refusal } from "../refusal.ts";

/** How long a client waits before it asks again when the object or KV does not answer. */
const UNAVAILABLE_RETRY_SECONDS = 60;

/** What is answered when the object, or KV for a text that only KV has, cannot be used now. Repeating the request is safe. */
export function unavailable(cause: unknown): Refusal {
  const sentence = "The store of the bridge cannot be used now; nothing is lost, try again later.";
  const headers = { "retry-after": String(UNAVAILABLE_RETRY_SECONDS) };
  return new Refusal(503, "store_unavailable", sentence, { headers, cause });
}

/** The one place where an error becomes an answer. An unexpected error is logged, and its words are not sent. */
export function renderRefusal(error: unknown): Response {
  const { status, code, message, headers } = asRefusal(error);
  const challenge: Record<string, string> = status === 401 ? { "www-authenticate": "Bearer" } : {};
  return Response.json({ error: message, code } satisfies Problem, { status, headers: { ...challenge, ...headers } });
}

function asRefusal(error: unknown): Refusal {
  if (!(error instanceof Refusal)) {
    log(error);
    return new Refusal(500, "internal", "The bridge failed.");
  }
  if (error.cause !== undefined) log(error.cause);
  return error;
}

/** Names and words of errors only: they come from this code and from Cloudflare, which do not put mail into them. */
function log(error: unknown): void {
  console.error(error instanceof Error ? (error.stack ?? error.name) : typeof error);
}
