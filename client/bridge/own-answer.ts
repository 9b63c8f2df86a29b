import { BRIDGE_HEADER, PROBLEM_CODES, type ProblemCode } from "../../contract/own-answer.ts";
import { textField } from "../disk/private-file.ts";
import { type HttpAnswer, retryAfterMs } from "../network/http-client.ts";
import { NetworkFailure } from "../network/network-failure.ts";
import { PhotonError } from "./photon-error.ts";

/** Whether the bridge says of itself that it gave this answer. A bridge of an older version does not. */
export function isMarked({ headers }: HttpAnswer): boolean {
  return headers[BRIDGE_HEADER] !== undefined;
}

/**
 * The code of a refusal by the bridge. Also of an older bridge: then the code must be one that this version knows.
 *
 * @returns null if something else answered: a network's sign-in page, a proxy, Cloudflare
 */
export function refusalCode(answer: HttpAnswer, json: unknown): ProblemCode | null {
  const text = textField(json, "code");
  const code = textField(json, "error") === undefined ? undefined : PROBLEM_CODES.find((known) => known === text);
  return code ?? (isMarked(answer) ? "internal" : null);
}

/** Whether the call failed because something else answered. */
export function isForeignAnswer({ cause }: PhotonError): boolean {
  return cause instanceof NetworkFailure && cause.isAnswer;
}

/** The error for an answer that is not the bridge's: nothing is known about the bridge, so it is `offline`. */
export function notTheBridge(workerUrl: string, answer: HttpAnswer): PhotonError {
  return unreachable(workerUrl, foreignAnswer(answer));
}

/** Names only numbers of the answer. */
function foreignAnswer({ status, headers, body, proxy }: HttpAnswer): NetworkFailure {
  const [, code] = /\berror(?: code)?:?\s*(1\d{3})\b/i.exec(headers.server === "cloudflare" ? textOf(body) : "") ?? [];
  const rest = { status, retryAfterMs: retryAfterMs(headers) };
  if (code !== undefined) return new NetworkFailure("cloudflare", { detail: `error ${code}`, ...rest });
  const isPage = /^text\/html\b/.test(headers["content-type"] ?? "") || body.subarray(0, 1).toString() === "<";
  const details = [...(isPage ? ["a web page"] : []), ...(proxy === undefined ? [] : [`through the proxy ${proxy}`])];
  return new NetworkFailure("page", { ...(details.length > 0 && { detail: details.join(", ") }), ...rest });
}

/** Cloudflare's pages have a few kilobytes, with tags between the words. */
function textOf(body: Buffer): string {
  return body
    .subarray(0, 32 * 1024)
    .toString()
    .replace(/<[^<>]*>/g, " ");
}

/** The error for a call without an answer of the bridge. */
export function unreachable(workerUrl: string, failure: NetworkFailure): PhotonError {
  const what = failure.isAnswer
    ? `${workerUrl} did not answer like a Photon bridge`
    : `The bridge at ${workerUrl} cannot be reached`;
  const { retryAfterMs: wait } = failure;
  return new PhotonError("offline", `${what}: ${failure.message}.`, { cause: failure, retryAfterMs: wait });
}
