import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";

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
