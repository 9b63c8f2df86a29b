import type { Caller } from "../caller.ts";
import { requireSelf } from "../rights.ts";
import type { Mark, MessageStore } from "../store/message-store.ts";
import type { Handler } from "./handler.ts";
import { unknownMessage } from "./messages.ts";
import { readerOf, requiredReader } from "./reader.ts";

export const markShown: Handler<"markShown"> = async (call) => record("shown", call);

export const markManyRead: Handler<"markManyRead"> = async (call) => record("read", call);

export const markTaken: Handler<"markTaken"> = async (call) => record("taken", call);

export const markRead: Handler<"markRead"> = async ({ id, query, caller, store }) => {
  requireSelf(caller, query.reader);
  const reader = query.reader ?? (caller.kind === "machine" ? caller.name : undefined);
  // Without a reader it is marked for whom it is addressed to: a machine that joined does that itself.
  if (reader === undefined) await requireForNoMember(id, caller, store);
  const { marked } = await store.record(readerOf(reader), "read", [id]);
  if (marked === 0) throw unknownMessage(id);
  return { id, status: "marked_read" };
};

interface Marking {
  readonly caller: Caller;
  readonly store: MessageStore;
  readonly installation: string | undefined;
  readonly body: {
    readonly reader: string;
    readonly ids: readonly string[];
    readonly shown?: readonly string[] | undefined;
  };
}

function record(what: Mark, { caller, store, installation, body }: Marking): Promise<{ marked: number }> {
  requireSelf(caller, body.reader);
  return store.record(requiredReader(body.reader), what, body.ids, { shown: body.shown, installation });
}

async function requireForNoMember(id: string, caller: Caller, store: MessageStore): Promise<void> {
  if (caller.kind === "machine" || caller.joinedNames.length === 0) return;
  const message = await store.get(id, null);
  if (message?.to) requireSelf(caller, message.to);
}
