import { isVisibleTo, parseAddress } from "../../../contract/address.ts";
import type { MessageKind } from "../../../contract/message.ts";
import { earlier, idOf, parentOf, type RandomMail, type RandomMailbox, timesOf } from "./random-mailbox.ts";

/** Every filter of a list, as in its query. */
export interface Wanted {
  readonly reader?: string | undefined;
  readonly unread?: boolean | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly project?: string | undefined;
  readonly tag?: string | undefined;
  readonly kind?: MessageKind | undefined;
  readonly thread?: string | undefined;
  readonly since?: string | undefined;
  readonly session?: string | undefined;
}

/** The indexes of the listed messages, newest first: a simple filter over all messages, without floors, pages or indexes. */
export function naiveList(mailbox: RandomMailbox, wanted: Wanted): number[] {
  const times = timesOf(mailbox);
  return mailbox.mails
    .map((_, i) => i)
    .filter((i) => isThere(mailbox, i) && isWanted(mailbox, i, times[i] ?? 0, wanted))
    .toReversed();
}

/** Whether a message was not removed, cleared, replaced or expired. */
function isThere({ mails, cleared }: RandomMailbox, index: number): boolean {
  const mail = mails[index];
  if (!mail || mail.isRemoved || mail.isExpired || index < cleared) return false;
  return !mails.some(
    (newer, i) => earlier(i, newer.replaces) === index && machineOf(newer.from) === machineOf(mail.from),
  );
}

function isWanted(mailbox: RandomMailbox, index: number, ms: number, wanted: Wanted): boolean {
  const mail = mailbox.mails[index];
  if (!mail) return false;
  const { reader, unread, from, to, project, tag, kind, thread, since, session } = wanted;
  const at = reader === undefined ? null : parseAddress(reader);
  if (at && !isVisibleTo({ to: mail.to ?? null, project: mail.project ?? null }, at)) return false;
  if (unread && (isReadBy(mail, at?.machine) || (session !== undefined && mail.session === session))) return false;
  if (from !== undefined && !isUnder(mail.from, from)) return false;
  if (to !== undefined && !isUnder(mail.to, to)) return false;
  if (project !== undefined && mail.project?.toLowerCase() !== project.toLowerCase()) return false;
  if (tag !== undefined && !mail.tags.includes(tag)) return false;
  if (kind !== undefined && mail.kind !== kind) return false;
  if (thread !== undefined && rootOf(mailbox, idOf(index)) !== rootOf(mailbox, thread)) return false;
  return since === undefined || ms > Date.parse(since);
}

export function isReadBy({ readBy, to }: RandomMail, machine: string | undefined): boolean {
  if (machine === undefined) return readBy.length > 0;
  const own = machine.toLowerCase();
  if (readBy.some((name) => name.toLowerCase() === own)) return true;
  return to !== undefined && machineOf(to) === own && readBy.includes("*");
}

function isUnder(text: string | undefined, wanted: string): boolean {
  const [own, asked] = [text?.toLowerCase(), wanted.toLowerCase()];
  return own === asked || (!asked.includes("/") && own?.startsWith(`${asked}/`) === true);
}

function rootOf(mailbox: RandomMailbox, id: string): string {
  const index = mailbox.mails.findIndex((_, i) => idOf(i) === id);
  const parent = index === -1 ? undefined : parentOf(mailbox, index);
  return parent === undefined ? id : rootOf(mailbox, parent);
}

function machineOf(address: string): string {
  return address.split("/")[0]?.toLowerCase() ?? "";
}
