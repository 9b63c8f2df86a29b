import type { ApiClient } from "../api-client.ts";

/**
 * The bridge's clock, for the times that stand in the machine list: a machine whose own clock is hours off can still invite
 * and join, and an invitation is valid for as long as it says.
 *
 * @returns milliseconds since 1970
 * @throws PhotonError when the bridge cannot be asked
 */
export async function bridgeTime(api: ApiClient): Promise<number> {
  return Date.parse((await api.call("health")).timestamp);
}
