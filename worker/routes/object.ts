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

/** Requests whose key the object has judged, or could not judge because it cannot be reached. */
const judged = new WeakSet<Request>();

export function hasJudged(request: Request): boolean {
  return judged.has(request);
}

/**
 * Has the object judge the key alone, for a request that it is not asked about, or not yet: one call.
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
 * Asks the object: one call.
 *
 * @throws Refusal as the object refused, 429 when wrong keys come too often from an address, 503 when the object cannot be
 *   reached: it is overloaded, moving, or out of its quota, and whatever was asked can be asked again
 */
export async function ask<Name extends ObjectRoute>(
  env: Env,
  request: Request,
  call: BridgeCall<Name>,
): Promise<Done<Name>> {
  const stub = stubOf(env);
  judged.add(request);
  const outcome = await reached(async () => (await stub.ask(call)) as Outcome<Name>); // RPC loses the type's parameter
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

/** Notes a key that cannot be right in the audit log. The answer to the request is the same without. */
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
    throw new Refusal(503, "not_configured", "The bridge has no Durable Object: deploy it again.");
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
