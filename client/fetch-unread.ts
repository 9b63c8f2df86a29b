import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { formatAddress } from "../contract/address.ts";
import type { UnreadSummary } from "../contract/api.ts";
import type { ReadyConfig } from "./config.ts";
import { PhotonError } from "./photon-error.ts";
import { parseUnread } from "./unread-cache.ts";

/** A summary is a few kilobytes; more is not one. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * `GET /unread` for the hooks: one request over Node's own client, because undici and `fetch` cost a hook more time to
 * load than the request takes.
 *
 * @param budgetMs - the whole call ends after this, DNS and TLS included
 * @throws PhotonError `offline`, `unauthorized` or `internal`
 */
export async function fetchUnread(config: ReadyConfig, budgetMs: number): Promise<UnreadSummary> {
  const reader = formatAddress({ machine: config.machine, project: config.project });
  const url = new URL(`${config.workerUrl}/unread?reader=${encodeURIComponent(reader)}`);
  const { status, text } = await get(url, config.apiKey, budgetMs).catch((cause: unknown) => {
    throw new PhotonError("offline", `The bridge at ${config.workerUrl} cannot be reached.`, { cause });
  });
  if (status === 401) throw new PhotonError("unauthorized", "The bridge does not accept this machine's key.");
  const summary = status === 200 ? parseUnread(parseJson(text)) : null;
  if (!summary) throw new PhotonError("internal", `${config.workerUrl} did not answer like a Photon bridge.`);
  return summary;
}

function get(url: URL, key: string, budgetMs: number): Promise<{ status: number; text: string }> {
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
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
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
