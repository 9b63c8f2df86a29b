import { randomUUID } from "node:crypto";
import type * as z from "zod";
import { formatAddress } from "../../contract/address.ts";
import type { ListQuery, Routes, UnreadSummary } from "../../contract/api.ts";
import { type AuditEntry, MACHINE_KEY } from "../../contract/machine-list.ts";
import { type Message, MessageDraft, type MessageDraftInput } from "../../contract/message.ts";
import { sentenceOf } from "../../contract/problem.ts";
import { ApiClient } from "../bridge/api-client.ts";
import { backOff, endBackoff, mayRetry } from "../bridge/backoff.ts";
import { fetchCapsule } from "../bridge/capsule-delivery.ts";
import { ChangeSignal, type ChangeSignalOptions } from "../bridge/change-signal.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { withoutRead } from "../bridge/without-read.ts";
import { isDiskError } from "../disk/is-disk-error.ts";
import type { Paths } from "../disk/paths.ts";
import { openCapsule } from "../encryption/encrypt-capsule.ts";
import { readInstallation } from "../machines/installation.ts";
import { readKeys } from "../machines/machine-keys.ts";
import { type KnownMachines, readMachines, saveMachines } from "../machines/machines-cache.ts";
import { Membership } from "../machines/membership.ts";
import type { Finding } from "../secrets/mask-secrets.ts";
import { withoutSecrets } from "../secrets/without-secrets.ts";
import { type Config, isSetUp, whatIsMissing } from "../settings/config.ts";
import type { ReceivedMessage } from "../trust/origin.ts";
import { receive } from "../trust/receive.ts";
import { type Destination, destinationOf, type Here } from "./destination.ts";
import { heldMessages, holdReason } from "./held-messages.ts";
import { enqueue } from "./outbox.ts";
import { type Delivery, type FlushResult, OutboxDelivery } from "./outbox-delivery.ts";
import { type Marking, ReceiptDelivery } from "./receipt-delivery.ts";
import { readButNotTold } from "./receipts.ts";

/** What a caller writes; the mailbox adds who sends it, and about which project. */
export type Outgoing = Omit<MessageDraftInput, "from" | "id" | "project"> & {
  /** Whether a person wrote it themselves; else an agent did. Told to machines that joined alone. */
  readonly author?: "person" | "agent";
  /** Codes of findings of the scan for secrets that a person lets pass. */
  readonly allow?: readonly string[];
};

/** Where a sent message is, and what was left out of it. */
export type Sent = Delivery & { readonly masked: readonly Finding[] };

/** A page of messages as this machine has them. */
export interface ReceivedPage {
  /** Newest first. */
  readonly messages: readonly ReceivedMessage[];
  readonly count: number;
  /** Given when there are more; opaque. */
  readonly cursor?: string;
  /** Ids of messages that belong here and whose text the bridge cannot give now. */
  readonly unavailable: readonly string[];
}

/** A mark that is younger may be under way in another session; that session tells the bridge itself. */
const MARKING_MS = 2_000;

interface MailboxOptions {
  /** The bridge; by default the one of the settings. */
  readonly api?: ApiClient | null;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** This machine's mailbox: what the server and the CLI use. Every call delivers what waits in the outbox. */
export class Mailbox {
  readonly config: Config;
  readonly receipts: ReceiptDelivery;
  readonly #paths: Paths;
  readonly #api: ApiClient | null;
  readonly #now: () => number;
  readonly #here: Here;
  readonly #outbox: OutboxDelivery;
  /** The bridge's last answer to this process about what is unread, with its ETag. */
  #unread: { readonly summary: UnreadSummary; readonly etag?: string } | null = null;
  /** undefined: not looked for yet. */
  #membership: Membership | null | undefined;

  constructor(config: Config, paths: Paths, { api = apiOf(config, paths), now = Date.now }: MailboxOptions = {}) {
    this.config = config;
    this.#paths = paths;
    this.#api = api;
    this.#now = now;
    this.#here = destinationOf(config, paths);
    this.#outbox = new OutboxDelivery({
      ...{ paths, now, here: this.#here },
      bridge: () => this.#bridge,
      membership: () => this.#encryptingMembership,
      namesOnBridge: async () => (await this.machines(0)).machines.map(({ machine }) => machine),
    });
    this.receipts = new ReceiptDelivery(paths, () => this.#bridge, config, now);
  }

  /** Who this mailbox sends and reads as: `mac/photon`, or `mac` outside any project. */
  get self(): string {
    return formatAddress({ machine: this.config.machine, project: this.config.project });
  }

