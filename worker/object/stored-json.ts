import type * as z from "zod";
import { parseJson } from "../../contract/parse-json.ts";

/**
 * Parses a column that holds JSON.
 *
 * @throws ZodError if the row is damaged, so that the call changes nothing. Its message never quotes the stored text
 */
export function storedJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  return schema.parse(parseJson(text));
}
