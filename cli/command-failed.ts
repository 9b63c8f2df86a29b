import type { PhotonErrorCode } from "../client/photon-error.ts";

/** A command that did not do its work. The message says everything, what to do next included: nothing is added to it. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly code: PhotonErrorCode | "cancelled";

  constructor(code: PhotonErrorCode | "cancelled", message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
