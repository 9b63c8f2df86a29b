import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";

/**
 * The client's pipe, which also says when an answer has gone into it. That is as far as this process can know: a client
 * that dies before it reads the pipe has been handed the answer all the same.
 */
export class StdioTransport extends StdioServerTransport {
  readonly #callbacks = new Map<RequestId, () => void>();

  /** Calls back once when the answer to this request has been written; never when it is not sent. */
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
