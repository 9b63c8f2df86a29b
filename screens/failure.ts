import { PhotonError, type PhotonErrorCode } from "../client/bridge/photon-error.ts";
import { cleanLine } from "../client/text/clean-text.ts";

/** The command line itself is wrong or incomplete: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The API's codes, and those that only a command can fail with. */
export type FailureCode =
  | PhotonErrorCode
  | "cancelled"
  | "no_capsule"
  | "no_conversation"
  | "not_applied"
  | "not_declined"
  | "refused";

/** A command that did not do its work. The message includes what to do next; no advice is added to it. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An error as it is printed: one line that includes what to do next. */
export interface Failure {
  readonly message: string;
  /** A {@link FailureCode}, `usage`, or `unexpected`. */
  readonly code: string;
  readonly exitCode: 1 | 2;
}

/** The one place where an error becomes words for a person. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { message: oneLine(error.message), code: "usage", exitCode: 2 };
  if (error instanceof CommandFailed) return { message: oneLine(error.message), code: error.code, exitCode: 1 };
  if (error instanceof PhotonError) {
    return { message: oneLine(`${error.message} ${adviceFor(error)}`), code: error.code, exitCode: 1 };
  }
  return { message: `Something unexpected failed: ${wordsOf(error)}`, code: "unexpected", exitCode: 1 };
}

/** Prints only the system's messages about files and processes. Others, above all a parser's, may quote their input. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return "an error without a name.";
  return "syscall" in error ? oneLine(error.message) : `${oneLine(error.name)}. PHOTON_DEBUG=1 shows where.`;
}

function adviceFor({ code, retryAfterMs }: PhotonError): string {
  switch (code) {
    case "not_set_up":
      return "Run `photon join <line>`, with a line that `photon invite` prints on a joined machine; on the first machine, `photon setup`.";
    case "unauthorized":
      return "Run `photon join <line>`, with a line that `photon invite` prints on a joined machine; on a machine that never joined, `photon setup` with the bridge's key.";
    case "offline":
    case "internal":
    case "not_configured":
      return "`photon doctor` finds the cause.";
    case "rate_limited":
    case "store_unavailable":
      return retryAfterMs === undefined ? "Try again later." : `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
    case "not_found":
      return "`photon inbox --all` lists the messages.";
    default:
      return "";
  }
}

function oneLine(message: string): string {
  return cleanLine(message, 600);
}
