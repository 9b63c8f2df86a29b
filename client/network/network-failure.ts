import { errorCode } from "../disk/disk-error.ts";

/** Why no answer of the bridge came, sorted by what helps. */
export type FailureKind = keyof typeof WHY;

/** Continues the sentence "The bridge cannot be reached: …". */
const WHY = {
  name_not_found: "its name is not found",
  name_not_resolved: "its name cannot be looked up at the moment",
  refused: "nothing accepts connections at its port",
  unreachable: "the network has no route to it",
  cut: "the connection was closed before an answer came",
  cut_in_tls: "the connection was closed during the TLS handshake",
  timeout: "no answer came in time",
  certificate_unknown: "its certificate is not from an authority that Node trusts",
  certificate_self_signed: "its certificate is self-signed, and Node does not trust it",
  certificate_date: "its certificate has expired or is not valid yet",
  certificate_name: "its certificate is for another name",
  certificate: "its certificate is not accepted",
  no_tls: "the TLS handshake failed",
  proxy_setting: "the address of the proxy cannot be used",
  proxy_unreachable: "the proxy cannot be reached",
  proxy_timeout: "the proxy does not answer in time",
  proxy_password: "the proxy wants another user name or password",
  proxy_refused: "the proxy refuses the connection",
  proxy_failed: "the proxy cannot connect to it",
  page: "something else answered in its place",
  cloudflare: "Cloudflare answered in its place",
  other: "the connection failed",
} as const;

interface FailureDetails extends ErrorOptions {
  /** Of an answer that is not the bridge's. */
  readonly status?: number | undefined;
  /** Appended to {@link WHY} in brackets. Photon's own words and numbers only. */
  readonly detail?: string | undefined;
  /** How long the answer asked to wait. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * No answer of the bridge came. The message is a phrase that says why, in Photon's own words: it contains nothing that
 * the network chose, except numbers.
 */
export class NetworkFailure extends Error {
  override readonly name = "NetworkFailure";
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, { status, detail, retryAfterMs, ...options }: FailureDetails = {}) {
    const details = [...(detail === undefined ? [] : [detail]), ...(status === undefined ? [] : [`status ${status}`])];
    super(`${WHY[kind]}${details.length === 0 ? "" : ` (${details.join(", ")})`}`, options);
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether an attempt right after it may succeed. */
  get isBrief(): boolean {
    return ["cut", "cut_in_tls", "name_not_resolved"].includes(this.kind);
  }

  /** Whether something else answered: a sign-in page, a block page, an outage's page. */
  get isAnswer(): boolean {
    return this.kind === "page" || this.kind === "cloudflare";
  }
}

const OF_CODE: Readonly<Record<string, FailureKind>> = {
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_resolved",
  ECONNREFUSED: "refused",
  ENETUNREACH: "unreachable",
  EHOSTUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ENETDOWN: "unreachable",
  ECONNRESET: "cut",
  ECONNABORTED: "cut",
  EPIPE: "cut",
  ETIMEDOUT: "timeout",
  EPROTO: "no_tls",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate_self_signed",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate_unknown",
  UNABLE_TO_GET_ISSUER_CERT: "certificate_unknown",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate_unknown",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate_unknown",
  CERT_UNTRUSTED: "certificate_unknown",
  CERT_HAS_EXPIRED: "certificate_date",
  CERT_NOT_YET_VALID: "certificate_date",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate_name",
};

/** Any error of a connection as a {@link NetworkFailure}. */
export function networkFailure(error: unknown): NetworkFailure {
  if (error instanceof NetworkFailure) return error;
  const options = { cause: error };
  if (error instanceof Error && error.name === "TimeoutError") return new NetworkFailure("timeout", options);
  const code = errorCode(error) ?? "";
  if (code.startsWith("ERR_SSL_")) return new NetworkFailure("no_tls", options);
  return new NetworkFailure(OF_CODE[code] ?? (/CERT/.test(code) ? "certificate" : "other"), options);
}
