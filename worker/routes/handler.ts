import type { Routes } from "../../contract/api.ts";
import type { Env } from "../env.ts";
import type { ReadTexts } from "../kv/read-texts.ts";
import type { BridgeCall, ObjectRoute } from "../object/calls.ts";

/** A request on its way to the object, and what the Worker's own part of a route needs. */
export interface Handled<Name extends ObjectRoute> {
  readonly call: BridgeCall<Name>;
  /** The bytes of a body that does not go through the object; empty without one. */
  readonly body: Uint8Array;
  readonly request: Request;
  readonly env: Env;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly readTexts: ReadTexts;
}

/** Answers one route. @throws Refusal when it cannot */
export type Handler<Name extends ObjectRoute> = (handled: Handled<Name>) => Promise<Response>;

export type RouteName = keyof Routes;
