import { version } from "../../package.json";
import type { Handler } from "./handler.ts";

export const health: Handler<"health"> = async ({ now }) => ({
  status: "ok",
  timestamp: new Date(now()).toISOString(),
  version,
});
