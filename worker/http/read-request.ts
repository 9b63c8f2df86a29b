import type * as z from "zod";
import { MAX_CAPSULE_BYTES } from "../../contract/capsule.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { sentenceOf, TOO_LARGE } from "../../contract/problem.ts";
import { Refusal } from "../refusal.ts";

/** Bodies up to this size, in bytes, are read and parsed before the key is checked. */
export const MAX_UNJUDGED_BYTES = 64 * 1024;

/** Most bytes of a body that are read and discarded. The sender of a longer one loses the connection. */
const MAX_DROPPED_BYTES = 8 * 1024 * 1024;

/** Whether a body is too large to be read before the key is checked. A body of unknown length is. */
export function isLarge({ body, headers }: Request): boolean {
  return body !== null && !(Number(headers.get("content-length") ?? Number.NaN) <= MAX_UNJUDGED_BYTES);
}

/**
 * Parses a part of a request.
 *
 * @param what - the start of a sentence about the whole part: "The query"
 * @throws Refusal 400, or 413 if the first problem is about size
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
 * @throws Refusal 400 if a name is repeated, because it is unclear which value was meant
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
 * Reads a JSON body.
 *
 * @throws Refusal 415, 413 or 400
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  requireMediaType(request, "application/json", "JSON");
  const body = parseJson(await readText(request, maxBytes));
  if (body === undefined) throw new Refusal(400, "invalid_request", "The body is not valid JSON.");
  return body;
}

/**
 * Reads a binary body. Stops as soon as it is larger than a capsule may be.
 *
 * @throws Refusal 415 or 413
 */
export async function readBytes(request: Request): Promise<Uint8Array> {
  requireMediaType(request, "application/octet-stream", "bytes");
  if (Number(request.headers.get("content-length")) > MAX_CAPSULE_BYTES) throw tooLarge(MAX_CAPSULE_BYTES);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    size += chunk.byteLength;
    if (size > MAX_CAPSULE_BYTES) throw tooLarge(MAX_CAPSULE_BYTES);
    chunks.push(chunk);
  }
  return concatenated(chunks, size);
}

function concatenated(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function requireMediaType(request: Request, wanted: string, what: string): void {
  const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType === wanted) return;
  const sentence = `The body must be ${what}, sent with \`Content-Type: ${wanted}\`.`;
  throw new Refusal(415, "unsupported_media_type", sentence);
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge(maxBytes);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let bytes = 0;
  let text = "";
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes); // there was no content-length
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/**
 * Reads and discards the rest of a body. Otherwise a client that is still sending would see a broken connection instead of
 * the answer, and a kept-alive connection would end.
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

/** The rest of the body. Leaving the loop early does not cancel it. */
function chunksOf(request: Request): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const stream: ReadableStream<Uint8Array> | null = request.body;
  return stream?.values({ preventCancel: true }) ?? [];
}

/** @param chunk - undefined at the end, to detect an incomplete character */
function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw new Refusal(400, "invalid_request", "The body is not valid UTF-8.");
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, "too_large", `The request is larger than ${maxBytes} bytes.`);
}
