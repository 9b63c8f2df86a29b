import type { Problem, ProblemCode } from "../contract/problem.ts";
import { IdTaken, InvalidCursor, StoreUnavailable } from "./store/message-store.ts";

/** How long a client waits before it asks again when KV is out of quota or not answering. */
const STORE_RETRY_SECONDS = 60;

/** A request that is not done, and why. `message` is one sentence, for the person whose client sent it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: ProblemCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The one place where an error becomes an answer. What nobody expected is logged, and told to nobody. */
export function refuse(error: unknown): Response {
  const { status, code, message, headers } = asRefusal(error);
  return Response.json({ error: message, code } satisfies Problem, { status, headers });
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof InvalidCursor || error instanceof IdTaken)
    return new Refusal(400, "invalid_request", error.message);
  // Names and words of errors only: they come from this code and from KV, which do not put mail into them.
  console.error(error instanceof Error ? (error.stack ?? error.name) : typeof error, causeOf(error));
  if (error instanceof StoreUnavailable) {
    const sentence = "The store of the bridge cannot be used now; nothing is lost, try again later.";
    return new Refusal(503, "store_unavailable", sentence, { "retry-after": String(STORE_RETRY_SECONDS) });
  }
  return new Refusal(500, "internal", "The bridge failed.");
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
}
