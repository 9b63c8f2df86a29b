import { parseAddress } from "../contract/address.ts";
import type { Caller } from "./caller.ts";
import { Refusal } from "./refusal.ts";

/**
 * Makes sure that nobody sends, reads or marks as another machine.
 *
 * @param party - `mac` or `mac/photon`; undefined: the request names nobody
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
    "A machine of this name has joined and has a key of its own: the shared key does not speak for it. A BRIDGE_API_KEY in its environment, or the plugin's option, may be in the way.",
  );
}

/** @param what - what is done, as "clear the mailbox" @throws Refusal 403 unless an owner asks, or nobody has joined yet */
export function requireOwner(caller: Caller, what: string): void {
  if (caller.kind === "machine" ? caller.isOwner : caller.joinedNames.length === 0) return;
  throw forbidden(`Only a machine that is an owner may ${what}.`);
}

/** @throws Refusal 403 unless the machine that sent a message asks, an owner, or nobody has joined yet */
export function requireSenderOrOwner(caller: Caller, from: string): void {
  if (caller.kind === "machine" && caller.names.includes((parseAddress(from)?.machine ?? "").toLowerCase())) return;
  requireOwner(caller, "delete what another machine has sent");
}

/** @throws Refusal 403 for the shared key, once a machine has joined */
export function requireMachine(caller: Caller): void {
  if (caller.kind === "machine" || caller.joinedNames.length === 0) return;
  throw forbidden("Only a machine that has joined may see this.");
}

function forbidden(sentence: string): Refusal {
  return new Refusal(403, "forbidden", sentence);
}
