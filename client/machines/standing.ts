import type { PhotonErrorCode } from "../bridge/photon-error.ts";
import type { Membership } from "./membership.ts";

/** How this machine stands with its bridge: `out` if it had joined, and was revoked or is not known there any more. */
export type Standing = "shared key" | "joined" | "out";

/** @param refusal - the code of the error with which the bridge answered last; null if it answered well, or not at all */
export function standingOf(membership: Membership | null, refusal: PhotonErrorCode | null): Standing {
  if (membership === null) return "shared key";
  const isListed = membership.self !== undefined || membership.known.machineList.machines.length === 0;
  return refusal === "unauthorized" || !isListed ? "out" : "joined";
}
