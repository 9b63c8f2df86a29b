import { Refusal } from "../refusal.ts";
import { StoreUnavailable } from "../store/message-store.ts";
import type { RegistryCall, RegistryOutcome } from "./outcome.ts";
import type { Registry } from "./registry.ts"; // its types alone: outside of workerd nobody can load it
import type { RegistryStore } from "./registry-store.ts";

/** A person has one. */
const NAME = "registry";

/** The registry as the Worker has it: in another place, from where the same answers and refusals come. */
export class RemoteRegistry implements Pick<RegistryStore, RegistryCall> {
  readonly #stub: DurableObjectStub<Registry>;

  constructor(registries: DurableObjectNamespace<Registry>) {
    this.#stub = registries.getByName(NAME);
  }

  readonly identify: RegistryStore["identify"] = (...args) => this.#ask("identify", args);
  readonly policy: RegistryStore["policy"] = (...args) => this.#ask("policy", args);
  readonly entries: RegistryStore["entries"] = (...args) => this.#ask("entries", args);
  readonly extend: RegistryStore["extend"] = (...args) => this.#ask("extend", args);
  readonly invitation: RegistryStore["invitation"] = (...args) => this.#ask("invitation", args);
  readonly join: RegistryStore["join"] = (...args) => this.#ask("join", args);
  readonly failedKey: RegistryStore["failedKey"] = (...args) => this.#ask("failedKey", args);
  readonly cleared: RegistryStore["cleared"] = (...args) => this.#ask("cleared", args);
  readonly log: RegistryStore["log"] = (...args) => this.#ask("log", args);
  readonly spend: RegistryStore["spend"] = (...args) => this.#ask("spend", args);

  #ask<Name extends RegistryCall>(name: Name, args: Parameters<RegistryStore[Name]>): ReturnType<RegistryStore[Name]> {
    const answer = async () => {
      const outcome = await this.#reached(name, args);
      if (!("refused" in outcome)) return outcome.done;
      const { status, code, message } = outcome.refused;
      throw new Refusal(status, code, message);
    };
    return answer() as ReturnType<RegistryStore[Name]>;
  }

  /** Overloaded, moved, out of quota, or a defect: whatever was asked can be asked again, and nobody is let in. */
  async #reached(name: RegistryCall, args: unknown[]): Promise<RegistryOutcome<unknown>> {
    try {
      return await this.#stub.ask(name, args);
    } catch (cause) {
      throw new StoreUnavailable("The registry did not do what was asked.", { cause });
    }
  }
}
