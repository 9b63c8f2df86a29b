import { Agent, type Dispatcher, interceptors } from "undici";
import type * as z from "zod";
import {
  INSTALLATION_HEADER,
  ROUTES,
  type Route,
  type Routes,
  type UnreadSummary,
  VERSION_HEADER,
} from "../../contract/api.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { Problem } from "../../contract/problem.ts";
import manifest from "../../package.json" with { type: "json" };
import type { ReadyConfig } from "../settings/config.ts";
import { refusalSentence } from "../text/refusal-sentence.ts";
import { pauseMs } from "./backoff.ts";
import { PhotonError } from "./photon-error.ts";

/** Timeout of one call including its retries: a tool call or a command waits for it. */
const CALL_TIMEOUT_MS = 10_000;
/** Timeout for one capsule piece of a megabyte. It is shorter than the lease of the process that sends it. */
const BYTES_TIMEOUT_MS = 25_000;
const CONNECT_TIMEOUT_MS = 3_000;

/** Attempts after the first. Every call is idempotent: a send carries its id; receipts and deletions repeat safely. */
const MAX_RETRIES = 2;
const FIRST_RETRY_MS = 200;

/** After a longer `Retry-After` the call fails at once, and a message stays in the outbox. */
const MAX_WAIT_MS = 2_000;

/** Upper limit of a `Retry-After`, which could otherwise stop this machine for years. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

const RETRIED_STATUS = [429, 502, 503, 504];
const RETRIED_ERRORS = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "EAI_AGAIN"];

interface CallInput<R extends Route> {
  readonly id?: string;
  readonly sha256?: string;
  readonly invite?: string;
  readonly query?: z.input<R["query"]>;
  readonly body?: R["body"] extends z.ZodType ? z.input<R["body"]> : never;
}

interface Exchanged {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Calls the bridge, with types from the contract. Reuses its connection, so one instance serves the whole process. */
export class ApiClient {
  readonly #config: Pick<ReadyConfig, "workerUrl"> & { readonly apiKey: string | null };
  readonly #dispatcher: Dispatcher;
  readonly #installation: () => string | null;

  /**
   * @param config - without a key only the public routes work
   * @param dispatcher - the network; tests pass undici's MockAgent
   * @param installation - returns this computer's id; called only for a request, because it creates a file
   */
  constructor(
    config: Pick<ReadyConfig, "workerUrl"> & { readonly apiKey: string | null },
    dispatcher: Dispatcher = keepAliveAgent(),
    installation: () => string | null = () => null,
  ) {
    this.#config = config;
    this.#dispatcher = dispatcher;
    this.#installation = installation;
  }

  /**
   * Calls one route.
   *
   * @throws PhotonError `offline` without an answer; the bridge's code, with Photon's own sentence, after a refusal;
   *   `internal` if the answer does not match the contract (then this address is not a bridge)
   */
  async call<Name extends keyof Routes>(
    name: Name,
    input: CallInput<Routes[Name]> = {},
  ): Promise<z.output<Routes[Name]["answer"]>> {
    return this.#answer(name, await this.#exchange(ROUTES[name], input));
  }

  /**
   * `GET /unread`, which answers only if the summary changed.
   *
   * @param knownEtag - the etag of the last answer for this reader
   * @returns null if the summary has not changed
   * @throws PhotonError like {@link call}
   */
  async unreadIfChanged(reader: string, knownEtag?: string): Promise<{ summary: UnreadSummary; etag?: string } | null> {
    const headers = knownEtag === undefined ? {} : { "if-none-match": knownEtag };
    const response = await this.#exchange(ROUTES.unread, { query: { reader } }, headers);
    if (response.status === 304) return null;
    const { etag } = response.headers;
    return { summary: this.#answer("unread", response), ...(typeof etag === "string" && { etag }) };
  }

  #answer<Name extends keyof Routes>(
    name: Name,
    { status, headers, body }: Exchanged,
  ): z.output<Routes[Name]["answer"]> {
    const route: Route = ROUTES[name];
    if (status !== 200 && status !== 201)
      throw refusal(name, status, parseJson(body.toString()), headers["retry-after"]);

    const answer = route.answer.safeParse(route.bytes === "answer" ? body : parseJson(body.toString()));
    if (!answer.success) {
      throw new PhotonError("internal", `${this.#config.workerUrl} did not answer like a Photon bridge.`, {
        cause: answer.error,
      });
    }
    return answer.data as z.output<Routes[Name]["answer"]>; // TypeScript cannot relate the name to its schema
  }

