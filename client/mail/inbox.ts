import type * as z from "zod";
import { isBroadcast, isSameName, isVisibleTo, parseAddress } from "../../contract/address.ts";
import type { ListQuery } from "../../contract/api.ts";
import type { Message } from "../../contract/message.ts";
import { fetchCapsule } from "../bridge/capsule-delivery.ts";
import { isLeftHere } from "../bridge/without-left-here.ts";
import { openCapsule } from "../encryption/encrypt-capsule.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import type { ReceivedMessage } from "../trust/origin.ts";
import { receive } from "../trust/receive.ts";
import { readDeclined } from "./mail-log.ts";
import type { Outbox } from "./outbox.ts";
import type { ReceiptDelivery } from "./receipt-delivery.ts";

/** A page of decrypted messages. */
export interface ReceivedPage {
  /** Newest first. */
  readonly messages: readonly ReceivedMessage[];
  readonly count: number;
  /** Set if there are more messages; opaque. */
  readonly cursor?: string;
  /** Ids of the page's messages whose text the bridge cannot deliver now. */
  readonly unavailable: readonly string[];
}

/** Fetches messages, decrypts them and verifies their origin. Every method except `capsule` also delivers the outbox. */
export class Inbox {
  readonly #access: BridgeAccess;
  readonly #outbox: Outbox;
  readonly #receipts: ReceiptDelivery;

  constructor(access: BridgeAccess, outbox: Outbox, receipts: ReceiptDelivery) {
    this.#access = access;
    this.#outbox = outbox;
    this.#receipts = receipts;
  }

  /**
   * Messages a reader may see, newest first. With `unread`, messages that this machine has marked read are left out even if
   * the bridge does not know it yet. So a page may be short or empty although there is a next one.
   *
   * @param reader - a machine's name without a project sees its messages in every project
   */
  async list(
    query: Omit<z.input<typeof ListQuery>, "reader">,
    reader: string = this.#access.self,
  ): Promise<ReceivedPage> {
    const { membership } = this.#access;
    // The bridge cannot see the tags of encrypted messages.
    const { tag, ...rest } = query;
    const asked = { ...rest, reader, ...(membership === null && tag !== undefined && { tag }) };
    // Another process may send the marks while the bridge answers: then the answer may be older than they are.
    const before = this.#receipts.readHere;
    const page = await this.#outbox.afterDelivery(() => this.#access.api.call("listMessages", { query: asked }));
    const marked = query.unread === "true" ? new Set([...before, ...this.#receipts.readHere]) : null;
    const wanted = page.messages.filter(
      (message) => marked === null || !(marked.has(message.id) || this.isLeftHere(message)),
    );
    const received = await this.#receive(wanted);
    const messages = received.filter(({ tags }) => tag === undefined || tags.includes(tag));
    const { cursor, unavailable = [] } = page;
    return {
      messages,
      count: messages.length,
      ...(cursor !== undefined && { cursor }),
      unavailable: unavailable.filter((id) => !marked?.has(id)),
    };
  }

  /** @throws PhotonError `not_found` if the bridge does not have it */
  async get(id: string): Promise<ReceivedMessage> {
    const { self } = this.#access;
    const stored = await this.#outbox.afterDelivery(() =>
      this.#access.api.call("getMessage", { id, query: { reader: self } }),
    );
    const [message] = await this.#receive([stored]);
    if (message === undefined) throw new TypeError("Expected exactly one received message.");
    return message;
  }

  /** Whether a message is for this machine, in any project, also under a former name. */
  isForHere(message: Pick<Message, "to" | "project">): boolean {
    return this.#ownNames.some((machine) => isVisibleTo(message, { machine, project: null }));
  }

  /** Whether this machine sent a message, also under a former name. */
  isFromHere({ from }: Pick<Message, "from">): boolean {
    const { machine = "" } = parseAddress(from) ?? {};
    return this.#ownNames.some((name) => isSameName(name, machine));
  }

  /** Whether this machine left a message for the others. It is never unread here. */
  isLeftHere(message: Pick<Message, "from" | "to" | "kind" | "session">): boolean {
    const broadcast = isBroadcast(message.to);
    return this.isFromHere(message) && isLeftHere({ ...message, broadcast }, this.#access.paths);
  }

  /** Whether this machine resumed a handover, as far as the bridge knows. */
  isResumedHere(message: Pick<Message, "receipts">): boolean {
    return this.resumedHereAt(message) !== null;
  }

  /** When this machine resumed a handover, as an ISO instant of the bridge; null if it did not, as far as the bridge knows. */
  resumedHereAt({ receipts = [] }: Pick<Message, "receipts">): string | null {
    const own = this.#ownNames;
    const isOwn = (machine: string) => own.some((name) => isSameName(name, machine));
    return receipts.find(({ machine, takenAt }) => takenAt !== undefined && isOwn(machine))?.takenAt ?? null;
  }

  /** Whether the person declined a handover on this machine, and did not resume it since, as far as this disk knows. */
  isDeclinedHere(message: Pick<Message, "id" | "receipts">): boolean {
    return readDeclined(this.#access.paths).has(message.id) && !this.isResumedHere(message);
  }

  get #ownNames(): readonly string[] {
    const { config, membership } = this.#access;
    const self = membership?.self;
    return [config.machine, ...(self ? [self.name, ...self.formerNames] : [])];
  }

  /** The bytes of a handover's capsule; null if it has no capsule. @throws PhotonError see {@link fetchCapsule} */
  async capsule({ work, encryptedCapsule }: ReceivedMessage): Promise<Buffer | null> {
    const ref = work?.capsule;
    if (ref === undefined) return null;
    const { api, membership } = this.#access;
    if (encryptedCapsule === undefined || membership === null) return fetchCapsule(api, ref);
    return openCapsule(await fetchCapsule(api, encryptedCapsule), membership.keys.identity, ref);
  }

  #receive(messages: readonly Message[]): Promise<ReceivedMessage[]> {
    return receive(this.#access.paths, this.#access.membership, messages);
  }
}
