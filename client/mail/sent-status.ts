import { formatAddress, isSameName, MACHINE_ID, parseAddress } from "../../contract/address.ts";
import type { SeenMachine } from "../../contract/api.ts";
import { encryptedPart } from "../../contract/encrypted.ts";
import { MAX_AGE_SECONDS, MAX_PAGE, type Message } from "../../contract/message.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import type { Paths } from "../disk/paths.ts";
import { textField } from "../disk/private-file.ts";
import { readMachines } from "../machines/machines-cache.ts";
import { cleanLine } from "../text/clean-text.ts";
import { formatClock } from "../text/format-age.ts";
import { seenMachine } from "../text/names.ts";
import { nearestName } from "../text/nearest-name.ts";
import { type Receiver, receiptLine, type SentMail } from "../text/receipt-line.ts";
import type { Mailbox } from "./mailbox.ts";
import { readOutbox } from "./outbox-folder.ts";
import { previewOf, readSent, type SentMessage } from "./sent-log.ts";

/** A message that this machine sent, and its state. */
export interface SentStatus {
  readonly id: string;
  /** null means everyone. */
  readonly to: string | null;
  /** Milliseconds since 1970: this machine's for a queued message, the bridge's for the others. */
  readonly sentAt: number;
  /** The beginning of the text, or a handover's goal, on one clean line. */
  readonly preview: string;
  readonly state: "queued" | "stored" | "expired" | "deleted";
  /** The state in words for a person, with the receipts. */
  readonly line: string;
}

/** After a send, or with a message. Machines change rarely, and a request costs the bridge a list. */
const MAX_MACHINES_AGE_MS = 10 * 60_000;

/** For an explicit question about sent messages. */
const FRESH_MS = 5_000;

const MAX_PREVIEW_CHARS = 60;

/**
 * The last messages that this machine sent, newest first: queued here, stored on the bridge with receipts, or gone with
 * the reason. Refused messages are not included; `photon failed` lists them.
 *
 * @param limit - the maximum number
 * @returns only the queued messages if the bridge cannot be asked
 */
export async function sentStatus(mailbox: Mailbox, paths: Paths, limit: number, now: number): Promise<SentStatus[]> {
  const queued = readOutbox(paths)
    .reverse()
    .map(({ draft, queuedAt, forbidden, ...destination }): SentStatus => {
      const to = textField(draft, "to") ?? null;
      const held = mailbox.outbox.holdReason(destination) ?? forbidden;
      const line = held === null ? "queued on this machine" : `held on this machine: ${held}`;
      return {
        id: textField(draft, "id") ?? "",
        to,
        sentAt: queuedAt,
        preview: cleanLine(
          previewOf(textField(draft, "kind") ?? "", textField(draft, "content") ?? ""),
          MAX_PREVIEW_CHARS,
        ),
        state: "queued",
        line,
      };
    });
  const sent = readSent(paths).slice(0, Math.max(0, limit - queued.length));
  try {
    return [...queued.slice(0, limit), ...(sent.length === 0 ? [] : await statusOf(sent, mailbox, now))];
  } catch (error) {
    if (error instanceof PhotonError) return queued.slice(0, limit);
    throw error;
  }
}

/**
 * The recipients of a message that was just stored, and when they were last seen.
 *
 * @returns null if the bridge cannot be asked now; that does not affect the message
 */
export async function recipientsLine(mailbox: Mailbox, to: string | null, now: number): Promise<string | null> {
  try {
    const names = addressed([{ to }]);
    const { machines } = await mailbox.bridge.machines(names.length === 0 ? FRESH_MS : MAX_MACHINES_AGE_MS, names);
    const line = receiptLine({ from: mailbox.self, to }, machines, now);
    // If this machine has joined, the name was checked before sending.
    const [name] = mailbox.membership === null ? names : [];
    const meant = name === undefined ? null : meantBy(name, machines, mailbox.config.machine);
    return meant === null ? line : `${line} (did you mean ${meant}?)`;
  } catch (error) {
    if (error instanceof PhotonError) return null;
    throw error;
  }
}

/**
 * The machines in the receipt lines of messages that this machine sent.
 *
 * @returns the cached ones, which may be incomplete, if the bridge cannot be asked now
 */
