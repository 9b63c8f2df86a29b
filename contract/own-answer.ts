// How a client knows that an answer is the bridge's own, and not a page of a network, a proxy or Cloudflare. Without zod,
// because the hooks load it.

/** A header of every answer, with the bridge's version. Older bridges lack it: their refusals are known by their codes. */
export const BRIDGE_HEADER = "photon-bridge";

/** Every reason to refuse a request. Codes are added, never renamed: clients act on them. */
export const PROBLEM_CODES = [
  "invalid_request",
  "unauthorized",
  "forbidden",
  "not_found",
  "conflict",
  "method_not_allowed",
  "too_large",
  "unsupported_media_type",
  "rate_limited",
  "quota_exceeded",
  "not_configured",
  "wrong_host",
  "store_unavailable",
  "internal",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];
