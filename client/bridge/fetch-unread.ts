import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { formatAddress } from "../../contract/address.ts";
import { parseJson } from "../disk/parse-json.ts";
import type { ReadyConfig } from "../settings/config.ts";
import type { BridgeSummary } from "../text/tellable-mail.ts";
import { parseUnread } from "./parse-unread.ts";
import { PhotonError } from "./photon-error.ts";
import { withoutRead } from "./without-read.ts";

/** A summary is a few kilobytes; more is not one. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** As the contract has it, which the hooks do not load. */
const MAX_TOLD_IDS = 100;

/**
 * `GET /unread` for the hooks, over Node's own client, because undici and `fetch` cost a hook more time to load than the
 * request takes. What was marked read here while the bridge was away goes first, so that it is not counted.
 *
 * @param readHere - ids that this machine marked read and that the bridge may not know of yet; usually none
 * @param budgetMs - everything ends after this, DNS and TLS included
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
    const ids = [...readHere].slice(0, MAX_TOLD_IDS);
    // Whatever it answers: the receipts stay on this disk until a process that knows more has delivered them.
    if (ids.length > 0) await exchange(new URL(`${workerUrl}/messages/read`), config, signal, { reader: machine, ids });
    const { status, text } = await exchange(url, config, signal);
    if (status === 401 || status === 403)
      throw new PhotonError("unauthorized", "The bridge does not accept this machine's key.");
    const summary = status === 200 ? parseUnread(parseJson(text)) : null;
    if (!summary) throw new PhotonError("internal", `${workerUrl} did not answer like a Photon bridge.`);
    return withoutRead(summary, readHere);
  } catch (cause) {
    const isOurs = cause instanceof PhotonError || cause instanceof TypeError || cause instanceof RangeError;
    if (isOurs) throw cause; // an answer, or our own fault; not the network's
    throw new PhotonError("offline", `The bridge at ${workerUrl} cannot be reached.`, { cause });
  }
}

/** @param body - sent as JSON by POST; without it the request is a GET */
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
