import type { Env } from "../env.ts";
import { countWrongKey } from "../http/claim.ts";
import { unavailable } from "../http/render-refusal.ts";
import {
  BRIDGE_NAME,
  type BridgeCall,
  CALL_HEADER,
  type Done,
  type ObjectRoute,
  type Outcome,
  type Refused,
  type Requester,
} from "../object/calls.ts";
import { invalid, Refusal } from "../refusal.ts";
import type { Handler } from "./handler.ts";

/** Requests whose key the object has checked, or would have if it had been reachable. */
const judged = new WeakSet<Request>();

export function hasJudged(request: Request): boolean {
  return judged.has(request);
}

/**
 * Has the object check only the key, in one call: before a large body is read, or for a request that is already refused.
 *
 * @throws Refusal as {@link ask}
 */
export async function judge(env: Env, request: Request, requester: Requester): Promise<void> {
  const stub = stubOf(env);
  judged.add(request);
  const outcome = await reached(() => stub.judge(requester));
  if (outcome !== null) await refuse(outcome, env, request);
}

/**
 * Sends a request to the object, in one call.
 *
 * @throws Refusal the object's own; 429 if too many wrong keys came from the address; 503 if the object is unreachable
 *   (overloaded, moving or out of quota), and the request can be repeated
 */
export async function ask<Name extends ObjectRoute>(
  env: Env,
  request: Request,
  call: BridgeCall<Name>,
): Promise<Done<Name>> {
  const stub = stubOf(env);
  judged.add(request);
  const outcome = await reached(async () => (await stub.ask(call)) as Outcome<Name>); // RPC loses the type parameter
  return doneOf(outcome, env, request);
}

/** Opens a socket at the object. @throws Refusal as {@link ask} */
async function openSocket(env: Env, request: Request, call: BridgeCall<"live">): Promise<Response> {
  judged.add(request);
  const headers = { upgrade: "websocket", [CALL_HEADER]: JSON.stringify(call) };
  const response = await reached(() => stubOf(env).fetch("https://bridge/live", { headers }));
  if (response.status !== 101) await doneOf(await response.json<Outcome<"live">>(), env, request);
  return response;
}

/** `GET /live`: opens a socket of the object. */
export const live: Handler<"live"> = async ({ call, env, request }) => {
  const isUpgrade = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!isUpgrade) throw invalid("This path is for a WebSocket: `Upgrade: websocket`.");
  return openSocket(env, request, call);
};

/** Adds a malformed key to the audit log. Errors are ignored: they do not change the answer. */
export async function noteWrongKey(env: Env, address: string | undefined): Promise<void> {
  await stubOf(env)
    .noteWrongKey(address)
    .catch(() => undefined);
}

async function doneOf<Name extends ObjectRoute>(
  outcome: Outcome<Name>,
  env: Env,
  request: Request,
): Promise<Done<Name>> {
  return "done" in outcome ? outcome.done : refuse(outcome, env, request);
}

async function refuse({ refused, isWrongKey }: Refused, env: Env, request: Request): Promise<never> {
  if (isWrongKey) await countWrongKey(request, env);
  throw new Refusal(refused.status, refused.code, refused.message);
}

function stubOf({ BRIDGE }: Env) {
  if (BRIDGE === undefined) {
    throw new Refusal(503, "not_configured", "The bridge has no Durable Object. Deploy it again.");
  }
  return BRIDGE.getByName(BRIDGE_NAME);
}

async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unavailable(error);
  }
}
