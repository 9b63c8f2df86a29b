import * as z from "zod";
import type { PhotonErrorCode } from "../../client/bridge/photon-error.ts";
import type { Delivery } from "../../client/mail/outbox-delivery.ts";
import type { CliContext } from "../context.ts";
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

/** Whether retrying is useless until a person acts: the key is refused, or does not allow this message. */
export function needsPerson(code: PhotonErrorCode | null): code is "unauthorized" | "forbidden" {
  return code === "unauthorized" || code === "forbidden";
}

/** Explains a message that {@link needsPerson}. */
export function notSent(reason: string, code: "unauthorized" | "forbidden"): string {
  if (code === "forbidden") return `Not sent: ${reason} The message stays on this machine.`;
  return (
    `Not sent: ${reason} The message stays on this machine and is sent once the bridge accepts the key. ` +
    "Run `photon join <line>` here, with a line that `photon invite` prints on a joined machine; `photon setup` corrects a mistyped key."
  );
}

/** What happens to queued messages. */
export const RETRIES = "Photon retries until the bridge has it.";

/** Explains a message that the bridge refused permanently. */
export function refusedText(reason: string): string {
  return `Not sent, and Photon will not retry: ${reason}`;
}
