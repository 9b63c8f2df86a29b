import type * as z from "zod";
import { MAX_REQUEST_BYTES, TOO_LARGE } from "../contract/message.ts";
import { sentenceOf } from "../contract/problem.ts";
import { Refusal } from "./refusal.ts";

/**
 * Parses something that came with a request.
 *
 * @param what - how a sentence about the whole begins: "the query"
 * @throws Refusal 400, or 413 when the first problem is about size
 */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const sentence = `${sentenceOf(result.error, what)}.`;
  const issue = result.error.issues[0];
  if (issue?.code === "custom" && issue.params?.code === TOO_LARGE.code) throw new Refusal(413, "too_large", sentence);
  throw new Refusal(400, "invalid_request", sentence);
}

/**
 * A query as an object.
 *
 * @throws Refusal 400 when a name comes twice: nobody can know which one was meant
 */
export function queryOf(url: URL): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of url.searchParams) {
    if (name in query) throw new Refusal(400, "invalid_request", `\`${name.slice(0, 64)}\` is given more than once.`);
    query[name] = value;
  }
  return query;
}

/**
 * Reads a JSON body of at most {@link MAX_REQUEST_BYTES}.
 *
 * @throws Refusal 415, 413 or 400
 */
export async function readJson(request: Request): Promise<unknown> {
  const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    const sentence = "The body must be JSON, sent with `Content-Type: application/json`.";
    throw new Refusal(415, "unsupported_media_type", sentence);
  }
  const bytes = await readBytes(request);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Refusal(400, "invalid_request", "The body is not valid JSON in UTF-8.");
  }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length")) > MAX_REQUEST_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream. A length that was not announced is found out here.
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_REQUEST_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function tooLarge(): Refusal {
  return new Refusal(413, "too_large", `The request is larger than ${MAX_REQUEST_BYTES} bytes.`);
}
