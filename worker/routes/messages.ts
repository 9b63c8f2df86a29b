import { Refusal } from "../refusal.ts";
import { type Handler, Repeated } from "./handler.ts";
import { readerOf } from "./reader.ts";

export const sendMessage: Handler<"sendMessage"> = async ({ body, store, installation }) => {
  const { id, timestamp, duplicate } = await store.send(body, installation);
  const answer = { id, timestamp, status: "sent" } as const;
  return duplicate ? new Repeated(answer) : answer;
};

export const listMessages: Handler<"listMessages"> = async ({ query, store }) => {
  const { reader, limit, cursor, ...filter } = query;
  const page = await store.list(readerOf(reader), filter, { limit, cursor });
  return { ...page, count: page.messages.length };
};

export const getMessage: Handler<"getMessage"> = async ({ id, query, store }) => {
  const message = await store.get(id, readerOf(query.reader));
  if (message === null) throw unknownMessage(id);
  return message;
};

export const deleteMessage: Handler<"deleteMessage"> = async ({ id, store }) => {
  await store.remove([id]);
  return { id, status: "deleted" };
};

export const clearMessages: Handler<"clearMessages"> = async ({ store }) => {
  const { count } = await store.clear();
  return { status: "cleared", count };
};

export function unknownMessage(id: string): Refusal {
  return new Refusal(404, "not_found", `There is no message ${id}.`);
}
