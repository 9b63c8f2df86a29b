import { invalid } from "../refusal.ts";
import type { Handler } from "./handler.ts";
import { openSocket } from "./object.ts";

export const live: Handler<"live"> = async ({ call, env, request }) => {
  const isUpgrade = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!isUpgrade) throw invalid("This path is for a WebSocket: `Upgrade: websocket`.");
  return openSocket(env, request, call);
};
