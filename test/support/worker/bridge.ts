import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { Problem } from "../../../contract/problem.ts";
import type { Bridge } from "../../../worker/object/bridge.ts";
import { BRIDGE_NAME } from "../../../worker/object/calls.ts";

export interface Init {
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  /** Over the key and the content type that every request has. An empty one is left out. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as a client sends it. */
export function requestTo(method: string, path: string, { body, headers = {} }: Init = {}): Request {
  const all = { authorization: `Bearer ${env.BRIDGE_API_KEY}`, "content-type": "application/json", ...headers };
  return new Request(`https://bridge.example${path}`, {
    method,
    headers: Object.entries(all).filter(([, value]) => value !== ""),
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** Calls the Worker through its public door. */
export function call(method: string, path: string, init?: Init): Promise<Response> {
  return exports.default.fetch(requestTo(method, path, init));
}

/** Sends a message and gives the id the bridge answered with. */
export async function sent(draft: Readonly<Record<string, unknown>>): Promise<{ id: string; timestamp: string }> {
  const response = await call("POST", "/messages", { body: { content: "hi", from: "mac", ...draft } });
  if (response.status !== 201 && response.status !== 200) throw new Error(await response.text());
  return response.json();
}

/** What a refusal says. The body has nothing but these two. */
export async function problemOf(response: Response): Promise<{ status: number; code: string; error: string }> {
  const body = Problem.strict().parse(await response.json());
  return { status: response.status, ...body };
}

/** The ids of the messages that the object has, with their texts (null: in KV), oldest first. */
export async function storedTexts(): Promise<Record<string, string | null>> {
  return runInDurableObject(bridgeObject(), (_, { storage }) => {
    const rows = storage.sql.exec<{ id: string; content: string | null }>(
      "SELECT id, content FROM messages ORDER BY place",
    );
    return Object.fromEntries(
      rows.toArray().map(({ id, content }) => [id, content === null ? null : JSON.parse(content)]),
    );
  });
}

/**
 * What a refused request must leave nothing in. The audit log and named numbers are not among them, nor when a machine was
 * last heard of.
 */
const LEFT = ["messages", "receipts", "last_seen", "accounts", "capsule_parts", "entries"].map(
  (name) => `SELECT * FROM ${name}`,
);
const CREDENTIALS = "SELECT key_hash, fingerprint FROM credentials";

/** Every row of the object, as JSON, and every key of KV: what requests have left behind. */
export async function stored(): Promise<string[]> {
  const rows = await runInDurableObject(bridgeObject(), (_, { storage }) =>
    [...LEFT, CREDENTIALS].flatMap((query) =>
      storage.sql
        .exec(query)
        .toArray()
        .map((row) => JSON.stringify(row)),
    ),
  );
  return [...rows, ...(await keysInKv())];
}

/** The one object of the bridge. */
export function bridgeObject(): DurableObjectStub<Bridge> {
  return env.BRIDGE.getByName(BRIDGE_NAME);
}

/** The keys in KV. */
export async function keysInKv(): Promise<string[]> {
  const { keys } = await env.MESSAGES.list();
  return keys.map(({ name }) => name);
}
