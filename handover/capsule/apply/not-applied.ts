import { printable } from "../file-names.ts";

/** Why a capsule was not applied, as a sentence for a person. Nothing was changed. */
export class NotApplied extends Error {
  override readonly name = "NotApplied";

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}

export const UNPACKS_TO_TOO_MUCH = "The capsule unpacks to more than a session's work can be.";
