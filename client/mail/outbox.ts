import { randomUUID } from "node:crypto";
import { type Message, MessageDraft, type MessageDraftInput } from "../../contract/message.ts";
import { sentenceOf } from "../../contract/problem.ts";
import { mayRetry } from "../bridge/backoff.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { isDiskError } from "../disk/disk-error.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import type { BridgeFacts } from "../machines/bridge-facts.ts";
import type { Finding } from "../secrets/mask-secrets.ts";
import { withoutSecrets } from "../secrets/without-secrets.ts";
import { destinationOf, type Here, heldMessages, holdReason } from "./destination.ts";
import { Encrypter } from "./encrypter.ts";
import { type Delivery, type FlushResult, OutboxDelivery, type Patience } from "./outbox-delivery.ts";
import { type Destination, enqueue } from "./outbox-folder.ts";

/** A message as a caller writes it; the outbox adds the sender and the project. */
export type Outgoing = Omit<MessageDraftInput, "from" | "id" | "project"> & {
  /** Whether a person or an agent wrote it. Recipients see this if both machines have joined. */
  readonly author?: "person" | "agent";
  /** Codes of the scan's findings that a person allows to be sent. */
  readonly allow?: readonly string[];
};

/** Where a sent message is, and which secrets were masked in it. */
export type Sent = Delivery & { readonly masked: readonly Finding[] };

/** How long a question to the bridge waits for the outbox, in milliseconds: a few messages, and not hundreds. */
const ASKING_PATIENCE_MS = 1_000;

/** Sends messages: scans each one for secrets, saves it on this disk, and delivers it to the bridge. */
export class Outbox {
  readonly #access: BridgeAccess;
  readonly #here: Here;
  readonly #encrypter: Encrypter;
  readonly #delivery: OutboxDelivery;

  constructor(access: BridgeAccess, facts: BridgeFacts) {
    this.#access = access;
    this.#here = destinationOf(access.config, access.paths);
    this.#encrypter = new Encrypter(access, facts, this.#here);
    this.#delivery = new OutboxDelivery(access, this.#here, this.#encrypter);
  }

  /**
   * Masks the secrets in a message, saves it on this disk and sends it to the bridge. Once saved, the message is kept until
   * the bridge has it or refuses it permanently.
   *
   * @throws PhotonError `invalid_request` or `too_large` if the contract does not allow the draft, see also
   *   {@link requireRecipient}; `internal` if it cannot be scanned; `not_set_up` if the settings file cannot be read; then
   *   nothing is kept
   */
  async send({ author = "agent", allow = [], ...written }: Outgoing, patience: Patience = {}): Promise<Sent> {
    const { config, self, paths, now } = this.#access;
    // With a settings file that cannot be read, this machine does not know its name, and a message would keep a wrong one.
    const file = config.problems.find(({ code }) => code === "file");
    if (file) throw new PhotonError("not_set_up", `Nothing was sent: ${file.sentence}`);
    const { outgoing, masked } = await withoutSecrets(written, { allowed: allow, ownKey: config.apiKey });
    const id = randomUUID();
    // A message to everyone has no project, because the bridge would show it only in that project.
    const project = outgoing.to ? config.project : null;
    const draft = { ...outgoing, from: self, project, id };
    const parsed = MessageDraft.safeParse(draft);
    if (!parsed.success) {
      throw new PhotonError("invalid_request", `${sentenceOf(parsed.error, "the message")}.`, { cause: parsed.error });
    }
    await this.requireRecipient(parsed.data.to);
    try {
      enqueue(paths, draft, this.#here, { now: now(), author });
    } catch (error) {
      if (!isDiskError(error)) throw error;
      return { ...(await this.#sendUnkept(parsed.data, author, error)), masked };
    }
    return { ...(await this.deliver(id, patience)), masked };
  }

  /**
   * Checks that a message to this address can be sent, before it is saved. If the bridge cannot be asked now, delivery
   * checks it later.
   *
   * @throws PhotonError `invalid_request` if no machine has this name, or if the machine has not joined and the person has
   *   not allowed unencrypted messages to it
   */
  async requireRecipient(to: string | null): Promise<void> {
    try {
      await this.#encrypter.requireRecipient(to);
    } catch (error) {
      if (!(error instanceof PhotonError) || !error.retryable) throw error;
    }
  }

  /** Sends a message that cannot be saved (disk full, read-only). If that fails, the message is lost: nothing retries. */
  async #sendUnkept(draft: MessageDraft, author: "person" | "agent", diskError: Error): Promise<Delivery> {
    const { id = "" } = draft;
    try {
      // Older messages go first.
      const { stoppedBy } = await this.flush();
      if (stoppedBy) throw stoppedBy;
      const sentAt = this.#access.now();
      const { draft: body, ...encryption } = await this.#encrypter.encrypt(draft, { author, sentAt });
      const { timestamp } = await this.#access.api.call("sendMessage", { body });
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

  /** Delivers the outbox. @param id - of a message in the outbox @returns where that message is afterwards */
  deliver(id: string, patience: Patience = {}): Promise<Delivery> {
    return this.#delivery.deliver(id, patience);
  }

  /** Delivers the outbox, oldest first, until it is empty or the bridge cannot accept more now. That is not an error. */
  flush(patience: Patience = {}): Promise<FlushResult> {
    return this.#delivery.flush(patience);
  }

  /**
   * Delivers the outbox, or as much of it as a second allows, then asks. After a failed send it asks first, so that a caller
   * waits for only one timeout.
   */
  async afterDelivery<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const isFirst = mayRetry(this.#access.paths, "sending", this.#access.now());
    const deliver = async () => this.waiting > 0 && this.flush({ withinMs: ASKING_PATIENCE_MS });
    if (isFirst) await deliver();
    const answer = await ask();
    if (!isFirst) await deliver();
    return answer;
  }

  /** How many messages are queued for this bridge. */
  get waiting(): number {
    return this.#delivery.waiting;
  }

  /** One sentence for each reason why queued messages may not be sent with the current settings. */
  get held(): readonly string[] {
    return heldMessages(this.#access.paths, this.#here);
  }

  /** Why a queued message may not be sent with the current settings; null if it may. */
  holdReason(destination: Destination): string | null {
    return holdReason(destination, this.#here);
  }

  /** The messages from this machine, in any project, that the bridge still has: newest first, with receipts. */
  async sent(limit: string): Promise<Message[]> {
    const query = { from: this.#access.config.machine, limit };
    return (await this.#access.api.call("listMessages", { query })).messages;
  }
}
