import type { Address } from "../../../contract/address.ts";
import { isFor, isRead } from "../select.ts";
import type { KvEntry, Mailbox } from "./fold.ts";

/**
 * What waits for a reader, newest first.
 *
 * @param except - suffixes of what the reader knows to be read
 */
export function unreadIn({ entries }: Mailbox, reader: Address, except: ReadonlySet<string> = new Set()): KvEntry[] {
  return entries.filter((entry) => isFor(entry, reader) && !isRead(entry, reader) && !except.has(entry.suffix));
}
