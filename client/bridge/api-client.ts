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
import manifest from "../../package.json" with { type: "json" };
import { type HttpAnswer, HttpClient, type Network, retryAfterMs } from "../network/http-client.ts";
import { networkFailure } from "../network/network-failure.ts";
import type { ReadyConfig } from "../settings/config.ts";
import { refusalSentence } from "../text/refusal-sentence.ts";
import { isMarked, notTheBridge, refusalCode, unreachable } from "./own-answer.ts";
import { PhotonError } from "./photon-error.ts";

/** Timeout of one call including its retries: a tool call or a command waits for it. */
const CALL_TIMEOUT_MS = 10_000;
/** Timeout for one capsule piece of a megabyte. It is shorter than the lease of the process that sends it. */
const BYTES_TIMEOUT_MS = 25_000;

const BYTES_TYPE = "application/octet-stream";

/** Attempts after the first. Every call is idempotent: a send carries its id; receipts and deletions repeat safely. */
const RETRIES = 2;

interface CallInput<R extends Route> {
  readonly id?: string;
  readonly sha256?: string;
  readonly invite?: string;
  readonly query?: z.input<R["query"]>;
  readonly body?: R["body"] extends z.ZodType ? z.input<R["body"]> : never;
}

/** Calls the bridge, with types from the contract. Reuses its connection, so one instance serves the whole process. */
export class ApiClient {
  readonly #config: Pick<ReadyConfig, "workerUrl"> & { readonly apiKey: string | null };
  readonly #network: Network;
  readonly #installation: () => string | null;

  /**
   * @param config - without a key only the public routes work
   * @param network - replaced by tests
   * @param installation - returns this computer's id; called only for a request, because it creates a file
   */
  constructor(
    config: Pick<ReadyConfig, "workerUrl"> & { readonly apiKey: string | null },
    network: Network = new HttpClient(),
    installation: () => string | null = () => null,
  ) {
    this.#config = config;
    this.#network = network;
    this.#installation = installation;
  }

  /**
   * Calls one route.
   *
   * @throws PhotonError `offline` without an answer, or if something else than the bridge answered; the bridge's code, with
   *   Photon's own sentence, after a refusal; `internal` if the bridge's answer does not match the contract
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
    const answer = await this.#exchange(ROUTES.unread, { query: { reader } }, headers);
    const { etag } = answer.headers;
    if (answer.status === 304 && (isMarked(answer) || isSameTag(etag, knownEtag))) return null;
    return { summary: this.#answer("unread", answer), ...(etag !== undefined && { etag }) };
  }

  #answer<Name extends keyof Routes>(name: Name, answer: HttpAnswer): z.output<Routes[Name]["answer"]> {
    const route: Route = ROUTES[name];
    const { status, headers, body } = answer;
    const { workerUrl } = this.#config;
    if (status !== 200 && status !== 201) {
      const code = refusalCode(answer, parseJson(body.toString()));
      if (code === null) throw notTheBridge(workerUrl, answer);
      throw new PhotonError(code, refusalSentence(name, code), { retryAfterMs: retryAfterMs(headers) });
    }
    const isBytes = route.bytes === "answer";
    if (isBytes && !isMarked(answer) && headers["content-type"] !== BYTES_TYPE) throw notTheBridge(workerUrl, answer);
    const parsed = route.answer.safeParse(isBytes ? body : parseJson(body.toString()));
    if (!parsed.success) {
      if (!isMarked(answer)) throw notTheBridge(workerUrl, answer);
      const sentence = `${workerUrl} did not answer like a Photon bridge of this version.`;
      throw new PhotonError("internal", sentence, { cause: parsed.error });
    }
    return parsed.data as z.output<Routes[Name]["answer"]>; // TypeScript cannot relate the name to its schema
  }

  async #exchange(
    route: Route,
    { id, sha256, invite, query = {}, body }: CallInput<Route>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> {
    const path = route.path
      .replace(":id", () => encodeURIComponent(id ?? ""))
      .replace(":sha256", () => encodeURIComponent(sha256 ?? ""))
      .replace(":invite", () => encodeURIComponent(invite ?? ""));
    const payload = body === undefined ? null : payloadOf(body);
    const mediaType = route.bytes === "body" ? BYTES_TYPE : "application/json";
    const url = new URL(`${this.#config.workerUrl}${path}`);
    url.search = queryText(query);
    try {
      return await this.#network.request({
        url,
        method: route.method,
        headers: {
          ...(this.#config.apiKey !== null && { authorization: `Bearer ${this.#config.apiKey}` }),
          [VERSION_HEADER]: manifest.version,
          ...installationHeader(this.#installation()),
          ...(payload === null ? {} : { "content-type": mediaType }),
          ...headers,
        },
        body: payload,
        timeoutMs: route.bytes === undefined ? CALL_TIMEOUT_MS : BYTES_TIMEOUT_MS,
        retries: RETRIES,
      });
    } catch (error) {
      throw unreachable(this.#config.workerUrl, networkFailure(error));
    }
  }

  /** Closes the connection, so that a short-lived process can exit at once. */
  async close(): Promise<void> {
    await this.#network.close();
  }
}

/** Cloudflare marks a tag as weak if it compresses the answer. */
function isSameTag(etag: string | undefined, known: string | undefined): boolean {
  return etag !== undefined && etag.replace(/^W\//, "") === known?.replace(/^W\//, "");
}

function payloadOf(body: unknown): string | Uint8Array {
  return body instanceof Uint8Array ? body : JSON.stringify(body);
}

function installationHeader(installation: string | null): Readonly<Record<string, string>> {
  return installation === null ? {} : { [INSTALLATION_HEADER]: installation };
}

function queryText(query: unknown): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
}