  /** Messages that wait on this disk for this bridge. */
  get waiting(): number {
    return this.#outbox.waiting;
  }

  /** Why a waiting message may not leave with the settings of now; null when it may. */
  holdReason(destination: Destination): string | null {
    return holdReason(destination, this.#here);
  }

  /** Messages that wait on this disk and may not leave with the settings of now: one sentence for each reason. */
  get held(): readonly string[] {
    return heldMessages(this.#paths, this.#here);
  }

  /**
   * Sends a message, without the secrets that a scan finds in it: first onto this disk, then to the bridge. Whatever
   * happens after the first step, the message is kept until the bridge has it or refuses it permanently.
   *
   * @throws PhotonError `invalid_request` or `too_large` when the draft is not one the contract allows, or as
   *   {@link requireRecipient}, `internal` when it cannot be scanned; nothing is kept
   */
  async send({ author = "agent", allow = [], ...written }: Outgoing): Promise<Sent> {
    const { outgoing, masked } = await withoutSecrets(written, { allowed: allow, ownKey: this.config.apiKey });
    return { ...(await this.#send(outgoing, author)), masked };
  }

  async #send(outgoing: Omit<Outgoing, "author" | "allow">, author: "person" | "agent"): Promise<Delivery> {
    const id = randomUUID();
    // A message to everyone names no project: with one, the bridge would show it only in that project.
    const project = outgoing.to ? this.config.project : null;
    const draft = { ...outgoing, from: this.self, project, id };
    const parsed = MessageDraft.safeParse(draft);
    if (!parsed.success) {
      throw new PhotonError("invalid_request", `${sentenceOf(parsed.error, "the message")}.`, { cause: parsed.error });
    }
    await this.requireRecipient(parsed.data.to);
    try {
      enqueue(this.#paths, draft, this.#here, { now: this.#now(), author });
    } catch (error) {
      if (!isDiskError(error)) throw error;
      return this.#sendUnkept(parsed.data, author, error);
    }
    return this.deliver(id);
  }

  /**
   * Makes sure that a message to this address can be sent at all, before it is kept. What cannot be asked now is found
   * out when the message leaves.
   *
   * @throws PhotonError `invalid_request` for a name that nobody has, and for a machine that has not joined and that the
   * person has not allowed unencrypted
   */
  async requireRecipient(to: string | null): Promise<void> {
    try {
      await this.#outbox.requireRecipient(to);
    } catch (error) {
      if (!(error instanceof PhotonError) || !error.retryable) throw error;
    }
  }

  /** The disk takes nothing (full, read-only): the bridge may still, but a failure now is a failure, and is said. */
  async #sendUnkept(draft: MessageDraft, author: "person" | "agent", diskError: Error): Promise<Delivery> {
    const { id = "" } = draft;
    try {
      // What waits from before goes first.
      const { stoppedBy } = await this.flush();
      if (stoppedBy) throw stoppedBy;
      const { draft: body, ...encryption } = await this.#outbox.encrypt(draft, { author, sentAt: this.#now() });
      const { timestamp } = await this.#bridge.call("sendMessage", { body });
      return { state: "stored", id, timestamp, ...encryption };
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error;
      return {
        state: "failed",
        id,
        reason: `${error.message} It could not be kept on this machine either: ${diskError.message}.`,
      };
    }
  }

  /** Delivers the outbox and tells where the message with this id, which was put there before, is now. */
  deliver(id: string): Promise<Delivery> {
    return this.#outbox.deliver(id);
  }

  /** Delivers the outbox, oldest first, until it is empty or the bridge cannot take more now. Never throws for that. */
  flush(): Promise<FlushResult> {
    return this.#outbox.flush();
  }

  /** What is unread for this machine in this project. Delivers the outbox first. */
  async unread(): Promise<UnreadSummary> {
    return this.#afterOutbox(() => this.check());
  }

  /** What is unread, as a session that hears of a change asks: the bridge sends nothing when its last answer still holds. */
  async check(): Promise<UnreadSummary> {
    await this.#tellKeptMarks();
    const answer = await this.#bridge.unreadIfChanged(this.self, this.#unread?.etag);
    endBackoff(this.#paths, "asking");
    this.#unread = answer ?? this.#unread;
    return withoutRead(this.#unread?.summary ?? NOTHING_UNREAD, this.#markedHere);
  }

  /** What is unread when the bridge has said so by itself. @throws PhotonError `offline` */
  async heard(unread: UnreadSummary): Promise<UnreadSummary> {
    await this.#tellKeptMarks();
    this.#unread = { summary: unread };
    endBackoff(this.#paths, "asking");
    return withoutRead(unread, this.#markedHere);
  }

  /** Otherwise the bridge would count what was marked read here while it was away. @throws PhotonError `offline` */
  async #tellKeptMarks(): Promise<void> {
    if (this.#markedHere.size === 0 || !mayRetry(this.#paths, "sending", this.#now())) return;
    try {
      await this.receipts.flushOlder(MARKING_MS);
      endBackoff(this.#paths, "sending");
    } catch (error) {
      if (error instanceof PhotonError && error.retryable) {
        backOff(this.#paths, "sending", error.retryAfterMs, this.#now());
      }
      if (error instanceof PhotonError && error.code === "offline") throw error;
      if (!(error instanceof PhotonError) && !isDiskError(error)) throw error;
    }
  }

  /**
   * Messages a reader may see, newest first; with `unread` without what this machine has marked read and the bridge does not
   * know of yet. So a page may hold fewer than asked for, even none, and still have a next one.
   *
   * @param reader - the machine alone sees its messages in every project
   */
  async list(query: Omit<z.input<typeof ListQuery>, "reader">, reader: string = this.self): Promise<ReceivedPage> {
    // The bridge does not know the tags of what is encrypted.
    const { tag, ...rest } = query;
    const asked = { ...rest, reader, ...(this.membership === null && tag !== undefined && { tag }) };
    const page = await this.#afterOutbox((bridge) => bridge.call("listMessages", { query: asked }));
    const marked = query.unread === "true" ? this.#markedHere : null;
    const received = await this.#receive(page.messages.filter(({ id }) => !marked?.has(id)));
    const messages = received.filter(({ tags }) => tag === undefined || tags.includes(tag));
    const { cursor, unavailable = [] } = page;
    return {
      messages,
      count: messages.length,
      ...(cursor !== undefined && { cursor }),
      unavailable: unavailable.filter((id) => !marked?.has(id)),
    };
  }

  /** What this machine sent from whatever project and the bridge still has, newest first, with receipts. */
  async sent(limit: string): Promise<Message[]> {
    return (await this.#bridge.call("listMessages", { query: { from: this.config.machine, limit } })).messages;
  }

  /** @throws PhotonError `not_found` for an id the bridge does not have */
  async get(id: string): Promise<ReceivedMessage> {
    const ask = (bridge: ApiClient) => bridge.call("getMessage", { id, query: { reader: this.self } });
    const [message] = await this.#receive([await this.#afterOutbox(ask)]);
    if (message === undefined) throw new TypeError("Expected exactly one received message.");
    return message;
  }

  #receive(messages: readonly Message[]): Promise<ReceivedMessage[]> {
    return receive(this.#paths, this.membership, messages);
  }

  /** The bytes of a handover's capsule; null when it has none. @throws PhotonError as {@link fetchCapsule} */
  async capsule({ work, encryptedCapsule }: ReceivedMessage): Promise<Buffer | null> {
    const ref = work?.capsule;
    if (ref === undefined) return null;
    if (encryptedCapsule === undefined || this.membership === null) return fetchCapsule(this.#bridge, ref);
    return openCapsule(await fetchCapsule(this.#bridge, encryptedCapsule), this.membership.keys.identity, ref);
  }

  /** This machine as one of those that joined the bridge; null when it has not. */
  get membership(): Membership | null {
    if (this.#membership !== undefined) return this.#membership;
    const { apiKey, workerUrl } = this.config;
    const keys = apiKey !== null && MACHINE_KEY.test(apiKey) ? readKeys(this.#paths, workerUrl) : null;
    this.#membership = keys && new Membership(this.#paths, keys, () => this.#bridge, this.#now);
    return this.#membership;
  }

  /**
   * Notes that a handover was resumed here, so that its sender sees it.
   *
   * @returns whether the bridge knows; when not it is told as soon as it can be
   */
  async noteResumed(id: string): Promise<boolean> {
    this.receipts.noteResumed(id);
    try {
      await this.receipts.flush();
      return true;
    } catch (error) {
      if (error instanceof PhotonError) return false;
      throw error;
    }
  }

  /** At most 100 ids. @throws PhotonError when the bridge refused it, or this machine can neither tell it nor keep it */
  async markRead(ids: readonly string[]): Promise<Marking> {
    return this.#afterOutbox(() => this.receipts.markRead(ids));
  }

  /**
   * The machines that use this bridge.
   *
   * @param maxAgeMs - how old the answer may be, to save the bridge a list
   */
  async machines(maxAgeMs: number): Promise<KnownMachines> {
    const known = readMachines(this.#paths);
    if (known && Math.abs(this.#now() - known.fetchedAt) <= maxAgeMs) return known;
    const { machines } = await this.#bridge.call("machines");
    const fetched = { fetchedAt: this.#now(), machines };
    try {
      saveMachines(this.#paths, machines, fetched.fetchedAt);
    } catch (error) {
      if (!isDiskError(error)) throw error; // a disk that takes nothing only means to ask again
    }
    return fetched;
  }

  /** The newest of what the bridge has noted of machines and keys. @param limit - how many at most */
  async auditLog(limit: number): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: String(limit - entries.length), ...(cursor !== undefined && { cursor }) };
      const page = await this.#bridge.call("auditLog", { query });
      entries.push(...page.entries);
      cursor = page.cursor;
    } while (cursor !== undefined && entries.length < limit);
    return entries;
  }

  /** How many texts of messages are not in the bridge's KV yet. @throws PhotonError `forbidden` for all but owners */
  async archive(): Promise<z.output<Routes["archive"]["answer"]>> {
    return this.#bridge.call("archive");
  }

  /** Deletes every message of everyone. @returns how many there were */
  async clear(): Promise<number> {
    const clear = (bridge: ApiClient) => bridge.call("clearMessages", { query: { confirm: "true" } });
    const { count } = await this.#afterOutbox(clear);
    return count;
  }

  /**
   * Tells when something may have changed for this machine; the caller starts and stops it.
   *
   * @throws PhotonError `not_set_up`
   */
  changeSignal(options: Omit<ChangeSignalOptions, "config">): ChangeSignal {
    const { config } = this;
    if (!isSetUp(config)) throw new PhotonError("not_set_up", `Not set up: ${whatIsMissing(config)}`);
    return new ChangeSignal({ config, ...options });
  }

  /** The bridge's own words about itself, and how long the answer took in milliseconds. Needs no valid key. */
  async health(): Promise<{ version: string | undefined; timestamp: string; roundTripMs: number }> {
    const start = performance.now();
    const { version, timestamp } = await this.#bridge.call("health");
    return { version, timestamp, roundTripMs: performance.now() - start };
  }

  /** What was marked read here and this bridge may not know of yet. */
  get #markedHere(): ReadonlySet<string> {
    return readButNotTold(this.#paths, this.config.workerUrl ?? "");
  }

  /** Lets a short-lived process exit at once. */
  async close(): Promise<void> {
    await this.#api?.close();
  }

  /** What a machine that has joined sends is encrypted, or does not leave. */
  get #encryptingMembership(): Membership | null {
    const { membership } = this;
    if (membership !== null || !isSetUp(this.config) || !this.#here.mustEncrypt) return membership;
    if (!this.#here.canEncrypt) {
      const sentence =
        "This machine has joined this bridge, and its settings name the shared key: unset BRIDGE_API_KEY, also in the plugin's options.";
      throw new PhotonError("forbidden", sentence);
    }
    const sentence =
      "This machine has the key of one that joined, but not the keys it encrypts with (keys.json). Run `photon join` again.";
    throw new PhotonError("forbidden", sentence);
  }

  /** Delivers what waits, and asks. After a failure to send it asks first, so that nobody waits twice in vain. */
  async #afterOutbox<Answer>(ask: (bridge: ApiClient) => Promise<Answer>): Promise<Answer> {
    const isFirst = mayRetry(this.#paths, "sending", this.#now());
    if (isFirst && this.waiting > 0) await this.flush();
    const answer = await ask(this.#bridge);
    if (!isFirst && this.waiting > 0) await this.flush();
    return answer;
  }

  get #bridge(): ApiClient {
    if (!this.#api) throw new PhotonError("not_set_up", `Not set up: ${whatIsMissing(this.config)}`);
    return this.#api;
  }
}

const NOTHING_UNREAD: UnreadSummary = { unread: 0, handovers: 0, groups: [] };

function apiOf(config: Config, paths: Paths): ApiClient | null {
  if (!isSetUp(config)) return null;
  let installation: string | null | undefined;
  return new ApiClient(config, undefined, () => {
    installation ??= readInstallation(paths)?.id ?? null;
    return installation;
  });
}
