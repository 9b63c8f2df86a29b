import { requireSelf } from "../rights.ts";
import { type Handler, Tagged } from "./handler.ts";
import { requiredReader } from "./reader.ts";

export const unread: Handler<"unread"> = async ({ query, caller, knownEtag, store }) => {
  requireSelf(caller, query.reader);
  const result = await store.unread(requiredReader(query.reader), knownEtag, query.except);
  return result === "not-modified" ? new Tagged(knownEtag ?? "") : new Tagged(result.etag, result.summary);
};
