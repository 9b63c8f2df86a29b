import type { Routes } from "../../contract/api.ts";
import type { Env } from "../env.ts";
import type { ReadTexts } from "../kv/read-texts.ts";
import type { BridgeCall, ObjectRoute } from "../object/calls.ts";

/** A parsed request, and what a handler in the Worker needs to answer it. */
export interface Handled<Name extends ObjectRoute> {
  readonly call: BridgeCall<Name>;
  /** A binary body, which does not go through the object; otherwise empty. */
  readonly body: Uint8Array;
  readonly request: Request;
  readonly env: Env;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly readTexts: ReadTexts;
}

/** Answers one route. @throws Refusal */
export type Handler<Name extends ObjectRoute> = (handled: Handled<Name>) => Promise<Response>;

export type RouteName = keyof Routes;
