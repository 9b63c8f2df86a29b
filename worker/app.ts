import { type Context, Hono } from "hono";
import {
  ClientVersion,
  INSTALLATION_HEADER,
  InstallationId,
  ROUTES,
  type Route,
  VERSION_HEADER,
} from "../contract/api.ts";
import { Sha256 } from "../contract/capsule.ts";
import { InviteId } from "../contract/machine-list.ts";
import { MAX_REQUEST_BYTES, MessageId } from "../contract/message.ts";
import type { Env } from "./env.ts";
import { claimOf, countWrongKey, noValidKey } from "./http/claim.ts";
import { noStore, protectiveHeaders } from "./http/headers.ts";
import { addressOf, limitJoins, limitRequests } from "./http/rate-limits.ts";
import { dropBody, isLarge, MAX_UNJUDGED_BYTES, parse, queryOf, readBytes, readJson } from "./http/read-request.ts";
import { renderRefusal } from "./http/render-refusal.ts";
import { refuseWebPages } from "./http/web-pages.ts";
import { type ReadTexts, readTexts as readArchived } from "./kv/read-texts.ts";
import type { Asked, Asking, BridgeCall, Claim } from "./object/calls.ts";
import { Refusal } from "./refusal.ts";
import { getCapsule, putCapsule } from "./routes/capsules.ts";
import type { Handled, Handler, RouteName } from "./routes/handler.ts";
import { health } from "./routes/health.ts";
import { live } from "./routes/live.ts";
import { getMessage, listMessages } from "./routes/messages.ts";
import { ask, hasJudged, judge, noteWrongKey } from "./routes/object.ts";

/** The routes of which the Worker does a part; the object answers the others alone. */
const HANDLERS: { readonly [Name in Asked]?: Handler<Name> } = {
  listMessages,
  getMessage,
  putCapsule,
  getCapsule,
  live,
};

/** What a path may be called with, in the order of the `Allow` header. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

type Bindings = { Bindings: Env; Variables: { claim: Claim } };
type Answering = (name: RouteName, context: Context<Bindings>) => Promise<Response>;

/**
 * The Worker as a Hono app: every route of the contract, and one order for all of them. Headers, OPTIONS, web pages, the
 * public routes, the shared key. A machine's key is looked up by the object, together with what is asked: before a large
 * body is read, and before anybody hears what is wrong with a request. The Worker remembers nothing between requests.
 *
 * @param now - milliseconds since 1970
 * @param readTexts - injected so that the simulation can break it
 */
export function createApp(now: () => number, readTexts: ReadTexts = readArchived): Hono<Bindings> {
  const app = new Hono<Bindings>();
  const answering: Answering = async (name, context) =>
    name === "health" ? health(now()) : answer(name, context, { now, readTexts });
  app.use(protectiveHeaders, noStore, async ({ req }, next) => {
    await next();
    await dropBody(req.raw);
  });
  app.options("*", (context) => context.body(null, 204));
  app.use(refuseWebPages);
  for (const name of routeNames().filter(isPublic)) {
    app.on(ROUTES[name].method, ROUTES[name].path, async (context) => {
      if (name !== "health") await limitJoins(context.env, context.req.raw);
      context.set("claim", { kind: "nobody" });
      return answering(name, context);
    });
  }
  app.use(async (context, next) => {
    const { req, env } = context;
    const claim = await claimOf(req.raw, env);
    if (claim === null) {
      await countWrongKey(req.raw, env);
      if (req.raw.headers.has("authorization")) await noteWrongKey(env, addressOf(req.raw));
      throw noValidKey(req.raw);
    }
    await limitRequests(env, claim);
    context.set("claim", claim);
    if (isLarge(req.raw)) await judge(env, req.raw, asking(context));
    await next();
    if (context.error === undefined || hasJudged(req.raw)) return;
    // What is wrong with a request is told to nobody whose key is wrong, and the key is counted.
    const answer = context.res;
    context.res = undefined; // its headers would stay
    await judge(env, req.raw, asking(context));
    context.res = answer;
  });
  for (const path of new Set(Object.values(ROUTES).map((route) => route.path))) addPath(app, path, answering);
  app.all("*", () => {
    throw new Refusal(404, "not_found", "There is nothing at this path.");
  });
  app.onError(renderRefusal);
  return app;
}

