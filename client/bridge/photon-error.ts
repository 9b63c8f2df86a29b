import type { ProblemCode } from "../../contract/own-answer.ts";

/** `offline`: the bridge gave no answer. `not_set_up`: this machine does not know the bridge or the key. */
export type PhotonErrorCode = ProblemCode | "offline" | "not_set_up";

interface PhotonErrorOptions extends ErrorOptions {
  /** How long the bridge asked to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/**
 * A failed call to the bridge; the code tells the caller what to do next. Its message is one of Photon's own sentences
 * and never contains text of a message or anything else from the bridge.
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

  /** Whether the same message with the same id may succeed later, so that it stays in the outbox. */
  get retryable(): boolean {
    return !PERMANENT.has(this.code);
  }
}

/** The bridge will never accept the message itself. A wrong key is not permanent, because a person can fix it. */
const PERMANENT: ReadonlySet<PhotonErrorCode> = new Set(["invalid_request", "too_large", "unsupported_media_type"]);
