import type { PhotonError } from "../../client/bridge/photon-error.ts";
import { type FailureKind, NetworkFailure } from "../../client/network/network-failure.ts";
import { isLocalNetwork, isLoopback } from "../machines/settings.ts";

const LATER = "until then Photon keeps your messages on this machine";
const CUT = `try again; if it lasts, a firewall or a proxy closes the connection; ${LATER}`;
const PROXY = "check the proxy and the variable that names it; NO_PROXY excludes the bridge's host from it";
const COMPANY =
  "if a company network shows its own certificate, name the company's certificate file in NODE_EXTRA_CA_CERTS; Node 22.15 or newer also asks the system's store";

const ADVICE: Readonly<Record<FailureKind, string>> = {
  name_not_found: `check the address for a typing error, and the network; ${LATER}`,
  name_not_resolved: `check whether this machine is connected; ${LATER}`,
  refused: `check the address and its port, and whether the bridge runs; ${LATER}`,
  unreachable: `check whether this machine is connected; ${LATER}`,
  cut: CUT,
  cut_in_tls: CUT,
  timeout: `check the network; a firewall may drop the connection; ${LATER}`,
  certificate_unknown: COMPANY,
  certificate_self_signed: COMPANY,
  certificate_date: "check this machine's clock; if it is right, the certificate must be renewed",
  certificate_name: "check the address; a network that needs a sign-in may answer in its place",
  certificate: "check the address; the bridge needs another certificate",
  no_tls: "check whether the address begins with the right one of https:// and http://, and its port",
  proxy_setting: "correct the variable: an address like http://proxy.example:3128",
  proxy_unreachable: PROXY,
  proxy_timeout: PROXY,
  proxy_password:
    "put the user name and the password into the proxy's address: http://name:password@proxy.example:3128 (other ways to sign in need a helper program on this machine)",
  proxy_refused: "ask the proxy's administrator to allow the bridge's address; NO_PROXY excludes it from the proxy",
  proxy_failed: `check the address; the proxy did not get through to it; ${LATER}`,
  page: `open a web page in a browser: a network may need a sign-in, or block the bridge; otherwise try later and check the address; ${LATER}`,
  cloudflare: `try later; ${LATER}`,
  other: `check the network and the address; ${LATER}`,
};

/** Of some errors of Cloudflare it is known what helps. */
const OF_CLOUDFLARE: Readonly<Record<string, string>> = {
  "1015": `too many requests came from this network; try later; ${LATER}`,
  "1027": `the daily limit of the free plan is used up; it begins again at 00:00 UTC; ${LATER}`,
  "1101": "the bridge failed: look at its log with `npx wrangler tail`",
  "1102": "the bridge used too much time: look at its log with `npx wrangler tail`",
};

/** What to do if no answer of the bridge came; null if one came. @param workerUrl - the bridge's address */
export function adviceFor({ cause }: PhotonError, workerUrl: string): string | null {
  if (!(cause instanceof NetworkFailure)) return null;
  if (isLocalNetwork(workerUrl) && mayBeStopped(cause.kind, isLoopback(workerUrl)))
    return `start the bridge, if it is not running: \`npm run bridge\` in its clone${isLoopback(workerUrl) ? "" : ", on the computer with this address"}; ${LATER}`;
  const [, code = ""] = /error (\d+)/.exec(cause.message) ?? [];
  return (cause.kind === "cloudflare" ? OF_CLOUDFLARE[code] : undefined) ?? ADVICE[cause.kind];
}

/** Whether the bridge that `npm run bridge` starts may not be running; another computer may be off, too. */
function mayBeStopped(kind: FailureKind, isHere: boolean): boolean {
  return kind === "refused" || (!isHere && (kind === "unreachable" || kind === "timeout"));
}