/** Every method of a path, and 405 for the others. */
function addPath(app: Hono<Bindings>, path: string, answering: Answering): void {
  const names = routeNames().filter((name) => ROUTES[name].path === path);
  for (const name of names) app.on(ROUTES[name].method, path, (context) => answering(name, context));
  const own: readonly string[] = names.map((name) => ROUTES[name].method);
  const allow = METHODS.filter(
    (method) => own.includes(method === "HEAD" ? "GET" : method) || method === "OPTIONS",
  ).join(", ");
  app.all(path, ({ req }) => {
    const sentence = `${req.method} is not possible here; possible are ${allow}.`;
    throw new Refusal(405, "method_not_allowed", sentence, { headers: { allow } });
  });
}

function routeNames(): RouteName[] {
  return Object.keys(ROUTES) as RouteName[]; // its own keys, which TypeScript gives as strings
}

function isPublic(name: RouteName): boolean {
  const route: Route = ROUTES[name];
  return route.isPublic === true;
}

/** Parses with the schemas of the route, asks the object, answers with the route's status. */
async function answer<Name extends Asked>(
  name: Name,
  context: Context<Bindings>,
  worker: Pick<Handled<Name>, "now" | "readTexts">,
): Promise<Response> {
  const { req, env } = context;
  const route: Route = ROUTES[name];
  const body = route.body && parse(route.body, await bodyOf(route, req.raw), "The body");
  const bytes = body instanceof Uint8Array ? body : NO_BYTES;
  const call = {
    ...asking(context),
    route: name,
    id: ofPath(req.param("id"), MessageId, "The id"),
    sha256: ofPath(req.param("sha256"), Sha256, "The name"),
    invite: ofPath(req.param("invite"), InviteId, "The invitation"),
    query: parse(route.query, queryOf(new URL(req.url)), "The query"),
    body: body instanceof Uint8Array ? null : body,
    bytes: bytes.byteLength,
    knownEtag: req.header("if-none-match"),
    installation: InstallationId.safeParse(req.header(INSTALLATION_HEADER)).data,
  } as BridgeCall<Name>; // parsed with the schemas of this name, which TypeScript loses on the way
  const handler: Handler<Name> = HANDLERS[name] ?? askOnly;
  return handler({ ...worker, call, body: bytes, request: req.raw, env });
}

const NO_BYTES = new Uint8Array();

/** Who asks, as the object judges it. */
function asking(context: Context<Bindings>): Asking {
  const { req } = context;
  const version = ClientVersion.safeParse(req.header(VERSION_HEADER)).data;
  return { claim: context.get("claim"), version, address: addressOf(req.raw) };
}

/** The handler of the routes that the object answers alone. */
async function askOnly<Name extends Asked>({ call, env, request }: Handled<Name>): Promise<Response> {
  const { answer, etag, status = ROUTES[call.route].status } = await ask(env, request, call);
  const headers: Record<string, string> = etag === undefined ? {} : { etag };
  return answer === null ? new Response(null, { status, headers }) : Response.json(answer, { status, headers });
}

/** @returns the empty text for a path without this parameter @throws Refusal 400 */
function ofPath(text: string | undefined, schema: typeof MessageId | typeof Sha256, what: string): string {
  return text === undefined ? "" : parse(schema, text, `${what} in the path`);
}

function bodyOf({ bytes, isPublic }: Route, request: Request): Promise<unknown> {
  if (bytes === "body") return readBytes(request);
  return readJson(request, isPublic ? MAX_UNJUDGED_BYTES : MAX_REQUEST_BYTES);
}
