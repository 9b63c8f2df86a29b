// The obvious design, for comparison: one key, `index`, lists all messages and is read, changed and written back; each
// text is under `msg:<id>`. It implements only what the load needs of docs/reference/api.md and does not validate requests, which
// makes it faster, not slower.

interface Env {
  readonly MESSAGES: {
    get(key: string, type: "json"): Promise<unknown>;
    put(key: string, value: string): Promise<void>;
    delete(key: string): Promise<void>;
  };
  readonly BRIDGE_API_KEY: string;
}

interface Entry {
  readonly id: string;
  readonly from: string;
  readonly to: string | null;
  readonly timestamp: string;
  read: boolean;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/health") return Response.json({ status: "ok", timestamp: new Date().toISOString() });
    if (request.headers.get("authorization") !== `Bearer ${env.BRIDGE_API_KEY}`) return problem(401, "unauthorized");
    const [, top, id, verb] = url.pathname.split("/");
    if (top !== "messages") return problem(404, "not_found");
    if (request.method === "POST" && id === undefined) return send(JSON.parse(await request.text()), env);
    if (request.method === "GET" && id === undefined) return list(url.searchParams, env);
    if (request.method === "POST" && id !== undefined && verb === "read") return markRead(id, env);
    if (request.method === "DELETE" && id !== undefined) return remove(id, env);
    return problem(404, "not_found");
  },
};

async function send(draft: { content: string; from: string; to?: string }, env: Env): Promise<Response> {
  const { content, from, to = null } = draft;
  const entry: Entry = { id: crypto.randomUUID(), from, to, timestamp: new Date().toISOString(), read: false };
  await env.MESSAGES.put(`msg:${entry.id}`, JSON.stringify({ content, tags: [], project: null }));
  await writeIndex([entry, ...(await readIndex(env))], env);
  return Response.json({ id: entry.id, timestamp: entry.timestamp, status: "sent" }, { status: 201 });
}

async function list(query: URLSearchParams, env: Env): Promise<Response> {
  const from = query.get("from");
  const isUnread = query.get("unread") === "true";
  const matching = (await readIndex(env)).filter(
    (entry) => (from === null || entry.from === from) && !(isUnread && entry.read),
  );
  const page = matching.slice(0, Math.min(Number(query.get("limit") ?? 50), 100));
  const bodies = await Promise.all(page.map(({ id }) => env.MESSAGES.get(`msg:${id}`, "json")));
  const messages = page.map((entry, i) => ({ ...entry, ...(bodies[i] as object | null) }));
  return Response.json({ messages, count: messages.length });
}

async function markRead(id: string, env: Env): Promise<Response> {
  const index = await readIndex(env);
  const entry = index.find((each) => each.id === id);
  if (!entry) return problem(404, "not_found");
  entry.read = true;
  await writeIndex(index, env);
  return Response.json({ id, status: "marked_read" });
}

async function remove(id: string, env: Env): Promise<Response> {
  await env.MESSAGES.delete(`msg:${id}`);
  await writeIndex(
    (await readIndex(env)).filter((entry) => entry.id !== id),
    env,
  );
  return Response.json({ id, status: "deleted" });
}

async function readIndex({ MESSAGES }: Env): Promise<Entry[]> {
  return ((await MESSAGES.get("index", "json")) ?? []) as Entry[]; // only this script writes it
}

async function writeIndex(index: readonly Entry[], { MESSAGES }: Env): Promise<void> {
  await MESSAGES.put("index", JSON.stringify(index));
}

function problem(status: number, code: string): Response {
  return Response.json({ error: "This is not possible.", code }, { status });
}
