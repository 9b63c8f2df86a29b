import type { Message } from "../../contract/message.ts";
import { parseJson } from "../../contract/parse-json.ts";
import type { KeptMessage } from "../object/mail/wire-message.ts";
import { ArchivedText, textKey } from "./text-keys.ts";

/** Messages with their texts, and the ids of messages whose text KV cannot return now. */
export interface WithTexts {
  readonly messages: Message[];
  readonly unavailable: string[];
}

/** Adds the texts to at most 100 messages. */
export type ReadTexts = (kv: KVNamespace, messages: readonly KeptMessage[]) => Promise<WithTexts>;

/**
 * Reads the texts that the object no longer has from KV, in one operation. It never asks KV for any other text: KV would
 * cache "missing", and then not find a text that is copied a moment later.
 */
export const readTexts: ReadTexts = async (kv, messages) => {
  const archived = messages.filter(({ content }) => content === null).map(({ id }) => id);
  const texts = archived.length === 0 ? new Map<string, ArchivedText>() : await textsIn(kv, archived);
  const whole: Message[] = [];
  const unavailable: string[] = [];
  for (const message of messages) {
    const content = message.content ?? texts.get(message.id)?.content;
    if (content === undefined) unavailable.push(message.id);
    else whole.push({ ...message, content });
  }
  return { messages: whole, unavailable };
};

/** The texts from KV by message id. Leaves out a missing or damaged text and logs only the message's id. */
async function textsIn(kv: KVNamespace, ids: readonly string[]): Promise<Map<string, ArchivedText>> {
  const values = await valuesIn(kv, ids);
  const texts = new Map<string, ArchivedText>();
  for (const id of ids) {
    const text = ArchivedText.safeParse(parseJson(values.get(textKey(id)) ?? ""));
    if (text.success) texts.set(id, text.data);
    else console.error(`The text of message ${id} is missing or damaged in KV.`);
  }
  return texts;
}

async function valuesIn(kv: KVNamespace, ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  try {
    return await kv.get(ids.map(textKey), { type: "text" });
  } catch (error) {
    console.error(`KV cannot be read: ${error instanceof Error ? error.name : typeof error}.`);
    return new Map();
  }
}
