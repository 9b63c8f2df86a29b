import type { Problem } from "../../contract/problem.ts";
import { Refusal } from "../refusal.ts";

/** How long clients should wait before they retry when the object or KV is unavailable. */
const UNAVAILABLE_RETRY_SECONDS = 60;

/** The refusal if the object, or KV for data that only KV has, is unavailable. Repeating the request is safe. */
export function unavailable(cause: unknown): Refusal {
  const sentence = "The bridge cannot reach its storage right now. Nothing is lost; try again later.";
  const headers = { "retry-after": String(UNAVAILABLE_RETRY_SECONDS) };
  return new Refusal(503, "store_unavailable", sentence, { headers, cause });
}

/** The only place where an error becomes an answer. Unexpected errors are logged, and their messages are not sent. */
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

/** Logs only errors' names, messages and stacks. They come from this code and from Cloudflare, which put no mail into them. */
function log(error: unknown): void {
  console.error(error instanceof Error ? (error.stack ?? error.name) : typeof error);
}
