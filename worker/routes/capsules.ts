import { CAPSULE_AGE_SECONDS } from "../../contract/capsule.ts";
import { Refusal } from "../refusal.ts";
import { spend } from "../spend.ts";
import type { Handler } from "./handler.ts";

export const putCapsule: Handler<"putCapsule"> = async ({ sha256, body, caller, registry, capsules, now }) => {
  const actual = await sha256Of(body);
  if (actual !== sha256) {
    throw new Refusal(400, "invalid_request", `The body has another SHA-256 than the path: ${actual}.`);
  }
  await spend(registry, caller, body.byteLength, CAPSULE_AGE_SECONDS);
  await capsules.put(sha256, body);
  return { sha256, bytes: body.byteLength, expiresAt: new Date(now() + CAPSULE_AGE_SECONDS * 1000).toISOString() };
};

export const getCapsule: Handler<"getCapsule"> = async ({ sha256, capsules }) => {
  const bytes = await capsules.get(sha256);
  if (bytes === null) throw new Refusal(404, "not_found", `There is no capsule ${sha256}.`);
  return bytes;
};

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
