import { type MessageStore, StoreUnavailable } from "../message-store.ts";
import type { Importing } from "../migrate.ts";
import type { Mailroom } from "./mailroom.ts"; // its types alone: outside of workerd nobody can load it
import { type Answering, type Outcome, REFUSALS, type StoreCall } from "./outcome.ts";

/** A person has one. */
const NAME = "mailroom";

/** The Mailroom as the Worker has it: in another place, from where the same answers and refusals come. */
export class RemoteMailroom implements MessageStore, Importing {
  readonly #stub: DurableObjectStub<Mailroom>;

  constructor(mailrooms: DurableObjectNamespace<Mailroom>) {
    this.#stub = mailrooms.getByName(NAME);
  }

  readonly send: MessageStore["send"] = (...args) => this.#ask("send", args);
  readonly get: MessageStore["get"] = (...args) => this.#ask("get", args);
  readonly unread: MessageStore["unread"] = (...args) => this.#ask("unread", args);
  readonly list: MessageStore["list"] = (...args) => this.#ask("list", args);
  readonly record: MessageStore["record"] = (...args) => this.#ask("record", args);
  readonly remove: MessageStore["remove"] = (...args) => this.#ask("remove", args);
  readonly machines: MessageStore["machines"] = (...args) => this.#ask("machines", args);
  readonly clear: MessageStore["clear"] = (...args) => this.#ask("clear", args);

  readonly take: Importing["take"] = (...args) => this.#ask("take", args);

  /** Opens the socket of a machine. @throws StoreUnavailable */
  async live(query: Readonly<Record<string, string>>): Promise<Response> {
    const url = `https://mailroom/live?${new URLSearchParams(query)}`;
    return reached(() => this.#stub.fetch(url, { headers: { upgrade: "websocket" } }));
  }

  /** Has every machine open its socket again. @throws StoreUnavailable */
  async closeSockets(): Promise<void> {
    await reached(() => this.#stub.closeSockets());
  }

  #ask<Name extends StoreCall>(name: Name, args: Parameters<Answering[Name]>): ReturnType<Answering[Name]> {
    const answer = async () => {
      const outcome = await reached((): Promise<Outcome<unknown>> => this.#stub.ask(name, args));
      if ("refused" in outcome) throw new REFUSALS[outcome.refused](outcome.message);
      return outcome.done;
    };
    return answer() as ReturnType<Answering[Name]>;
  }
}

/** Overloaded, moved, out of quota, or a defect: whatever was asked can be asked again. */
async function reached<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new StoreUnavailable("The Mailroom did not do what was asked.", { cause });
  }
}
