import type { Handler } from "./handler.ts";
import { requiredReader } from "./reader.ts";

export const unread: Handler<"unread"> = async ({ query, store }) => store.unread(requiredReader(query.reader));
