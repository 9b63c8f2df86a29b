import { Refusal } from "../refusal.ts";
import { requireSelf } from "../rights.ts";
import type { Handler } from "./handler.ts";

export const live: Handler<"live"> = async ({ query, caller, installation = "", openLive, isUpgrade }) => {
  if (openLive === null) {
    throw new Refusal(404, "not_found", "This bridge keeps its messages in KV and has no live connection.");
  }
  if (!isUpgrade) throw new Refusal(400, "invalid_request", "This path is for a WebSocket: `Upgrade: websocket`.");
  const { machine, cursor = "" } = query;
  requireSelf(caller, machine);
  return openLive({ machine, cursor, installation });
};