  async #exchange(
    route: Route,
    { id, sha256, invite, query = {}, body }: CallInput<Route>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Exchanged> {
    const path = route.path
      .replace(":id", () => encodeURIComponent(id ?? ""))
      .replace(":sha256", () => encodeURIComponent(sha256 ?? ""))
      .replace(":invite", () => encodeURIComponent(invite ?? ""));
    const payload = body === undefined ? null : payloadOf(body);
    const mediaType = route.bytes === "body" ? "application/octet-stream" : "application/json";
    try {
      const { origin, pathname } = new URL(`${this.#config.workerUrl}${path}`);
      const response = await this.#dispatcher.request({
        origin,
        path: pathname,
        method: route.method,
        query: queryText(query),
        headers: {
          ...(this.#config.apiKey !== null && { authorization: `Bearer ${this.#config.apiKey}` }),
          [VERSION_HEADER]: manifest.version,
          ...installationHeader(this.#installation()),
          ...(payload === null ? {} : { "content-type": mediaType }),
          ...headers,
        },
        body: payload,
        signal: AbortSignal.timeout(route.bytes === undefined ? CALL_TIMEOUT_MS : BYTES_TIMEOUT_MS),
      });
      const { statusCode: status, headers: answered } = response;
      return { status, headers: answered, body: Buffer.from(await response.body.arrayBuffer()) };
    } catch (cause) {
      throw new PhotonError("offline", `The bridge at ${this.#config.workerUrl} cannot be reached.`, { cause });
    }
  }

  /** Closes the connection, so that a short-lived process can exit at once. */
  async close(): Promise<void> {
    await this.#dispatcher.close();
  }
}

/** Uses only the code of the bridge's answer, never its text. */
function refusal(
  route: keyof Routes,
  status: number,
  json: unknown,
  retryAfter: string | string[] | undefined,
): PhotonError {
  const problem = Problem.safeParse(json);
  if (!problem.success) return new PhotonError("internal", `The bridge answered with status ${status}.`);
  const { code } = problem.data;
  return new PhotonError(code, refusalSentence(route, code), { retryAfterMs: retryAfterMs(retryAfter) });
}

function payloadOf(body: unknown): string | Uint8Array {
  return body instanceof Uint8Array ? body : JSON.stringify(body);
}

function installationHeader(installation: string | null): Readonly<Record<string, string>> {
  return installation === null ? {} : { [INSTALLATION_HEADER]: installation };
}

function keepAliveAgent(): Dispatcher {
  return new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, keepAliveTimeout: 30_000 }).compose(
    interceptors.retry({ throwOnError: false, retry: retryOrGiveUp }),
  );
}

/** Retries twice, quickly. The outbox does longer retries, because here a caller waits. */
function retryOrGiveUp(
  error: Error & { code?: string; statusCode?: number; headers?: Record<string, string | string[] | undefined> },
  { state }: { state: { counter: number } },
  done: (error?: Error | null) => void,
): void {
  const isRetried =
    error.statusCode === undefined
      ? RETRIED_ERRORS.includes(error.code ?? "")
      : RETRIED_STATUS.includes(error.statusCode);
  const attempt = state.counter; // failed attempts so far, from 1
  const wait =
    retryAfterMs(error.headers?.["retry-after"]) ?? pauseMs(attempt, { firstMs: FIRST_RETRY_MS, maxMs: MAX_WAIT_MS });
  if (!isRetried || attempt > MAX_RETRIES || wait > MAX_WAIT_MS) {
    done(error);
    return;
  }
  setTimeout(() => done(null), wait);
}

/** Parses seconds or an HTTP date; undefined if the header is missing or invalid. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}

function queryText(query: unknown): Record<string, string> {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
