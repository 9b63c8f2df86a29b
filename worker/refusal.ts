import type { ProblemCode } from "../contract/own-answer.ts";

/** A refusal in transit from the object to the Worker. RPC does not keep an error's class. */
export interface RefusedParts {
  readonly status: number;
  readonly code: ProblemCode;
  readonly message: string;
}

/** A refused request. `message` is one sentence for the person whose client sent it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: ProblemCode,
    message: string,
    { headers = {}, cause }: { headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  get parts(): RefusedParts {
    const { status, code, message } = this;
    return { status, code, message };
  }
}

export function invalid(sentence: string): Refusal {
  return new Refusal(400, "invalid_request", sentence);
}

export function forbidden(sentence: string): Refusal {
  return new Refusal(403, "forbidden", sentence);
}

export function unauthorized(sentence: string): Refusal {
  return new Refusal(401, "unauthorized", sentence);
}

export function notFound(sentence: string): Refusal {
  return new Refusal(404, "not_found", sentence);
}
