import { Refusal } from "../refusal.ts";
import type { Handler } from "./handler.ts";

export const roster: Handler<"roster"> = async () => {
  throw noRegistry();
};

export const extendRoster: Handler<"extendRoster"> = async () => {
  throw noRegistry();
};

export const invitation: Handler<"invitation"> = async () => {
  throw noRegistry();
};

export const join: Handler<"join"> = async () => {
  throw noRegistry();
};

export const auditLog: Handler<"auditLog"> = async () => {
  throw noRegistry();
};

function noRegistry(): Refusal {
  return new Refusal(404, "not_found", "This bridge has no registry of machines.");
}
