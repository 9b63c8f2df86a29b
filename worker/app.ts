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
import { BRIDGE_HEADER } from "../contract/own-answer.ts";
import { version } from "../package.json";
import { isoTime } from "./ambient.ts";
import type { Env } from "./env.ts";
import { noStore, protectiveHeaders, refuseWebPages } from "./http/browsers.ts";
import { claimOf, countWrongKey, noValidKey } from "./http/claim.ts";
import { addressOf, limitJoins, limitRequests } from "./http/rate-limits.ts";
import { dropBody, isLarge, MAX_UNJUDGED_BYTES, parse, queryOf, readBytes, readJson } from "./http/read-request.ts";
import { renderRefusal } from "./http/render-refusal.ts";
import { type ReadTexts, readTexts as readArchived } from "./kv/read-texts.ts";
import type { BridgeCall, Claim, ObjectRoute, Requester } from "./object/calls.ts";
import { Refusal } from "./refusal.ts";
import { getCapsule, putCapsule } from "./routes/capsules.ts";
import type { Handled, Handler, RouteName } from "./routes/handler.ts";
import { getMessage, listMessages } from "./routes/messages.ts";
import { ask, hasJudged, judge, live, noteWrongKey } from "./routes/object.ts";

/** Routes with work outside the object. The object alone answers the others. */
const HANDLERS: { readonly [Name in ObjectRoute]?: Handler<Name> } = {
  listMessages,
  getMessage,
  putCapsule,
  getCapsule,
  live,
};

/** Possible methods of a path, in the order of the `Allow` header. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

type Bindings = { Bindings: Env; Variables: { claim: Claim } };
type Answering = (name: RouteName, context: Context<Bindings>) => Promise<Response>;

/**
 * The Worker as a Hono app. Every request passes the same steps: protective headers, OPTIONS, web pages, public routes, the
 * shared key. The object looks up a machine's key in the call that does the work; for a large body or an invalid request
 * it is asked first, so that a client with a wrong key neither uploads a body nor learns what is wrong with a request. The
 * Worker keeps no state between requests.
 *
 * @param now - milliseconds since 1970
 * @param readTexts - injected so that the simulation can break it
 */
export function createApp(now: () => number, readTexts: ReadTexts = readArchived): Hono<Bindings> {
  const app = new Hono<Bindings>();
  const answering: Answering = async (name, context) =>
    name === "health" ? health(now()) : answer(name, context, { now, readTexts });
  app.use(protectiveHeaders, noStore, async (context, next) => {
    await next();
    context.header(BRIDGE_HEADER, version);
    await dropBody(context.req.raw);
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
    if (isLarge(req.raw)) await judge(env, req.raw, requesterOf(context));
    await next();
    if (context.error === undefined || hasJudged(req.raw)) return;
    // Check the key before the client learns what is wrong with its request. A wrong key is counted too.
    const answer = context.res;
    context.res = undefined; // otherwise Hono would keep its headers
    await judge(env, req.raw, requesterOf(context));
    context.res = answer;
  });
  for (const path of new Set(Object.values(ROUTES).map((route) => route.path))) addPath(app, path, answering);
  app.all("*", () => {
    throw new Refusal(404, "not_found", "There is nothing at this path.");
  });
  app.onError(renderRefusal);
  return app;
}

/** Registers every method of a path, and 405 for all others. */
function addPath(app: Hono<Bindings>, path: string, answering: Answering): void {
  const names = routeNames().filter((name) => ROUTES[name].path === path);
  for (const name of names) app.on(ROUTES[name].method, path, (context) => answering(name, context));
  const own: readonly string[] = names.map((name) => ROUTES[name].method);
  const allow = METHODS.filter(
    (method) => own.includes(method === "HEAD" ? "GET" : method) || method === "OPTIONS",
  ).join(", ");
  app.all(path, ({ req }) => {
    const sentence = `${req.method} is not allowed here. Use one of ${allow}.`;
    throw new Refusal(405, "method_not_allowed", sentence, { headers: { allow } });
  });
}

/** `GET /health`. Asks neither the object nor KV. */
function health(now: number): Response {
  return Response.json({ status: "ok", timestamp: isoTime(now), version });
}

function routeNames(): RouteName[] {
  return Object.keys(ROUTES) as RouteName[]; // TypeScript types keys as string
}

function isPublic(name: RouteName): boolean {
  const route: Route = ROUTES[name];
  return route.isPublic === true;
}

/** Parses a request with the schemas of its route and answers it. */
async function answer<Name extends ObjectRoute>(
  name: Name,
  context: Context<Bindings>,
  worker: Pick<Handled<Name>, "now" | "readTexts">,
): Promise<Response> {
  const { req, env } = context;
  const route: Route = ROUTES[name];
  const body = route.body && parse(route.body, await bodyOf(route, req.raw), "The body");
  const bytes = body instanceof Uint8Array ? body : NO_BYTES;
  const call = {
    ...requesterOf(context),
    route: name,
    id: ofPath(req.param("id"), MessageId, "The id"),
    sha256: ofPath(req.param("sha256"), Sha256, "The name"),
    invite: ofPath(req.param("invite"), InviteId, "The invitation"),
    query: parse(route.query, queryOf(new URL(req.url)), "The query"),
    body: body instanceof Uint8Array ? null : body,
    bytes: bytes.byteLength,
    knownEtag: req.header("if-none-match"),
    installation: InstallationId.safeParse(req.header(INSTALLATION_HEADER)).data,
  } as BridgeCall<Name>; // parsed with this route's schemas, which TypeScript cannot follow
  const handler: Handler<Name> = HANDLERS[name] ?? askOnly;
  return handler({ ...worker, call, body: bytes, request: req.raw, env });
}

const NO_BYTES = new Uint8Array();

/** The part of a request that the object needs to check its key. */
function requesterOf(context: Context<Bindings>): Requester {
  const { req } = context;
  const clientVersion = ClientVersion.safeParse(req.header(VERSION_HEADER)).data;
  return { claim: context.get("claim"), version: clientVersion, address: addressOf(req.raw) };
}

/** The handler of the routes that the object answers alone. */
async function askOnly<Name extends ObjectRoute>({ call, env, request }: Handled<Name>): Promise<Response> {
  const { answer, etag, status = ROUTES[call.route].status } = await ask(env, request, call);
  const headers: Record<string, string> = etag === undefined ? {} : { etag };
  return answer === null ? new Response(null, { status, headers }) : Response.json(answer, { status, headers });
}

/** @returns an empty string if the path has no such parameter @throws Refusal 400 */
function ofPath(text: string | undefined, schema: typeof MessageId | typeof Sha256, what: string): string {
  return text === undefined ? "" : parse(schema, text, `${what} in the path`);
}

function bodyOf({ bytes, isPublic }: Route, request: Request): Promise<unknown> {
  if (bytes === "body") return readBytes(request);
  return readJson(request, isPublic ? MAX_UNJUDGED_BYTES : MAX_REQUEST_BYTES);
}
