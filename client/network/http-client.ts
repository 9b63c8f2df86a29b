import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as send } from "node:http";
import type { Socket } from "node:net";
import { dial } from "./dial.ts";
import { NetworkFailure, networkFailure } from "./network-failure.ts";
import { pauseMs } from "./pause-ms.ts";
import { type NetworkProxy, portOf, proxyFor } from "./proxy.ts";
import { proxyAuthorization, refusedByProxy } from "./tunnel.ts";

/** An idle connection is closed after this time, before a router on the way forgets it. */
const IDLE_MS = 30_000;

/** More than a page of 100 messages of 64,000 characters, and than a piece of a capsule. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const FIRST_RETRY_MS = 200;

/** An answer with a longer `Retry-After` is returned at once. */
const MAX_WAIT_MS = 2_000;

/** Upper limit of a `Retry-After`, which could otherwise stop this machine for years. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

const RETRIED_STATUS = [429, 502, 503, 504];

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  /** For everything, retries included. */
  readonly timeoutMs: number;
  /** Attempts after the first. The request must be idempotent. */
  readonly retries: number;
  readonly maxAnswerBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The label of the proxy that it came through. */
  readonly proxy?: string;
}

/** The far end of the network. Tests replace it. */
export interface Network {
  /** @throws NetworkFailure without an answer */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Waits for open requests, then closes the connections, so that a short-lived process ends at once. */
  close(): Promise<void>;
}

/**
 * Node's own HTTP client, because undici and `fetch` take longer to load than a request takes: keeps connections open,
 * uses the environment's proxy, and retries twice if asked to. Follows no redirect.
 */
export class HttpClient implements Network {
  readonly #agents = new Map<string, DialingAgent>();
  readonly #open = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  async request(request: HttpRequest): Promise<HttpAnswer> {
    const answer = this.#withRetries(request);
    this.#open.add(answer);
    try {
      return await answer;
    } finally {
      this.#open.delete(answer);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#open);
    this.#closing.abort();
    for (const agent of this.#agents.values()) agent.destroy();
  }

  async #withRetries(request: HttpRequest): Promise<HttpAnswer> {
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(request.timeoutMs)));
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt > request.retries;
      const pauseBefore = pauseMs(attempt, { firstMs: FIRST_RETRY_MS, maxMs: MAX_WAIT_MS });
      try {
        const answer = await this.#once(request, signal);
        const wait = retryAfterMs(answer.headers) ?? pauseBefore;
        if (isLast || !RETRIED_STATUS.includes(answer.status) || wait > MAX_WAIT_MS) return answer;
        await pause(wait);
      } catch (error) {
        const failure = networkFailure(error);
        if (isLast || !failure.isBrief) throw failure;
        await pause(pauseBefore);
      }
    }
  }

  async #once(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, method, body } = request;
    const proxy = proxyFor(url);
    // For plain http a proxy wants the whole address, and sends the request itself.
    const isForProxy = proxy !== null && url.protocol === "http:" && proxy.url.protocol.startsWith("http");
    const asked = send({
      agent: this.#agentFor(url, proxy),
      host: url.hostname,
      port: portOf(url),
      method,
      path: isForProxy ? url.href : `${url.pathname}${url.search}`,
      headers: { host: url.host, ...request.headers, ...(isForProxy && proxyAuthorization(proxy)) },
      signal,
    });
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        asked.on("response", resolve).on("error", reject).end(body);
      });
      if (isForProxy && answer.statusCode === 407) throw refusedByProxy(407, proxy);
      const got = await whole(answer, request.maxAnswerBytes ?? MAX_ANSWER_BYTES);
      return proxy === null ? got : { ...got, proxy: proxy.label };
    } catch (error) {
      asked.destroy();
      const failure = networkFailure(signal.aborted ? signal.reason : error);
      const isUnclear = proxy !== null && (failure.kind === "timeout" || failure.kind === "cut");
      throw isUnclear ? new NetworkFailure(failure.kind, { detail: throughProxy(proxy), cause: failure }) : failure;
    }
  }

  #agentFor(url: URL, proxy: NetworkProxy | null): DialingAgent {
    const key = `${url.origin} ${proxy?.url.href ?? ""}`;
    const agent =
      this.#agents.get(key) ??
      new DialingAgent(() => dial(url, { proxy, isTunnel: false, signal: this.#closing.signal }));
    this.#agents.set(key, agent);
    return agent;
  }
}

/** Node's pool of connections, which are opened by {@link dial}. */
class DialingAgent extends Agent {
  readonly #dial: () => Promise<Socket>;

  constructor(dialAddress: () => Promise<Socket>) {
    super({ keepAlive: true, timeout: IDLE_MS });
    this.#dial = dialAddress;
  }

  /** Called by Node when no connection is free. */
  createConnection(_: unknown, callback: (error: unknown, socket?: Socket) => void): void {
    this.#dial().then((socket) => callback(null, socket), callback);
  }
}

/** Either of the two may be the reason. */
function throughProxy({ label }: NetworkProxy): string {
  return `through the proxy ${label}`;
}

async function whole(answer: IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) throw new NetworkFailure("other", { detail: "the answer is too large" });
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Parses seconds or an HTTP date; undefined if the header is missing or invalid. */
export function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const header = headers["retry-after"];
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}
