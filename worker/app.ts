import { type Context, Hono } from "hono";
import { INSTALLATION_HEADER, InstallationId, ROUTES, type Route, type Routes } from "../contract/api.ts";
import { Sha256 } from "../contract/capsule.ts";
import { MessageId } from "../contract/message.ts";
import { InviteId } from "../contract/roster.ts";
import type { Ambient } from "./ambient.ts";
import { authenticate } from "./authenticate.ts";
import type { Caller } from "./caller.ts";
import type { Env } from "./env.ts";
import { noStore, protectiveHeaders } from "./headers.ts";
import { KnownCallers } from "./known-callers.ts";
import { addressOf, limitJoins, limitRequests } from "./rates.ts";
import { dropBody, parse, queryOf, readBytes, readJson } from "./read-request.ts";
import { Refusal, refuse } from "./refusal.ts";
import { RemoteRegistry } from "./registry/remote-registry.ts";
import { getCapsule, putCapsule } from "./routes/capsules.ts";
import { type Call, type Handler, Repeated, Tagged } from "./routes/handler.ts";
import { health } from "./routes/health.ts";
import { live } from "./routes/live.ts";
import { machines } from "./routes/machines.ts";
import { clearMessages, deleteMessage, getMessage, listMessages, sendMessage } from "./routes/messages.ts";
import { migrate } from "./routes/migrate.ts";
import { markManyRead, markRead, markShown, markTaken } from "./routes/receipts.ts";
import { auditLog, extendRoster, invitation, join, roster } from "./routes/roster.ts";
import { unread } from "./routes/unread.ts";
import { CapsuleStore } from "./store/kv/capsule-store.ts";
import { KvStore } from "./store/kv/kv-store.ts";
import { RemoteMailroom } from "./store/mailroom/remote-mailroom.ts";
import type { MessageStore } from "./store/message-store.ts";

const HANDLERS: { readonly [Name in keyof Routes]: Handler<Name> } = {
  health,
  sendMessage,
  listMessages,
  clearMessages,
  markShown,
  markManyRead,
  markTaken,
  getMessage,
  markRead,
  deleteMessage,
  unread,
  machines,
  live,
  migrate,
  putCapsule,
  getCapsule,
  roster,
  extendRoster,
  invitation,
  join,
  auditLog,
};

/** What a path may be called with, in the order of the `Allow` header. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

type Bindings = { Bindings: Env; Variables: { caller: Caller } };

/** Whoever calls a public route: nothing is theirs. */
const NOBODY: Caller = { kind: "shared", joinedNames: [] };

/** Makes the store of one request, on a bridge without the Mailroom. */
export type OpenStore = (kv: KVNamespace, ambient: Ambient) => MessageStore;

const openKvStore: OpenStore = (kv, ambient) => new KvStore(kv, ambient);

/**
 * The bridge as a Hono app: every route of the contract, and one order for all of them. Headers, OPTIONS, the public
 * routes, the key; only then is anything of the request looked at.
 */
export function createApp(ambient: Ambient, openStore: OpenStore = openKvStore): Hono<Bindings> {
  const app = new Hono<Bindings>();
  const known = new KnownCallers(ambient.now);
  const answerTo = (name: keyof Routes, context: Context<Bindings>) =>
    answer(name, context, { ambient, openStore, known });
  app.use(protectiveHeaders, noStore, async ({ req }, next) => {
    await next();
    await dropBody(req.raw);
  });
  app.options("*", (context) => context.body(null, 204));
  for (const name of routeNames().filter(isPublic)) {
    app.on(ROUTES[name].method, ROUTES[name].path, async (context) => {
      if (name !== "health") await limitJoins(context.env, context.req.raw);
      context.set("caller", NOBODY);
      return answerTo(name, context);
    });
  }
  app.use(async (context, next) => {
    const { req, env } = context;
    const caller = await authenticate(req.raw, env, registryOf(env), known);
    await limitRequests(env, caller);
    context.set("caller", caller);
    await next();
  });
  for (const path of new Set(Object.values(ROUTES).map((route) => route.path))) addPath(app, path, answerTo);
  app.notFound(() => refuse(new Refusal(404, "not_found", "There is nothing at this path.")));
  app.onError(refuse);
  return app;
}

