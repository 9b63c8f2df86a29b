import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { formatAddress } from "../contract/address.ts";
import type { UnreadSummary } from "../contract/api.ts";
import type { ReadyConfig } from "./config.ts";
import { PhotonError } from "./photon-error.ts";
import { parseUnread, type UnreadTag } from "./unread-cache.ts";

/** A summary is a few kilobytes; more is not one. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * `GET /unread` for the hooks: one request over Node's own client, because undici and `fetch` cost a hook more time to
 * load than the request takes.
 *
 * @param except - ids that this machine has just marked read itself, at most 100
 * @param budgetMs - the whole call ends after this, DNS and TLS included
 * @throws PhotonError `offline`, `unauthorized` or `internal`
 */
export async function fetchUnread(
  config: ReadyConfig,
  except: readonly string[],
  budgetMs: number,
): Promise<{ summary: UnreadSummary; tag: UnreadTag | null }> {
  const { workerUrl } = config;
  const url = new URL(`${workerUrl}/unread`);
  url.searchParams.set("reader", formatAddress({ machine: config.machine, project: config.project }));
  if (except.length > 0) url.searchParams.set("except", except.join(","));
  const askedAt = Date.now();
  const { status, etag, text } = await get(url, config.apiKey, Math.max(1, Math.floor(budgetMs))).catch(
    (cause: unknown) => {
      if (cause instanceof TypeError || cause instanceof RangeError) throw cause; // our own fault, not the network's
      throw new PhotonError("offline", `The bridge at ${workerUrl} cannot be reached.`, { cause });
    },
  );
  if (status === 401 || status === 403)
    throw new PhotonError("unauthorized", "The bridge does not accept this machine's key.");
  const summary = status === 200 ? parseUnread(parseJson(text)) : null;
  if (!summary) throw new PhotonError("internal", `${workerUrl} did not answer like a Photon bridge.`);
  return { summary, tag: etag === undefined ? null : { etag, workerUrl, askedAt } };
}

interface Got {
  readonly status: number;
  readonly etag: string | undefined;
  readonly text: string;
}

function get(url: URL, key: string, budgetMs: number): Promise<Got> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const signal = AbortSignal.timeout(budgetMs);
    const request = send(url, { headers: { authorization: `Bearer ${key}` }, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error("The answer is too large."));
      });
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, etag: headers.etag, text: Buffer.concat(chunks).toString() });
      });
    });
    request.on("error", reject);
    request.end();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
