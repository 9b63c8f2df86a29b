import type { Routes } from "../../contract/api.ts";
import type { ProblemCode } from "../../contract/own-answer.ts";

/**
 * Why the bridge refused a request, in our own words. The bridge's sentence in `error` is for people who call the API by
 * hand. It is never shown or stored here, because a dishonest bridge, or another server at its address, could write
 * anything there.
 */
export function refusalSentence(route: keyof Routes, code: ProblemCode): string {
  return OF_ROUTE[route]?.[code] ?? OF_CODE[code];
}

const OTHER_VERSION = "The bridge did not accept this request. It may run another version of Photon.";

const OF_CODE: Readonly<Record<ProblemCode, string>> = {
  invalid_request: OTHER_VERSION,
  method_not_allowed: OTHER_VERSION,
  unsupported_media_type: OTHER_VERSION,
  unauthorized:
    "The bridge does not accept this machine's key: it is wrong or switched off, or this machine was removed.",
  forbidden: "The bridge does not allow this machine to do that.",
  not_found: "The bridge does not have what was requested.",
  conflict: "The bridge already has something else with that name.",
  too_large: "The bridge refused it because it is too large.",
  rate_limited: "The bridge gets too many requests from this machine at the moment.",
  quota_exceeded:
    "This machine's space on the bridge is used up. Messages expire there after 30 days and capsules after 14.",
  not_configured: "The bridge is not completely set up: it lacks its key or its Durable Object.",
  wrong_host:
    "The bridge does not answer to the host name in its address. Use an IP address, or start the bridge with `--name` and that name.",
  store_unavailable: "The bridge cannot use its store at the moment.",
  internal: "The bridge failed.",
};

const NO_MESSAGE = { not_found: "The bridge has no message with that id." };
const NOT_THIS_NAME = {
  forbidden:
    "The bridge does not let this key act for a machine with this name: a machine that joined has reserved it. If that is this machine and BRIDGE_API_KEY is set here, unset BRIDGE_API_KEY; otherwise choose another name: `photon setup --machine <name>`.",
};
const OWNERS_ONLY = { forbidden: "Only an owner may do that." };
const JOINED_ONLY = { forbidden: "Only a machine that has joined may see this." };
const NO_INVITATION = {
  forbidden: "This invitation has expired, was already used, or is invalid. Create a new one with `photon invite`.",
};
const LIST_CHANGE = {
  invalid_request: "The bridge did not accept this change of the machine list. This machine's clock may be wrong.",
  conflict: "Another machine changed the machine list at the same time. Try again.",
};
/** This machine checks every other rule itself before it asks. */
const NO_CHANGE = {
  forbidden:
    "The bridge does not allow this change of the machine list. If it is a new name, a machine with the shared key may use it: choose another one, or let that machine join.",
};

/** More specific sentences per route. */
const OF_ROUTE: { readonly [Route in keyof Routes]?: Partial<Record<ProblemCode, string>> } = {
  sendMessage: NOT_THIS_NAME,
  listMessages: NOT_THIS_NAME,
  unread: NOT_THIS_NAME,
  markShown: NOT_THIS_NAME,
  markManyRead: NOT_THIS_NAME,
  markResumed: NOT_THIS_NAME,
  getMessage: { ...NOT_THIS_NAME, ...NO_MESSAGE },
  markRead: { ...NOT_THIS_NAME, ...NO_MESSAGE },
  deleteMessage: OWNERS_ONLY,
  clearMessages: OWNERS_ONLY,
  archive: OWNERS_ONLY,
  auditLog: JOINED_ONLY,
  getCapsule: { not_found: "The bridge no longer has this capsule." },
  invitation: NO_INVITATION,
  join: { ...NO_INVITATION, ...LIST_CHANGE },
  extendMachineList: { ...LIST_CHANGE, ...NO_CHANGE },
};
