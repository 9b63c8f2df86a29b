import { Dispatcher } from "undici";

/** The far end of the network: answers a request as the Worker would. */
export type Serve = (request: Request) => Promise<Response>;

/**
 * A network for the real API client that ends in a Worker in this process. If `serve` rejects, the client sees a broken
 * connection, whether or not the Worker has handled the request.
 */
export class WorkerDispatcher extends Dispatcher {
  readonly #serve: Serve;

  constructor(serve: Serve) {
    super();
    this.#serve = serve;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    void this.#answer(options, handler);
    return true;
  }

  override async close(): Promise<void> {}

  async #answer(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): Promise<void> {
    // undici's own `request` still uses this older handler interface.
    handler.onConnect?.(() => undefined);
    try {
      const url = new URL(options.path, options.origin);
      for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, String(value));
      const headers = Object.entries(options.headers ?? {}).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const text = options.body ? String(options.body) : null;
      const body = text === null ? {} : { body: text };
      // As undici sends it over a real connection.
      if (text !== null) headers.push(["content-length", String(Buffer.byteLength(text))]);
      const response = await this.#serve(new Request(url, { method: options.method, headers, ...body }));
      const rawHeaders = [...response.headers].flat().map((text) => Buffer.from(text));
      handler.onHeaders?.(response.status, rawHeaders, () => undefined, response.statusText);
      handler.onData?.(Buffer.from(await response.arrayBuffer()));
      handler.onComplete?.([]);
    } catch (error) {
      handler.onError?.(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
