import * as z from "zod";
import { parseAddress } from "../../../contract/address.ts";
import { Message } from "../../../contract/message.ts";
import type { Invocation } from "../invocation.ts";

/** A request to the Worker, with its answer. */
export interface Exchange {
  readonly method: string;
  /** The parts of the path, without the first slash. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** null if there is none. */
  readonly body: unknown;
  /** In milliseconds of virtual time. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: number;
  readonly answer: unknown;
  /** null if the answer has none. */
  readonly etag: string | null;
  readonly used: Invocation;
}

/** The request, before the Worker handled it. */
export type Asked = Pick<Exchange, "method" | "path" | "query" | "body" | "startedAt">;

export async function askedOf(request: Request, now: number): Promise<Asked> {
  const url = new URL(request.url);
  const text = await request.clone().text();
  return {
    method: request.method,
    path: url.pathname.slice(1).split("/"),
    query: url.searchParams,
    body: text === "" ? null : JSON.parse(text),
    startedAt: now,
  };
}

/** The route: `POST messages`, `GET messages/:id`. */
export function routeOf({ method, path }: Pick<Exchange, "method" | "path">): string {
  return `${method} ${path.map((part) => (ID.test(part) ? ":id" : part)).join("/")}`;
}

/** The reader of a request; undefined if it has none. */
export function readerOf(query: URLSearchParams): string | undefined {
  const reader = query.get("reader");
  return reader === null ? undefined : parseAddress(reader)?.machine;
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const SendBody = z.looseObject({
  content: z.string(),
  id: z.string().optional(),
  replaces: z.string().optional(),
});
export const SendAnswer = z.looseObject({ id: z.string(), timestamp: z.iso.datetime() });
export const MarkBody = z.looseObject({ reader: z.string(), ids: z.array(z.string()) });
export const PageAnswer = z.looseObject({
  messages: z.array(Message),
  unavailable: z.array(z.string()).default([]),
  cursor: z.string().optional(),
});
export const ArchiveAnswer = z.looseObject({ pending: z.int() });
export const UnreadAnswer = z.looseObject({ unread: z.int() });
