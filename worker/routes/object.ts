import type { Env } from "../env.ts";
import { countWrongKey } from "../http/claim.ts";
import { unavailable } from "../http/render-refusal.ts";
import type { Asked, BridgeCall, Done, Outcome } from "../object/calls.ts";
import { BRIDGE_NAME, CALL_HEADER } from "../object/names.ts";
import { Refusal } from "../refusal.ts";

/**
 * Asks the object: one call.
 *
 * @throws Refusal as the object refused, 429 when wrong keys come too often from an address, 503 when the object cannot be
 *   reached: it is overloaded, moving, or out of its quota, and whatever was asked can be asked again
 */
export async function ask<Name extends Asked>(env: Env, request: Request, call: BridgeCall<Name>): Promise<Done<Name>> {
  const stub = stubOf(env);
  const outcome = await reached(async () => (await stub.ask(call)) as Outcome<Name>); // RPC loses the type's parameter
  return doneOf(outcome, env, request);
}

/** Opens a socket at the object. @throws Refusal as {@link ask} */
export async function openSocket(env: Env, request: Request, call: BridgeCall<"live">): Promise<Response> {
  const headers = { upgrade: "websocket", [CALL_HEADER]: JSON.stringify(call) };
  const response = await reached(() => stubOf(env).fetch("https://bridge/live", { headers }));
  if (response.status !== 101) await doneOf(await response.json<Outcome<"live">>(), env, request);
  return response;
}

/** Notes a key that cannot be right in the audit log. The answer to the request is the same without. */
export async function noteWrongKey(env: Env, address: string | undefined): Promise<void> {
  await stubOf(env)
    .noteWrongKey(address)
    .catch(() => undefined);
}

async function doneOf<Name extends Asked>(outcome: Outcome<Name>, env: Env, request: Request): Promise<Done<Name>> {
  if ("done" in outcome) return outcome.done;
  if (outcome.isWrongKey) await countWrongKey(request, env);
  const { status, code, message } = outcome.refused;
  throw new Refusal(status, code, message);
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
