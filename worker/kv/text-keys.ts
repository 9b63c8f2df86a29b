import * as z from "zod";

/** The KV key of a message's text. Written once; never listed, and never overwritten with another text. */
export function textKey(id: string): string {
  return `m:${id}`;
}

/** The value of such a key, as JSON: the text and tags as they were sent. */
export const ArchivedText = z.object({ content: z.string(), tags: z.array(z.string()) });
export type ArchivedText = z.infer<typeof ArchivedText>;
