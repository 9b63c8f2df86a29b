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
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "invalid_request", "The body is not valid JSON.");
  }
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length")) > MAX_REQUEST_BYTES) throw tooLarge();
  const stream: ReadableStream<Uint8Array> | null = request.body;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let bytes = 0;
  let text = "";
  // A length that was not announced is found out here. Leaving the loop cancels the stream.
  for await (const chunk of stream ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_REQUEST_BYTES) throw tooLarge();
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/** @param chunk - none at the end, where a character that was cut off is found out */
function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw new Refusal(400, "invalid_request", "The body is not valid UTF-8.");
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, "too_large", `The request is larger than ${MAX_REQUEST_BYTES} bytes.`);
}
