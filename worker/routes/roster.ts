import { bodyOf } from "../../contract/follow-roster.ts";
import { Refusal } from "../refusal.ts";
import type { RemoteRegistry } from "../registry/remote-registry.ts";
import { requireMachine } from "../rights.ts";
import type { Handler } from "./handler.ts";

export const roster: Handler<"roster"> = async ({ query, registry }) => required(registry).entries(query.after);

export const extendRoster: Handler<"extendRoster"> = async ({
  body,
  caller,
  registry,
  address,
  forgetCallers,
  closeSockets,
}) => {
  const fingerprint = caller.kind === "machine" ? caller.fingerprint : null;
  const head = await required(registry).extend({ ...body, fingerprint, address });
  forgetCallers();
  const { type } = bodyOf(body.entry);
  if (type === "revoke" || type === "lock") await closeSockets?.();
  return { ...head };
};

export const invitation: Handler<"invitation"> = async ({ invite, registry, address }) =>
  required(registry).invitation(invite, address);

export const join: Handler<"join"> = async ({ invite, body, registry, address, forgetCallers }) => {
  const head = await required(registry).join({ ...body, invite, address });
  forgetCallers();
  return { ...head };
};

export const auditLog: Handler<"auditLog"> = async ({ query, caller, registry }) => {
  requireMachine(caller);
  return required(registry).log(query.limit, query.cursor);
};

/** @throws Refusal 404 */
function required(registry: RemoteRegistry | null): RemoteRegistry {
  if (registry !== null) return registry;
  throw new Refusal(404, "not_found", "This bridge has no list of machines.");
}
