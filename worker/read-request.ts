import type * as z from "zod";
import { MAX_REQUEST_BYTES, TOO_LARGE } from "../contract/message.ts";
import { sentenceOf } from "../contract/problem.ts";
import { Refusal } from "./refusal.ts";

/** A body longer than this is not even thrown away: its sender loses the connection. */
const MAX_DROPPED_BYTES = 8 * 1024 * 1024;

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
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let bytes = 0;
  let text = "";
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.byteLength;
    if (bytes > MAX_REQUEST_BYTES) throw tooLarge(); // the length was not announced
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/**
 * Reads what is left of a body and forgets it. A client that still sends when the answer comes would see its connection
 * break instead of the answer, and an unread body ends the connection that it keeps open.
 */
export async function dropBody(request: Request): Promise<void> {
  if (request.body?.locked) return;
  let bytes = 0;
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.byteLength;
    if (bytes > MAX_DROPPED_BYTES) break;
  }
  await request.body?.cancel();
}

/** What is left of the body. Leaving the loop leaves the rest. */
function chunksOf(request: Request): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const stream: ReadableStream<Uint8Array> | null = request.body;
  return stream?.values({ preventCancel: true }) ?? [];
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
