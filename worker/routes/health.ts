import { version } from "../../package.json";
import type { Handler } from "./handler.ts";

export const health: Handler<"health"> = async ({ now, openLive }) => ({
  status: "ok",
  timestamp: new Date(now()).toISOString(),
  version,
  live: openLive !== null,
});
