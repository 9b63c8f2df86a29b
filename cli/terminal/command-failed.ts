import type { PhotonErrorCode } from "../../client/bridge/photon-error.ts";

/** Beside the codes of the API, what only a command can say. */
export type FailureCode = PhotonErrorCode | "cancelled" | "no_capsule" | "not_applied" | "refused";

/** A command that did not do its work. The message says everything, what to do next included: nothing is added to it. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
