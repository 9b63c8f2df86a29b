import { CommanderError } from "commander";
import { cleanText } from "../../client/text/clean-text.ts";
import { type Failure, failureOf, UsageError } from "../../screens/failure.ts";

/** {@link failureOf} for an error of a command line, too. */
export function commandFailure(error: unknown): Failure {
  if (!(error instanceof CommanderError)) return failureOf(error);
  // There is no `--key` option, but someone who types `--key=…` all the same must not see the key printed.
  const message = error.message.replace(/^error: /, "").replace(/(unknown option '[^'=]*)=.*'/s, "$1'");
  return failureOf(new UsageError(message));
}

/** Where the error was thrown, and its causes; for `PHOTON_DEBUG=1`. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const cause = error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause) || String(error.cause)}`;
  return cleanText(`${error.stack ?? ""}${cause}`);
}
