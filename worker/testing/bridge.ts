import { env, exports } from "cloudflare:workers";
import { Problem } from "../../contract/problem.ts";

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

/** The keys in KV, of whatever kind or only the events (`e:`). */
export async function storedKeys(prefix = ""): Promise<string[]> {
  const { keys } = await env.MESSAGES.list({ prefix });
  return keys.map(({ name }) => name);
}
