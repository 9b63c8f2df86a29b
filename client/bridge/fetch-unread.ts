import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { formatAddress } from "../../contract/address.ts";
import { MAX_IDS_PER_REQUEST } from "../../contract/constants.ts";
import { parseJson } from "../../contract/parse-json.ts";
import type { ReadyConfig } from "../settings/config.ts";
import type { BridgeSummary } from "../text/tellable-mail.ts";
import { parseUnread } from "./parse-unread.ts";
import { PhotonError } from "./photon-error.ts";
import { withoutRead } from "./without-read.ts";

/** A summary has a few kilobytes; a larger answer is rejected. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * `GET /unread` for the hooks, with Node's own client, because loading undici or `fetch` takes longer than the request.
 * First reports the messages that were marked read while the bridge was unreachable, so that they are not counted.
 *
 * @param readHere - ids marked read on this machine that the bridge may not know yet; usually empty
 * @param budgetMs - timeout of the whole call, including DNS and TLS
 * @throws PhotonError `offline`, `unauthorized` or `internal`
 */
export async function fetchUnread(
  config: ReadyConfig,
  readHere: ReadonlySet<string>,
  budgetMs: number,
): Promise<BridgeSummary> {
  const { workerUrl, machine, project } = config;
  const signal = AbortSignal.timeout(Math.max(1, Math.floor(budgetMs)));
  const url = new URL(`${workerUrl}/unread`);
  url.searchParams.set("reader", formatAddress({ machine, project }));
  try {
    const ids = [...readHere].slice(0, MAX_IDS_PER_REQUEST);
    // The answer does not matter: the receipts stay in the outbox until another process delivers them.
    if (ids.length > 0) await exchange(new URL(`${workerUrl}/messages/read`), config, signal, { reader: machine, ids });
    const { status, text } = await exchange(url, config, signal);
    if (status === 401 || status === 403)
      throw new PhotonError("unauthorized", "The bridge does not accept this machine's key.");
    const summary = status === 200 ? parseUnread(parseJson(text)) : null;
    if (!summary) throw new PhotonError("internal", `${workerUrl} did not answer like a Photon bridge.`);
    return withoutRead(summary, readHere);
  } catch (cause) {
    const isOurs = cause instanceof PhotonError || cause instanceof TypeError || cause instanceof RangeError;
    if (isOurs) throw cause; // an answer or a defect, not a network error
    throw new PhotonError("offline", `The bridge at ${workerUrl} cannot be reached.`, { cause });
  }
}

/** @param body - sent as JSON with POST; without it the request is a GET */
function exchange(
  url: URL,
  { apiKey }: ReadyConfig,
  signal: AbortSignal,
  body?: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const headers = {
      authorization: `Bearer ${apiKey}`,
      ...(payload !== undefined && { "content-type": "application/json" }),
    };
    const method = payload === undefined ? "GET" : "POST";
    const request = send(url, { method, headers, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error("The answer is too large."));
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on("error", reject);
    request.end(payload);
  });
}
