import { DurableObject } from "cloudflare:workers";
import { systemAmbient } from "../ambient.ts";
import type { Env } from "../env.ts";
import { type RegistryCall, type RegistryOutcome, refusedOf } from "./outcome.ts";
import { RegistryStore } from "./registry-store.ts";

/**
 * One object for the machines of a bridge, whatever store has the messages: what works once, is counted, or is only added
 * to needs one place (docs/decisions/0021).
 */
export class Registry extends DurableObject<Env> {
  readonly #store: RegistryStore;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#store = new RegistryStore(context.storage.sql, systemAmbient().now);
  }

  /** Does what the store does. @throws what is no fault of the caller */
  async ask(name: RegistryCall, args: unknown[]): Promise<RegistryOutcome<unknown>> {
    try {
      return { done: await Reflect.apply(this.#store[name], this.#store, args) };
    } catch (error) {
      const refused = refusedOf(error);
      if (refused) return refused;
      throw error;
    }
  }
}
