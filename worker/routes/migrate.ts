import { Refusal } from "../refusal.ts";
import { requireOwner } from "../rights.ts";
import { migratePage } from "../store/migrate.ts";
import type { Handler } from "./handler.ts";

export const migrate: Handler<"migrate"> = async ({ body, caller, migration }) => {
  requireOwner(caller, "move the messages");
  if (migration === null) {
    throw new Refusal(404, "not_found", "This bridge keeps its messages in KV: there is nothing to move them to.");
  }
  return migratePage(migration.from, migration.to, body.cursor);
};
