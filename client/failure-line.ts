import { type FailedMessage, readFailed } from "./outbox.ts";
import type { Paths } from "./paths.ts";
import { textField } from "./private-file.ts";

/** Messages that could not be delivered, of which nobody was told yet. */
export function untoldFailures(paths: Paths): FailedMessage[] {
  return readFailed(paths).filter(({ isTold }) => !isTold);
}

/** One line for the person about at least one of them. */
export function failureLine(failed: readonly FailedMessage[]): string {
  const last = failed.at(-1);
  const to = plain(textField(last?.draft, "to") ?? "everyone", 170);
  const reason = plain(last?.reason ?? "", 200);
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
  return `Photon: a message to ${to}${more} could not be delivered: ${reason} See \`photon status\`.`;
}

/** Addresses and our bridge's sentences are ASCII; what else a bridge may say is not worth what a hook would load for it. */
function plain(text: string, maxChars: number): string {
  return text.replace(/[^ -~]+/g, " ").slice(0, maxChars);
}
