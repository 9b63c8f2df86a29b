import * as z from "zod";

/** Where KV keeps the text of a message. Written once, never listed, never overwritten with another text. */
export function textKey(id: string): string {
  return `m:${id}`;
}

/** The value under such a key, as JSON: the text and the tags as they came. */
export const ArchivedText = z.object({ content: z.string(), tags: z.array(z.string()) });
export type ArchivedText = z.infer<typeof ArchivedText>;
