import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { forbidden } from "../refusal.ts";

/** Forbids browsers to run, frame, sniff or embed an answer. There are no CORS headers, so no web page can read mail. */
export const protectiveHeaders = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: "DENY",
});

/** Keeps mail out of every cache. */
export const noStore = createMiddleware(async (context, next) => {
  await next();
  context.header("cache-control", "no-store");
});

/**
 * Refuses requests of web pages before looking at anything else. Browsers send `Origin` (or `Origin: null`) with every
 * WebSocket and POST of a page, and `Sec-Fetch-Site` with every GET; `none` means that a person typed the address. Photon's
 * clients and curl send neither.
 */
export const refuseWebPages = createMiddleware(async ({ req }, next) => {
  const site = req.header("sec-fetch-site") ?? "none";
  if (req.header("origin") !== undefined || site !== "none") throw forbidden("A web page cannot use the bridge.");
  await next();
});
