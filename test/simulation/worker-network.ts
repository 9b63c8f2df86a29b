import type { HttpAnswer, HttpRequest, Network } from "../../client/network/http-client.ts";

/** The far end of the network: answers a request as the Worker would. */
export type Serve = (request: Request) => Promise<Response>;

/**
 * A network for the real API client that ends in a Worker in this process. If `serve` rejects, the client sees a broken
 * connection, whether or not the Worker has handled the request.
 */
export class WorkerNetwork implements Network {
  readonly #serve: Serve;

  constructor(serve: Serve) {
    this.#serve = serve;
  }

  async request({ url, method, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const text = body === null ? null : String(body);
    // As Node sends it over a real connection.
    const length = text === null ? {} : { "content-length": String(Buffer.byteLength(text)) };
    const response = await this.#serve(
      new Request(url, { method, headers: { ...headers, ...length }, ...(text !== null && { body: text }) }),
    );
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    };
  }

  async close(): Promise<void> {}
}
