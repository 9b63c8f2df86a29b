import { basename } from "node:path";
import type { Paths } from "../disk/paths.ts";
import { textField } from "../disk/private-file.ts";
import { type Here, holdReason } from "./destination.ts";
import { readFailed, readOutbox } from "./outbox-folder.ts";

/** A message of this machine that nothing delivers unless a person acts. */
export interface Undelivered {
  readonly file: string;
  readonly id: string;
  /** null means everyone. */
  readonly to: string | null;
  readonly content: string;
  /** The sender's address when it was written. */
  readonly from: string;
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

function written(entry: { readonly file: string; readonly queuedAt: number; readonly draft: unknown }) {
  const { file, queuedAt, draft } = entry;
  return {
    file,
    queuedAt,
    id: textField(draft, "id") ?? basename(file),
    to: textField(draft, "to") ?? null,
    from: textField(draft, "from") ?? "",
    content: textField(draft, "content") ?? "",
  };
}
