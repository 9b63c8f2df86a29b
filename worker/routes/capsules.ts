import { ROUTES } from "../../contract/api.ts";
import { CAPSULE_AGE_SECONDS } from "../../contract/capsule.ts";
import { unavailable } from "../http/render-refusal.ts";
import { CapsuleStore } from "../kv/capsule-store.ts";
import { invalid, notFound } from "../refusal.ts";
import type { Handler } from "./handler.ts";
import { ask } from "./object.ts";

/** The object counts the part toward the quota before KV stores it. It does not count a repeated part again. */
export const putCapsule: Handler<"putCapsule"> = async ({ call, body, env, request, now }) => {
  const { sha256 } = call;
  const actual = await sha256Of(body);
  if (actual !== sha256) throw invalid(`The body's SHA-256 is not the one in the path, but ${actual}.`);
  await ask(env, request, call);
  await inKv(() => new CapsuleStore(env.MESSAGES).put(sha256, body));
  const expiresAt = new Date(now() + CAPSULE_AGE_SECONDS * 1000).toISOString();
  return Response.json({ sha256, bytes: body.byteLength, expiresAt }, { status: ROUTES.putCapsule.status });
};

export const getCapsule: Handler<"getCapsule"> = async ({ call, env, request }) => {
  const { sha256 } = call;
  await ask(env, request, call);
  const bytes = await inKv(() => new CapsuleStore(env.MESSAGES).get(sha256));
  if (bytes === null) throw notFound(`There is no capsule ${sha256}.`);
  return new Response(bytes, { headers: { "content-type": "application/octet-stream" } });
};

/** @throws Refusal 503 if KV fails */
async function inKv<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(error);
  }
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
