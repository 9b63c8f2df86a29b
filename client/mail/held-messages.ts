import type { Paths } from "../disk/paths.ts";
import type { Destination, Here } from "./destination.ts";
import { type OutboxEntry, readOutbox } from "./outbox.ts";

/**
 * Why a waiting message may not leave with the settings of now, as the rest of a sentence that begins with "it".
 *
 * @returns null when it may
 */
export function holdReason({ workerUrl, mustEncrypt }: Destination, here: Here): string | null {
  if (here.workerUrl === null) return null; // nothing can leave; whoever sends says what is missing
  if (workerUrl !== null && workerUrl !== here.workerUrl) {
    return `was written for another bridge, ${workerUrl}, and is sent only when this machine uses that bridge again`;
  }
  if (!mustEncrypt || here.canEncrypt) return null;
  return "must be encrypted, and this machine uses the shared key now; it is sent when this machine uses its own key again: unset BRIDGE_API_KEY, also in the plugin's options, or run `photon join`";
}

/** The waiting messages that may leave with the settings of now, oldest first. */
export function waitingFor(paths: Paths, here: Here): OutboxEntry[] {
  return readOutbox(paths).filter((entry) => holdReason(entry, here) === null);
}

/** The waiting messages that may not leave with the settings of now: one sentence for each reason. */
export function heldMessages(paths: Paths, here: Here): string[] {
  const counts = new Map<string, number>();
  for (const entry of readOutbox(paths)) {
    const reason = holdReason(entry, here);
    if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) =>
    count === 1 ? `1 message is held here: it ${reason}.` : `${count} messages are held here: each ${reason}.`,
  );
}
