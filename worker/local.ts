import type { Env } from "./env.ts";
import { renderRefusal } from "./http/render-refusal.ts";
import worker from "./index.ts";
import { Refusal } from "./refusal.ts";

export { Bridge } from "./object/bridge.ts";

interface LocalEnv extends Env {
  /** Names of this computer, in lower case. */
  readonly LOCAL_NAMES: readonly string[];
}

/** A number instead of a name, as `URL` writes it; nobody's DNS leads there. */
const NUMBERS = /^(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])$/;

/**
 * The Worker as `npm run bridge` runs it, without Cloudflare before it. A web page whose own name leads to this computer
 * (DNS rebinding) is of the same origin for the browser: its requests are known by the name. And the client's address,
 * which Cloudflare would say, is whatever the client likes to say here.
 */
export default {
  fetch(request: Request, env: LocalEnv, context: ExecutionContext): Response | Promise<Response> {
    const hosts = [request.url, `http://${request.headers.get("host")}`];
    if (!hosts.every((host) => isOwnName(host, env.LOCAL_NAMES))) {
      return renderRefusal(
        new Refusal(
          421,
          "wrong_host",
          "The bridge does not have this name. Use its IP address, or start it with --name.",
        ),
      );
    }
    const own = new Request(request);
    own.headers.delete("cf-connecting-ip");
    return worker.fetch(own, env, context);
  },
};

function isOwnName(url: string, names: readonly string[]): boolean {
  const host = URL.parse(url)?.hostname.replace(/\.$/, "") ?? "";
  return host === "localhost" || NUMBERS.test(host) || names.includes(host);
}
