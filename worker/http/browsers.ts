import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { forbidden } from "../refusal.ts";

/** No browser may run, frame, sniff or embed an answer. There is no CORS header at all: no web page may read mail. */
export const protectiveHeaders = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: "DENY",
});

/** Mail is kept in no cache on its way. */
export const noStore = createMiddleware(async (context, next) => {
  await next();
  context.header("cache-control", "no-store");
});

/**
 * Refuses what a browser sends for a web page, before anything else of it is looked at: no route is for pages. A page sends its
 * `Origin` (`null`, too) with every WebSocket and every POST, and browsers say in `Sec-Fetch-Site` which site a GET is
 * for; `none` is a person who typed the address. Clients and curl send neither.
 */
export const refuseWebPages = createMiddleware(async ({ req }, next) => {
  const site = req.header("sec-fetch-site") ?? "none";
  if (req.header("origin") !== undefined || site !== "none") throw forbidden("A web page cannot use the bridge.");
  await next();
});
