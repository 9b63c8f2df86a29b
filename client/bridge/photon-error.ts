import type { ProblemCode } from "../../contract/problem.ts";

/** `offline`: the bridge gave no answer. `not_set_up`: this machine does not know the bridge or the key. */
export type PhotonErrorCode = ProblemCode | "offline" | "not_set_up";

interface PhotonErrorOptions extends ErrorOptions {
  /** How long the bridge asked to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/**
 * A call to the bridge that did not succeed, sorted by what the caller should do next. Its message is one sentence of this
 * machine's own making: it never holds text of a message, nor anything else that the bridge wrote.
 */
export class PhotonError extends Error {
  override readonly name = "PhotonError";
  readonly code: PhotonErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: PhotonErrorCode, message: string, options: PhotonErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same message under the same id may succeed later, so that it waits in the outbox. */
  get retryable(): boolean {
    return !PERMANENT.has(this.code);
  }
}

/** The bridge has looked at the message itself and will never take it. A wrong key is not among these: keys get fixed. */
const PERMANENT: ReadonlySet<PhotonErrorCode> = new Set(["invalid_request", "too_large", "unsupported_media_type"]);
