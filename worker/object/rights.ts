import { parseAddress } from "../../contract/address.ts";
import { forbidden } from "../refusal.ts";
import type { Caller } from "./caller.ts";

/**
 * Makes sure that a caller sends, reads and marks only as itself.
 *
 * @param party - `mac` or `mac/photon`; undefined when the request names nobody
 * @throws Refusal 403
 */
export function requireSelf(caller: Caller, party: string | undefined): void {
  if (party === undefined) return;
  const machine = (parseAddress(party)?.machine ?? party).toLowerCase();
  if (caller.kind === "machine") {
    if (caller.names.includes(machine)) return;
    throw forbidden(`This key is ${caller.name}'s: it cannot send, read or mark as another machine.`);
  }
  if (!caller.joinedNames.includes(machine)) return;
  throw forbidden(
    "A machine of this name has, or had, joined with its own key, and the shared key cannot act for it. On that machine, unset BRIDGE_API_KEY, also in the plugin's options.",
  );
}

/**
 * @param what - the act, such as "clear the mailbox"
 * @throws Refusal 403 unless an owner asks, or no machine has joined yet
 */
export function requireOwner(caller: Caller, what: string): void {
  if (caller.kind === "machine" ? caller.isOwner : caller.joinedNames.length === 0) return;
  throw forbidden(`Only a machine that is an owner may ${what}.`);
}

/** @throws Refusal 403 unless the sender of the message or an owner asks, or no machine has joined yet */
export function requireSenderOrOwner(caller: Caller, from: string): void {
  if (caller.kind === "machine" && caller.names.includes((parseAddress(from)?.machine ?? "").toLowerCase())) return;
  requireOwner(caller, "delete messages of other machines");
}

/** @throws Refusal 403 for the shared key, once a machine has joined */
export function requireMachine(caller: Caller): void {
  if (caller.kind === "machine" || caller.joinedNames.length === 0) return;
  throw forbidden("Only a machine that has joined may see this.");
}
