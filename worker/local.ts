import type { Env } from "./env.ts";
import { renderRefusal } from "./http/render-refusal.ts";
import worker from "./index.ts";
import { Refusal } from "./refusal.ts";

export { Bridge } from "./object/bridge.ts";

interface LocalEnv extends Env {
  /** This computer's host names, in lower case. */
  readonly LOCAL_NAMES: readonly string[];
}

/** An IP address, as `URL` formats it. DNS rebinding needs a name, so addresses are safe. */
const IP_ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])$/;

/**
 * The Worker as `npm run bridge` runs it, without Cloudflare in front. Two things differ. A web page whose host name
 * resolves to this computer (DNS rebinding) counts as same-origin in the browser, so requests for foreign host names are
 * refused. And `cf-connecting-ip` is removed, because here the client could send any value.
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
  return host === "localhost" || IP_ADDRESS.test(host) || names.includes(host);
}
