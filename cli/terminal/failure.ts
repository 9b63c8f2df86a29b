import { CommanderError } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { cleanLine, cleanText } from "../../client/text/clean-text.ts";
import { CommandFailed } from "./command-failed.ts";
import { UsageError } from "./usage-error.ts";

/** An error as it is told: one line, what to do next included. */
export interface Failure {
  readonly message: string;
  /** A {@link PhotonError}'s own code, `usage`, or `unexpected`. */
  readonly code: string;
  readonly exitCode: 1 | 2;
}

/** The one place where the CLI turns an error into words. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { message: oneLine(error.message), code: "usage", exitCode: 2 };
  if (error instanceof CommanderError) {
    // `--key=…` is no flag, but what stands behind it may be the key all the same.
    const message = error.message.replace(/^error: /, "").replace(/(unknown option '[^'=]*)=.*'/s, "$1'");
    return { message: oneLine(message), code: "usage", exitCode: 2 };
  }
  if (error instanceof CommandFailed) return { message: oneLine(error.message), code: error.code, exitCode: 1 };
  if (error instanceof PhotonError) {
    return { message: oneLine(`${error.message} ${adviceFor(error)}`), code: error.code, exitCode: 1 };
  }
  return { message: `Something unexpected failed: ${wordsOf(error)}`, code: "unexpected", exitCode: 1 };
}

/** The system's own words about a file or a process. Another error, a parser's above all, may quote what it was given. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return "an error without a name.";
  return "syscall" in error ? oneLine(error.message) : `${oneLine(error.name)}. PHOTON_DEBUG=1 shows where.`;
}

/** Where it was thrown, and why; for `PHOTON_DEBUG=1`. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const cause = error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause) || String(error.cause)}`;
  return cleanText(`${error.stack ?? ""}${cause}`);
}

function adviceFor({ code, retryAfterMs }: PhotonError): string {
  switch (code) {
    case "not_set_up":
      return "Run `photon setup`.";
    case "unauthorized":
      return "`photon join <line>` lets this machine in (a machine that has joined prints the line with `photon invite`), or `photon setup` with the bridge's key.";
    case "offline":
    case "internal":
    case "not_configured":
      return "`photon doctor` finds the cause.";
    case "rate_limited":
    case "store_unavailable":
      return retryAfterMs === undefined ? "Try again later." : `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
    case "not_found":
      return "`photon inbox --all` lists what there is.";
    default:
      return "";
  }
}

function oneLine(message: string): string {
  return cleanLine(message, 600);
}
