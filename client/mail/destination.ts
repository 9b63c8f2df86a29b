import { basename } from "node:path";
import { MACHINE_KEY } from "../../contract/machine-list.ts";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, recordOf, textField } from "../disk/private-file.ts";
import { type Config, isSetUp } from "../settings/config.ts";
import { counted, forCount } from "../text/counted.ts";
import { type Destination, type OutboxEntry, readFailed, readOutbox } from "./outbox-folder.ts";

/** Where this machine sends with its current settings. */
export interface Here extends Destination {
  /** Whether the key in use is this machine's own. */
  readonly canEncrypt: boolean;
}

/**
 * Where a message written now may go. A machine that has keys for a bridge must encrypt for it. If the environment sets the
 * shared key instead, nothing is sent.
 */
export function destinationOf(config: Config, paths: Pick<Paths, "keys">): Here {
  const keys = recordOf(recordOf(readPrivateJson(paths.keys))?.keys) ?? {};
  if (!isSetUp(config)) return { workerUrl: null, mustEncrypt: Object.keys(keys).length > 0, canEncrypt: false };
  const { workerUrl, apiKey } = config;
  const canEncrypt = MACHINE_KEY.test(apiKey);
  return { workerUrl, mustEncrypt: canEncrypt || Object.hasOwn(keys, workerUrl), canEncrypt };
}

/**
 * Why a queued message may not be sent with the current settings, as the rest of a sentence that begins with "it".
 *
 * @returns null if it may
 */
export function holdReason({ workerUrl, mustEncrypt }: Destination, here: Here): string | null {
  if (here.workerUrl === null) return null; // nothing can be sent; the sending code reports what is missing
  if (workerUrl !== null && workerUrl !== here.workerUrl) {
    return `was written for another bridge, ${workerUrl}, and is sent only when this machine uses that bridge again`;
  }
  if (!mustEncrypt || here.canEncrypt) return null;
  return "must be encrypted, and this machine uses the shared key now; it is sent when this machine uses its own key again: unset BRIDGE_API_KEY, or run `photon join`";
}

/** The queued messages that may be sent with the current settings, oldest first. */
export function waitingFor(paths: Paths, here: Here): OutboxEntry[] {
  return readOutbox(paths).filter((entry) => holdReason(entry, here) === null);
}

/** The queued messages that Photon retries and the bridge does not refuse for now, oldest first. */
export function notHeld(paths: Paths, here: Here): OutboxEntry[] {
  return waitingFor(paths, here).filter(({ forbidden }) => forbidden === null);
}

/** One sentence for each reason why queued messages are held: the settings, or the bridge for now, do not allow them. */
export function heldMessages(paths: Paths, here: Here): string[] {
  const entries = readOutbox(paths);
  const bySettings = countsOf(entries.map((entry) => holdReason(entry, here)));
  const byBridge = countsOf(entries.map((entry) => (holdReason(entry, here) === null ? entry.forbidden : null)));
  return [
    ...bySettings.map(
      ([reason, count]) =>
        `${counted(count, "message")} ${forCount(count, "is held here: it", "are held here: each")} ${reason}.`,
    ),
    ...byBridge.map(
      ([reason, count]) => `${counted(count, "message")} ${forCount(count, "is", "are")} held here: ${reason}`,
    ),
  ];
}

function countsOf(reasons: readonly (string | null)[]): [reason: string, count: number][] {
  const counts = new Map<string, number>();
  for (const reason of reasons) if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts];
}

/** A message of this machine that nothing delivers unless a person acts. */
export interface Undelivered {
  readonly file: string;
  readonly id: string;
  /** null means everyone. */
  readonly to: string | null;
  readonly content: string;
  /** The sender's address when it was written. */
  readonly from: string;
  /** The bridge that it was written for; null if this machine had none. */
  readonly workerUrl: string | null;
  /** When it was written, in this machine's milliseconds since 1970. */
  readonly queuedAt: number;
  /** `refused`: for ever. `held`: the settings, or the bridge for now, do not allow sending it. */
  readonly state: "refused" | "held";
  /** A sentence, which may quote the bridge. */
  readonly reason: string;
}

/** Oldest first. */
export function readUndelivered(paths: Paths, here: Here): Undelivered[] {
  const held = readOutbox(paths).flatMap((entry): Undelivered[] => {
    const why = holdReason(entry, here);
    const reason = why === null ? entry.forbidden : `It ${why}.`;
    return reason === null ? [] : [{ ...written(entry), state: "held", reason }];
  });
  const refused = readFailed(paths).map(
    (entry): Undelivered => ({ ...written(entry), state: "refused", reason: entry.reason }),
  );
  return [...refused, ...held].sort((a, b) => a.queuedAt - b.queuedAt);
}

function written(entry: Pick<OutboxEntry, "file" | "queuedAt" | "workerUrl" | "draft">) {
  const { file, queuedAt, workerUrl, draft } = entry;
  return {
    file,
    queuedAt,
    workerUrl,
    id: textField(draft, "id") ?? basename(file),
    to: textField(draft, "to") ?? null,
    from: textField(draft, "from") ?? "",
    content: textField(draft, "content") ?? "",
  };
}
