import * as z from "zod";
import type { PhotonErrorCode } from "../../client/bridge/photon-error.ts";
import type { Delivery } from "../../client/mail/outbox-delivery.ts";
import type { CliContext } from "../context.ts";
import { isCi } from "../terminal/ci.ts";
import { requirePerson } from "../terminal/person-only.ts";

// What `photon send` and `photon handover --send` share.

/** Identifies a finding of the scan for secrets. */
export const FindingCode = z.string().regex(/^[0-9a-f]{8}$/, "must be the code of a finding: 8 hexadecimal digits");

/** Only a person may decide that something that looks like a secret is not one. @throws CommandFailed */
export function allowedBy({ env }: CliContext, codes: readonly string[]): readonly string[] {
  if (codes.length > 0) requirePerson(env, "--allow");
  return codes;
}

/** For `--json`: for whom a message was encrypted. Empty if this machine has not joined, or if it is not known. */
export function encryptionJson(delivery: Delivery): Record<string, unknown> {
  if (delivery.state !== "stored" || !delivery.encryptedFor) return {};
  const { encryptedFor, leftOut = [] } = delivery;
  return { encryptedFor, ...(leftOut.length > 0 && { leftOut }) };
}

/** Without these, no retry helps: the key is refused or does not allow this message, or this machine is not set up. */
const NEEDS_PERSON = ["unauthorized", "forbidden", "not_set_up"] as const;
type NeedsPerson = (typeof NEEDS_PERSON)[number];

/** Whether retrying is useless until a person acts. */
export function needsPerson(code: PhotonErrorCode | null): code is NeedsPerson {
  return NEEDS_PERSON.some((known) => known === code);
}

/** Whether something that is only queued counts as done; `--queue` says so. */
export interface Queueing {
  readonly queue?: true;
}

/** For the help of a command. */
export const QUEUE_OPTION = ["--queue", "in CI: succeed even if it is only queued on this machine"] as const;

/**
 * Why a queued message is a failure here, as the sentences for stderr; null if it is none, because Photon retries.
 *
 * @param reason - why it is not sent
 */
export function whyQueuedFails(
  { env }: Pick<CliContext, "env">,
  reason: string,
  code: PhotonErrorCode | null,
  { queue }: Queueing,
): string | null {
  if (needsPerson(code)) return notSent(reason, code);
  if (queue || !isCi(env)) return null;
  return `Not sent: ${reason} It is only queued on this machine, and in CI nothing may be left to send it later. If this disk is kept, add --queue.`;
}

function notSent(reason: string, code: NeedsPerson): string {
  switch (code) {
    case "forbidden":
      return `Not sent: ${reason} The message stays on this machine.`;
    case "not_set_up":
      return `Not sent: ${reason} The message stays on this machine and is sent after \`photon setup\`.`;
    case "unauthorized":
      return (
        `Not sent: ${reason} The message stays on this machine and is sent once the bridge accepts the key. ` +
        "Run `photon join <line>` here, with a line that `photon invite` prints on a joined machine; `photon setup` corrects a mistyped key."
      );
  }
}

/** What happens to queued messages. */
export const RETRIES = "Photon retries until the bridge has it.";

/** Explains a message that the bridge refused permanently. */
export function refusedText(reason: string): string {
  return `Not sent, and Photon will not retry: ${reason}`;
}
