import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";

/**
 * The pipe to the client, which also reports when an answer was written to it. Not guaranteed: that the client has read the
 * answer; it may die before.
 */
export class StdioTransport extends StdioServerTransport {
  readonly #callbacks = new Map<RequestId, () => void>();

  /** Calls back once, when the result of this request has been written; never if the request fails. */
  whenSent(request: RequestId, callback: () => void): void {
    this.#callbacks.set(request, callback);
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message);
    if (!("id" in message) || "method" in message || message.id === undefined) return;
    const callback = this.#callbacks.get(message.id);
    this.#callbacks.delete(message.id);
    if ("result" in message) callback?.();
  }
}