export async function receivers(
  mailbox: Mailbox,
  paths: Paths,
  messages: readonly Pick<Message, "from" | "to">[],
): Promise<readonly Receiver[]> {
  const own = messages.filter((message) => mailbox.inbox.isFromHere(message));
  if (own.length === 0) return [];
  try {
    const names = addressed(own);
    return await withRemoved(mailbox, (await mailbox.bridge.machines(MAX_MACHINES_AGE_MS, names)).machines, names);
  } catch (error) {
    if (error instanceof PhotonError) return readMachines(paths)?.machines ?? [];
    throw error;
  }
}

/** Adds the machines of these names that left or were revoked, which the bridge no longer lists. */
async function withRemoved(
  { membership }: Mailbox,
  machines: readonly SeenMachine[],
  names: readonly string[],
): Promise<readonly Receiver[]> {
  if (membership === null) return machines;
  const all = () => {
    const removed = membership.known.machineList.machines.flatMap(
      ({ name, formerNames, revokedAt, hasLeft }): Receiver[] =>
        revokedAt === null
          ? []
          : [
              {
                machine: name,
                formerNames: [...formerNames],
                seenAt: revokedAt,
                isRemoved: true,
                hasLeft: hasLeft === true,
              },
            ],
    );
    return [...machines, ...removed.reverse()];
  };
  if (!names.every((name) => seenMachine(all(), name))) await membership.machineList(0); // it may have just left
  return all();
}

/** The name that was probably meant, never the sender's own. Names from the bridge are suggested only if they are valid. */
function meantBy(name: string, machines: readonly SeenMachine[], own: string): string | null {
  const known = machines
    .map(({ machine }) => machine)
    .filter((each) => MACHINE_ID.test(each) && !isSameName(each, own));
  return seenMachine(machines, name) ? null : nearestName(name, known);
}

/** The names of the machines that messages are addressed to. */
function addressed(messages: readonly Pick<Message, "to">[]): string[] {
  return messages.flatMap(({ to }) => parseAddress(to ?? "")?.machine ?? []).filter((machine) => machine !== "*");
}

async function statusOf(sent: readonly SentMessage[], mailbox: Mailbox, now: number): Promise<SentStatus[]> {
  const names = addressed(sent);
  const machines = await withRemoved(mailbox, (await mailbox.bridge.machines(FRESH_MS, names)).machines, names);
  // The bridge's list may lack the last minute; a message that is not in it is fetched by its id.
  const listed = new Map((await mailbox.outbox.sent(String(MAX_PAGE))).map((message) => [message.id, asSent(message)]));
  const status: SentStatus[] = [];
  for (const message of sent) {
    const stored = listed.get(message.id) ?? (await find(mailbox, message.id));
    const { id, to, storedAt } = message;
    const from = formatAddress(mailbox.config);
    status.push({
      ...{ id, to, sentAt: storedAt, preview: cleanLine(message.preview, MAX_PREVIEW_CHARS) },
      state: stored ? "stored" : isOver(message, now) ? "expired" : "deleted",
      line: stored ? receiptLine({ ...stored, from }, machines, now) : whyGone(message, now),
    });
  }
  return status;
}

/** @param message - as the bridge has it */
function asSent(message: Message): SentMail {
  return { ...message, isEncrypted: encryptedPart(message.content) !== null };
}

async function find(mailbox: Mailbox, id: string): Promise<SentMail | null> {
  try {
    const message = await mailbox.inbox.get(id);
    return { ...message, isEncrypted: message.origin.isEncrypted };
  } catch (error) {
    if (error instanceof PhotonError && error.code === "not_found") return null;
    throw error;
  }
}

function endOf({ storedAt, expiresAt }: SentMessage): number {
  return expiresAt ?? storedAt + MAX_AGE_SECONDS * 1000;
}

function isOver(message: SentMessage, now: number): boolean {
  return endOf(message) <= now;
}

function whyGone(message: SentMessage, now: number): string {
  if (!isOver(message, now)) {
    return message.kind === "handover" ? "replaced by a newer one, or deleted" : "deleted on the bridge";
  }
  const why = message.expiresAt === null ? "kept for 30 days" : "its sender set this time";
  return `expired ${formatClock(endOf(message), now)}: ${why}`;
}
