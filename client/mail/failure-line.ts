import type { Paths } from "../disk/paths.ts";
import { textField } from "../disk/private-file.ts";
import { addressName } from "../text/names.ts";
import { type FailedMessage, readFailed } from "./outbox-folder.ts";

/** Undeliverable messages that were not reported yet. */
export function unreportedFailures(paths: Paths): FailedMessage[] {
  return readFailed(paths).filter(({ isReported }) => !isReported);
}

/** One line for the person about at least one undeliverable message. @param project - this machine's project */
export function failureLine(failed: readonly FailedMessage[], project: string | null): string {
  const last = failed.at(-1);
  const to = textField(last?.draft, "to");
  const name = to === undefined ? "everyone" : addressName(to, project);
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
  return `Photon: a message to ${name}${more} could not be delivered: ${last?.reason} See \`photon failed\`.`;
}
