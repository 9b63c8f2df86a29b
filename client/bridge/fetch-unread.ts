import { formatAddress } from "../../contract/address.ts";
import { MAX_IDS_PER_REQUEST } from "../../contract/constants.ts";
import { parseJson } from "../../contract/parse-json.ts";
import { HttpClient } from "../network/http-client.ts";
import { networkFailure } from "../network/network-failure.ts";
import type { ReadyConfig } from "../settings/config.ts";
import type { BridgeSummary } from "../text/tellable-mail.ts";
import { isMarked, notTheBridge, refusalCode, unreachable } from "./own-answer.ts";
import { parseUnread } from "./parse-unread.ts";
import { PhotonError } from "./photon-error.ts";
import { withoutRead } from "./without-read.ts";

/** A summary has a few kilobytes; a larger answer is rejected. */
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * `GET /unread` for the hooks, which do not load the contract. First reports the messages that were marked read while the
 * bridge was unreachable, so that they are not counted.
 *
 * @param readHere - ids marked read on this machine that the bridge may not know yet; usually empty
 * @param budgetMs - timeout of the whole call, including DNS and TLS
 * @throws PhotonError `offline`, `unauthorized` or `internal`
 */
export async function fetchUnread(
  { workerUrl, machine, project, apiKey }: Pick<ReadyConfig, "workerUrl" | "machine" | "project" | "apiKey">,
  readHere: ReadonlySet<string>,
  budgetMs: number,
): Promise<BridgeSummary> {
  const client = new HttpClient();
  const end = performance.now() + budgetMs;
  const exchange = (path: string, body: unknown) => {
    const isPost = body !== undefined;
    return client.request({
      url: new URL(`${workerUrl}${path}`),
      method: isPost ? "POST" : "GET",
      headers: { authorization: `Bearer ${apiKey}`, ...(isPost && { "content-type": "application/json" }) },
      body: isPost ? JSON.stringify(body) : null,
      timeoutMs: end - performance.now(),
      retries: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
  };
  try {
    const ids = [...readHere].slice(0, MAX_IDS_PER_REQUEST);
    // The answer does not matter: the receipts stay in the outbox until another process delivers them.
    if (ids.length > 0) await exchange("/messages/read", { reader: machine, ids });
    const reader = encodeURIComponent(formatAddress({ machine, project }));
    const answer = await exchange(`/unread?reader=${reader}`, undefined);
    const json = parseJson(answer.body.toString());
    const summary = answer.status === 200 ? parseUnread(json) : null;
    if (summary) return withoutRead(summary, readHere);
    const code = refusalCode(answer, json);
    if (code === null && !isMarked(answer)) throw notTheBridge(workerUrl, answer);
    if (code === "unauthorized" || code === "forbidden")
      throw new PhotonError("unauthorized", "The bridge does not accept this machine's key.");
    throw new PhotonError("internal", "The bridge gave no usable answer.");
  } catch (error) {
    const isOurs = error instanceof PhotonError || error instanceof TypeError || error instanceof RangeError;
    throw isOurs ? error : unreachable(workerUrl, networkFailure(error)); // a TypeError is a defect
  } finally {
    await client.close();
  }
}