/** Every method of a path, and 405 for the others. */
function addPath(
  app: Hono<Bindings>,
  path: string,
  answerTo: (name: keyof Routes, context: Context<Bindings>) => Promise<Response>,
): void {
  const names = routeNames().filter((name) => ROUTES[name].path === path);
  for (const name of names) app.on(ROUTES[name].method, path, (context) => answerTo(name, context));
  const own: readonly string[] = names.map((name) => ROUTES[name].method);
  const allow = METHODS.filter(
    (method) => own.includes(method === "HEAD" ? "GET" : method) || method === "OPTIONS",
  ).join(", ");
  app.all(path, ({ req }) => {
    throw new Refusal(405, "method_not_allowed", `${req.method} is not possible here; possible are ${allow}.`, {
      allow,
    });
  });
}

function routeNames(): (keyof Routes)[] {
  return Object.keys(ROUTES) as (keyof Routes)[]; // its own keys, which TypeScript gives as strings
}

function isPublic(name: keyof Routes): boolean {
  const route: Route = ROUTES[name];
  return route.isPublic === true;
}

/** What does not change from request to request. */
interface Bridge {
  readonly ambient: Ambient;
  readonly openStore: OpenStore;
  readonly known: KnownCallers;
}

/** Parses with the schemas of the route, calls its handler, answers with its status. */
async function answer<Name extends keyof Routes>(
  name: Name,
  context: Context<Bindings>,
  { ambient, openStore, known }: Bridge,
): Promise<Response> {
  const { req, env } = context;
  const route: Route = ROUTES[name];
  const idText = req.param("id");
  const shaText = req.param("sha256");
  const inviteText = req.param("invite");
  const call = {
    id: idText === undefined ? "" : parse(MessageId, idText, "The id in the path"),
    sha256: shaText === undefined ? "" : parse(Sha256, shaText, "The name in the path"),
    invite: inviteText === undefined ? "" : parse(InviteId, inviteText, "The invitation in the path"),
    query: parse(route.query, queryOf(new URL(req.url)), "The query"),
    body: route.body && parse(route.body, await bodyOf(route, req.raw), "The body"),
    knownEtag: req.header("if-none-match"),
    installation: InstallationId.safeParse(req.header(INSTALLATION_HEADER)).data,
    caller: context.get("caller"),
    address: addressOf(req.raw),
    registry: registryOf(env),
    forgetCallers: () => known.forget(),
    ...storesOf(env, ambient, openStore),
    isUpgrade: req.header("upgrade")?.toLowerCase() === "websocket",
    now: ambient.now,
  } as Call<Routes[Name]>; // parsed with the schemas of this name, which TypeScript loses on the way
  const result = await HANDLERS[name](call);
  if (result instanceof Response) return result;
  if (result instanceof Repeated) return Response.json(result.answer);
  if (result instanceof Uint8Array) return new Response(result, { headers: { "content-type": BYTES } });
  if (!(result instanceof Tagged)) return Response.json(result, { status: route.status });
  const headers = { etag: result.etag };
  return result.answer === null
    ? new Response(null, { status: 304, headers })
    : Response.json(result.answer, { status: route.status, headers });
}

function registryOf({ REGISTRY }: Env): RemoteRegistry | null {
  return REGISTRY === undefined ? null : new RemoteRegistry(REGISTRY);
}

/** Where this bridge keeps what. The two kinds of store are never used for the same messages. */
function storesOf({ MESSAGES, MAILROOM }: Env, ambient: Ambient, openStore: OpenStore) {
  const capsules = new CapsuleStore(MESSAGES);
  if (MAILROOM === undefined)
    return { store: openStore(MESSAGES, ambient), capsules, openLive: null, closeSockets: null, migration: null };
  const store = new RemoteMailroom(MAILROOM);
  const migration = { from: openStore(MESSAGES, ambient), to: store };
  const closeSockets = () => store.closeSockets();
  return {
    store,
    capsules,
    migration,
    closeSockets,
    openLive: (query: Readonly<Record<string, string>>) => store.live(query),
  };
}

const BYTES = "application/octet-stream";

function bodyOf({ bytes }: Route, request: Request): Promise<unknown> {
  return bytes === "body" ? readBytes(request) : readJson(request);
}
