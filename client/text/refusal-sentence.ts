import type { Routes } from "../../contract/api.ts";
import type { ProblemCode } from "../../contract/problem.ts";

/**
 * Why the bridge refused, in our own words. The bridge's sentence in `error` is for people who call the API by hand: it is
 * never shown or kept here, because a dishonest bridge, or whatever else answers at its address, can write anything there.
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
  not_found: "The bridge does not have that.",
  conflict: "The bridge has something else under that name already.",
  too_large: "The bridge refused it because it is too large.",
  rate_limited: "The bridge gets too many requests from this machine at the moment.",
  quota_exceeded:
    "This machine's space on the bridge is used up. Messages expire there after 30 days and capsules after 14.",
  not_configured: "The bridge is not completely set up: it lacks its key or its Durable Object.",
  wrong_host:
    "The bridge does not answer to the name in its address here. Use an IP address, or start it with `--name` and that name.",
  store_unavailable: "The bridge cannot use its store at the moment.",
  internal: "The bridge failed.",
};

const NO_MESSAGE = { not_found: "The bridge has no message with that id." };
const NOT_THIS_NAME = {
  forbidden:
    "The bridge does not let this key act for a machine with this name. If this machine has joined with its own key, unset BRIDGE_API_KEY here, also in the plugin's options.",
};
const OWNERS_ONLY = { forbidden: "Only a machine that is an owner may do that." };
const JOINED_ONLY = { forbidden: "Only a machine that has joined may see this." };
const NO_INVITATION = {
  forbidden: "This invitation has expired, was already used, or is invalid. Create a new one.",
};
const LIST_CHANGE = {
  invalid_request: "The bridge did not accept this change of the machine list. The clock of this machine may be wrong.",
  conflict: "Another machine has changed the machine list at the same moment. Try again.",
};
/** Everything else that is forbidden, this machine finds out itself before it asks. */
const NO_CHANGE = {
  forbidden:
    "The bridge does not allow this change of the machine list. A new name must not be one that a machine with the shared key uses: choose another one, or let that machine join.",
};

/** Where a route has more to say than its code. */
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
  getCapsule: { not_found: "The bridge does not have this capsule any more." },
  invitation: NO_INVITATION,
  join: { ...NO_INVITATION, ...LIST_CHANGE },
  extendMachineList: { ...LIST_CHANGE, ...NO_CHANGE },
};
