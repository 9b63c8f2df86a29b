import { type ReadTexts, readTexts } from "../../worker/kv/read-texts.ts";
import { ARCHIVE_RULES } from "../../worker/object/archive-rules.ts";
import type { Variant } from "./bridge-under-test.ts";

// Variants of the bridge without the parts that make it safe. They look right and pass most tests in workerd.

/** Removes a text from its row as soon as KV has acknowledged it. */
export const clearingRowsAtOnce: Variant = { rules: { ...ARCHIVE_RULES, keptAfterCopyMs: 0 } };

/** Reads every text from KV first, and from the row if KV has none yet: KV then caches that the key does not exist. */
export const askingKvFirst: Variant = {
  readTexts: async (kv, messages) => {
    const asked = await readTexts(
      kv,
      messages.map((message) => ({ ...message, content: null })),
    );
    const fromKv = new Map(asked.messages.map((message) => [message.id, message.content]));
    const texts = messages.map((message) => ({ ...message, content: fromKv.get(message.id) ?? message.content }));
    return {
      messages: texts.flatMap(({ content, ...message }) => (content === null ? [] : [{ ...message, content }])),
      unavailable: texts.filter(({ content }) => content === null).map(({ id }) => id),
    };
  },
};

/** Returns an empty text if KV returns none. */
export const givingEmptyTexts: Variant = {
  readTexts: (async (kv, messages) => {
    const { messages: whole, unavailable } = await readTexts(kv, messages);
    const missing = new Set(unavailable);
    const texts = new Map(whole.map(({ id, content }) => [id, content]));
    return {
      messages: messages.map((message) => ({
        ...message,
        content: missing.has(message.id) ? "" : (texts.get(message.id) ?? ""),
      })),
      unavailable: [],
    };
  }) satisfies ReadTexts,
};

/** Counts a text as copied before KV has acknowledged it. */
export const notWaitingForKv: Variant = {
  objectKv: (kv) => withMember(kv, "put", async (...args) => void kv.put(...args).catch(() => undefined)),
};

/** Deletes only the rows, not the keys in KV. */
export const deletingRowsAlone: Variant = { objectKv: (kv) => withMember(kv, "delete", async () => undefined) };

/** Gives every key in KV the same lifetime, regardless of its message. */
export const keepingForSixHours: Variant = {
  objectKv: (kv) =>
    withMember(kv, "put", (key, value, options) =>
      kv.put(key, value, { ...options, expirationTtl: SIX_HOURS_SECONDS }),
    ),
};
const SIX_HOURS_SECONDS = 6 * 60 * 60;

type Put = (key: string, value: string, options?: KVNamespacePutOptions) => Promise<void>;
type Delete = (key: string) => Promise<void>;

function withMember(kv: KVNamespace, name: "put", member: Put): KVNamespace;
function withMember(kv: KVNamespace, name: "delete", member: Delete): KVNamespace;
function withMember(kv: KVNamespace, name: string, member: unknown): KVNamespace {
  return new Proxy(kv, { get: (target, wanted) => (wanted === name ? member : Reflect.get(target, wanted)) });
}
