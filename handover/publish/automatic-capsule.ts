import { isRunning } from "../../client/disk/is-running.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { goesAlong } from "../../client/encryption/work-along.ts";
import type { Config } from "../../client/settings/config.ts";
import type { HandoverDraft } from "../draft/draft-store.ts";
import type { OpenSession } from "../draft/open-sessions.ts";
import { recipientByPolicy } from "./publish.ts";
import { type CapsuleOutcome, tryBuildCapsule } from "./work-capsule.ts";

/**
 * Largest capsule of a handover that goes out while the session works. A bridge keeps 256 MB of a machine for 14 days: with
 * a handover every ten minutes, eight hours a day, these are 172 MB.
 */
const MAX_MIDWAY_BYTES = 256 * 1024;

/**
 * The capsule of an automatic handover.
 *
 * @returns null if the settings do not let the work go along to this recipient
 */
export async function automaticCapsule(
  paths: Paths,
  config: Config,
  draft: HandoverDraft,
  { pid, hasEnded, isFinal = hasEnded }: OpenSession,
): Promise<CapsuleOutcome | null> {
  if (!goesAlong(paths, config, recipientByPolicy(paths, draft))) return null;
  const outcome = await tryBuildCapsule(draft.folder);
  const mayBeLarge = isFinal || !isRunning(pid);
  if (mayBeLarge || outcome.built === null || outcome.built.bytes.length <= MAX_MIDWAY_BYTES) return outcome;
  const why = `The work is larger than ${MAX_MIDWAY_BYTES / 1024} KiB, compressed. So much goes along only when the session ends.`;
  return { built: null, why, leavesWork: true, cure: "handover" };
}
