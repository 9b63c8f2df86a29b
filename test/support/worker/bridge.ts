import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { Problem } from "../../../contract/problem.ts";
import type { Bridge } from "../../../worker/object/bridge.ts";
import { BRIDGE_NAME } from "../../../worker/object/calls.ts";

export interface Init {
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  /** Override the default key and content type. A header with an empty value is left out. */
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

/** Sends a request to the Worker. */
export function call(method: string, path: string, init?: Init): Promise<Response> {
  return exports.default.fetch(requestTo(method, path, init));
}

/** Sends a message and returns the bridge's answer. */
export async function sent(draft: Readonly<Record<string, unknown>>): Promise<{ id: string; timestamp: string }> {
  const response = await call("POST", "/messages", { body: { content: "hi", from: "mac", ...draft } });
  if (response.status !== 201 && response.status !== 200) throw new Error(await response.text());
  return response.json();
}

/** The content of a refusal. Fails if the body has other fields. */
export async function problemOf(response: Response): Promise<{ status: number; code: string; error: string }> {
  const body = Problem.strict().parse(await response.json());
  return { status: response.status, ...body };
}

/** The texts in the object by message id, oldest first. A text is null if only KV has it. */
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
 * Tables that a refused request must not change. Without the audit log, named numbers, and when a machine's key was last
 * used.
 */
const LEFT = ["messages", "receipts", "last_seen", "accounts", "capsule_parts", "entries"].map(
  (name) => `SELECT * FROM ${name}`,
);
const CREDENTIALS = "SELECT key_hash, fingerprint FROM credentials";

/** Everything that requests stored: rows of the object as JSON, and keys in KV. */
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
