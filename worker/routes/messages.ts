import { MAX_AGE_SECONDS, utf8Bytes } from "../../contract/message.ts";
import { auditNameOf } from "../caller.ts";
import { Refusal } from "../refusal.ts";
import { requireOwner, requireSelf, requireSenderOrOwner } from "../rights.ts";
import { spend } from "../spend.ts";
import { type Handler, Repeated } from "./handler.ts";
import { readerOf } from "./reader.ts";

export const sendMessage: Handler<"sendMessage"> = async ({ body, caller, registry, store, installation }) => {
  requireSelf(caller, body.from);
  const bytes = utf8Bytes(body.content) + utf8Bytes(body.tags.join(""));
  await spend(registry, caller, bytes, MAX_AGE_SECONDS);
  const { id, timestamp, duplicate } = await store.send(body, installation);
  const answer = { id, timestamp, status: "sent" } as const;
  return duplicate ? new Repeated(answer) : answer;
};

export const listMessages: Handler<"listMessages"> = async ({ query, caller, store }) => {
  const { reader, limit, cursor, ...filter } = query;
  requireSelf(caller, reader);
  const page = await store.list(readerOf(reader), filter, { limit, cursor });
  return { ...page, count: page.messages.length };
};

export const getMessage: Handler<"getMessage"> = async ({ id, query, caller, store }) => {
  requireSelf(caller, query.reader);
  const message = await store.get(id, readerOf(query.reader));
  if (message === null) throw unknownMessage(id);
  return message;
};

export const deleteMessage: Handler<"deleteMessage"> = async ({ id, caller, store }) => {
  const mayDeleteAll = caller.kind === "machine" ? caller.isOwner : caller.joinedNames.length === 0;
  if (!mayDeleteAll) {
    // Of one that is not there nobody knows whose it is: a list may lack the last minute.
    const message = await store.get(id, null);
    if (message === null) throw unknownMessage(id);
    requireSenderOrOwner(caller, message.from);
  }
  await store.remove([id]);
  return { id, status: "deleted" };
};

export const clearMessages: Handler<"clearMessages"> = async ({ caller, registry, address, store }) => {
  requireOwner(caller, "clear the mailbox");
  const { count } = await store.clear();
  await registry?.cleared(auditNameOf(caller), address);
  return { status: "cleared", count };
};

export function unknownMessage(id: string): Refusal {
  return new Refusal(404, "not_found", `There is no message ${id}.`);
}
