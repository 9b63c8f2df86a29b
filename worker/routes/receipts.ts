import type { Handler } from "./handler.ts";
import { unknownMessage } from "./messages.ts";
import { readerOf, requiredReader } from "./reader.ts";

export const markShown: Handler<"markShown"> = async ({ body, store, installation }) =>
  store.record(requiredReader(body.reader), "shown", body.ids, { installation });

export const markManyRead: Handler<"markManyRead"> = async ({ body, store, installation }) =>
  store.record(requiredReader(body.reader), "read", body.ids, { shown: body.shown, installation });

export const markTaken: Handler<"markTaken"> = async ({ body, store, installation }) =>
  store.record(requiredReader(body.reader), "taken", body.ids, { installation });

export const markRead: Handler<"markRead"> = async ({ id, query, store }) => {
  const { marked } = await store.record(readerOf(query.reader), "read", [id]);
  if (marked === 0) throw unknownMessage(id);
  return { id, status: "marked_read" };
};
