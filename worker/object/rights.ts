import { parseAddress } from "../../contract/address.ts";
import { forbidden } from "../refusal.ts";
import type { Caller } from "./caller.ts";

/**
 * Requires that a caller sends, reads and marks only as itself.
 *
 * @param party - the sender or reader in the request, `mac` or `mac/photon`; undefined if it names none
 * @throws Refusal 403
 */
export function requireSelf(caller: Caller, party: string | undefined): void {
  if (party === undefined) return;
  const machine = (parseAddress(party)?.machine ?? party).toLowerCase();
  if (caller.kind === "machine") {
    if (caller.names.includes(machine)) return;
    throw forbidden(`This key belongs to ${caller.name}. It cannot send, read or mark as another machine.`);
  }
  if (!caller.joinedNames.includes(machine)) return;
  throw forbidden(
    "A machine with this name has joined with its own key, so the shared key cannot act for it. On that machine, unset BRIDGE_API_KEY.",
  );
}

/**
 * @param what - the act, such as "clear the mailbox"
 * @throws Refusal 403 unless the caller is an owner or no machine has joined yet
 */
export function requireOwner(caller: Caller, what: string): void {
  if (caller.kind === "machine" ? caller.isOwner : caller.joinedNames.length === 0) return;
  throw forbidden(`Only an owner may ${what}.`);
}

/** @throws Refusal 403 unless the caller is the message's sender or an owner, or no machine has joined yet */
export function requireSenderOrOwner(caller: Caller, from: string): void {
  if (caller.kind === "machine" && caller.names.includes((parseAddress(from)?.machine ?? "").toLowerCase())) return;
  requireOwner(caller, "delete messages of other machines");
}

/** @throws Refusal 403 for the shared key once a machine has joined */
export function requireMachine(caller: Caller): void {
  if (caller.kind === "machine" || caller.joinedNames.length === 0) return;
  throw forbidden("Only a machine that has joined may see this.");
}
