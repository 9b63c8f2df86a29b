import * as z from "zod";
import type { Sent } from "./sent.ts";
import type { Serve } from "./worker-network.ts";

const Page = z.looseObject({ messages: z.array(z.looseObject({ id: z.string(), to: z.string().nullable() })) });

/**
 * A client of the predecessor: no message ids, no reader, no retries. A message whose answer is lost may be stored or not,
 * as with the predecessor.
 */
export class OldClient {
  readonly name: string;
  readonly #serve: Serve;

  constructor(name: string, serve: Serve) {
    this.name = name;
    this.#serve = serve;
  }

  async send({ content, tags, from }: Sent, to: string | null): Promise<void> {
    await this.#call("POST", "/messages", { content, from, to, project: null, tags });
  }

  /** Lists messages that nobody has read, and marks those for this machine. */
  async check(): Promise<void> {
    const page = Page.safeParse(await this.#call("GET", "/messages?unread=true&limit=20"));
    const own = page.data?.messages.filter(({ to }) => to === this.name) ?? [];
    for (const { id } of own) await this.#call("POST", `/messages/${id}/read`);
  }

  /** @returns null if it got no answer or an error */
  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const text = body && JSON.stringify(body);
    const ofBody = text && { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
    const headers = { authorization: "Bearer key", ...ofBody };
    const request = new Request(`https://bridge.example${path}`, { method, headers, ...(text && { body: text }) });
    try {
      const response = await this.#serve(request);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
