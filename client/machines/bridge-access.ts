import { formatAddress } from "../../contract/address.ts";
import { MACHINE_KEY } from "../../contract/machine-list.ts";
import { ApiClient } from "../bridge/api-client.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { type Config, isSetUp, whyNotSetUp } from "../settings/config.ts";
import { readInstallation } from "../settings/installation.ts";
import { readKeys } from "./machine-keys.ts";
import { Membership } from "./membership.ts";

export interface AccessOptions {
  /** The client for the bridge's API. Default: a client for the bridge in the settings. */
  readonly api?: ApiClient | null;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** This machine's access to its bridge: the settings, the API client and, if it has joined, its membership. */
export class BridgeAccess {
  readonly config: Config;
  readonly paths: Paths;
  readonly now: () => number;
  readonly #api: ApiClient | null;
  /** undefined until it is first needed. */
  #membership: Membership | null | undefined;

  constructor(config: Config, paths: Paths, { api = apiOf(config, paths), now = Date.now }: AccessOptions = {}) {
    this.config = config;
    this.paths = paths;
    this.now = now;
    this.#api = api;
  }

  /** Who this machine sends and reads as: `mac/photon`, or `mac` outside any project. */
  get self(): string {
    return formatAddress({ machine: this.config.machine, project: this.config.project });
  }

  /** @throws PhotonError `not_set_up` */
  get api(): ApiClient {
    if (!this.#api) throw new PhotonError("not_set_up", whyNotSetUp(this.config));
    return this.#api;
  }

  /** This machine's membership of the bridge; null if it has not joined. */
  get membership(): Membership | null {
    if (this.#membership !== undefined) return this.#membership;
    const { apiKey, workerUrl } = this.config;
    const keys = apiKey !== null && MACHINE_KEY.test(apiKey) ? readKeys(this.paths, workerUrl) : null;
    this.#membership = keys && new Membership(this.paths, keys, () => this.api, this.now);
    return this.#membership;
  }

  /** Closes the connections, so that a short-lived process can exit at once. */
  async close(): Promise<void> {
    await this.#api?.close();
  }
}

function apiOf(config: Config, paths: Paths): ApiClient | null {
  if (!isSetUp(config)) return null;
  let installation: string | null | undefined;
  return new ApiClient(config, undefined, () => {
    installation ??= readInstallation(paths)?.id ?? null;
    return installation;
  });
}
