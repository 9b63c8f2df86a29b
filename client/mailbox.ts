import { randomUUID } from "node:crypto";
import type * as z from "zod";
import { formatAddress } from "../contract/address.ts";
import type { ListQuery, MessagePage, UnreadSummary } from "../contract/api.ts";
import { type Message, MessageDraft, type MessageDraftInput } from "../contract/message.ts";
import { sentenceOf } from "../contract/problem.ts";
import { ApiClient } from "./api-client.ts";
import { type Config, isSetUp, whatIsMissing } from "./config.ts";
import {
  enqueue,
  failEntry,
  failureOf,
  isWaiting,
  type OutboxEntry,
  outboxLength,
  readOutbox,
  removeEntry,
} from "./outbox.ts";
import type { Paths } from "./paths.ts";
import { PhotonError } from "./photon-error.ts";
import { saveUnread } from "./unread-cache.ts";

/** Where a message is after one attempt to send it. */
export type Delivery =
  /** The bridge has it. `timestamp` is null when another process of this machine delivered it meanwhile. */
  | { readonly state: "stored"; readonly id: string; readonly timestamp: string | null }
  /** On this disk. `waiting` counts every message in the outbox, this one included. */
  | { readonly state: "queued"; readonly id: string; readonly reason: string; readonly waiting: number }
  | { readonly state: "failed"; readonly id: string; readonly reason: string };

/** What one pass over the outbox did. */
export interface FlushResult {
  readonly stored: ReadonlyMap<string, { readonly timestamp: string }>;
  /** How many were refused for good; they are kept in the folder `failed`, each with the reason. */
  readonly failed: number;
  /** Still waiting after the pass. */
  readonly waiting: number;
  /** Why the pass ended early. */
  readonly stoppedBy: PhotonError | null;
}

/** What a caller writes; the mailbox adds who sends it, and about which project. */
export type Outgoing = Omit<MessageDraftInput, "from" | "id" | "project">;

/** This machine's mailbox: what the server and the CLI use. Every call first delivers what waits in the outbox. */
export class Mailbox {
  readonly config: Config;
  readonly #paths: Paths;
  readonly #api: ApiClient | null;
  /** Passes over the outbox run one after another, so that two tool calls at once do not send an entry twice. */
  #lastFlush: Promise<unknown> = Promise.resolve();

  constructor(config: Config, paths: Paths, api: ApiClient | null = isSetUp(config) ? new ApiClient(config) : null) {
    this.config = config;
    this.#paths = paths;
    this.#api = api;
  }

  /** Who this mailbox sends and reads as: `mac/photon`, or `mac` outside any project. */
  get self(): string {
    return formatAddress({ machine: this.config.machine, project: this.config.project });
  }

  /** Messages waiting on this disk. */
  get waiting(): number {
    return outboxLength(this.#paths);
  }

  /**
   * Sends a message: first onto this disk, then to the bridge. Whatever happens after the first step, the message is
   * kept until the bridge has it or refuses it for good.
   *
   * @throws PhotonError `invalid_request` or `too_large` when the draft is not one the contract allows; nothing is kept
   */
  async send(outgoing: Outgoing): Promise<Delivery> {
    const id = randomUUID();
    // A message to everyone names no project: with one, the bridge would show it only in that project.
    const project = outgoing.to ? this.config.project : null;
    const draft = { ...outgoing, from: this.self, project, id };
    const parsed = MessageDraft.safeParse(draft);
    if (!parsed.success) {
      throw new PhotonError("invalid_request", `${sentenceOf(parsed.error, "the message")}.`, { cause: parsed.error });
    }
    try {
      enqueue(this.#paths, draft);
    } catch (error) {
      if (!isDiskError(error)) throw error;
      return this.#sendUnkept(parsed.data, id, error);
    }
    return this.deliver(id);
  }

  /** The disk takes nothing (full, read-only): the bridge may still, but a failure now is a failure, and is said. */
  async #sendUnkept(draft: MessageDraft, id: string, diskError: Error): Promise<Delivery> {
    try {
      const { timestamp } = await this.#bridge.call("sendMessage", { body: draft });
      return { state: "stored", id, timestamp };
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
  async deliver(id: string): Promise<Delivery> {
    const { stored, stoppedBy, waiting } = await this.flush();
    const acknowledged = stored.get(id);
    if (acknowledged) return { state: "stored", id, timestamp: acknowledged.timestamp };
    const reason = failureOf(this.#paths, id);
    if (reason !== null) return { state: "failed", id, reason };
    if (!isWaiting(this.#paths, id)) return { state: "stored", id, timestamp: null };
    return { state: "queued", id, reason: stoppedBy?.message ?? "It waits behind others.", waiting };
  }

  /** Delivers the outbox, oldest first, until it is empty or the bridge cannot take more now. Never throws for that. */
  flush(): Promise<FlushResult> {
    const next = this.#lastFlush.then(() => this.#deliverAll());
    this.#lastFlush = next.catch(() => undefined);
    return next;
  }

  async #deliverAll(): Promise<FlushResult> {
    const stored = new Map<string, { timestamp: string }>();
    let failed = 0;
    let stoppedBy: PhotonError | null = null;
    for (const entry of readOutbox(this.#paths)) {
      try {
        const { id, timestamp } = await this.#deliver(entry);
        stored.set(id, { timestamp });
      } catch (error) {
        if (!(error instanceof PhotonError)) throw error;
        if (error.retryable) {
          stoppedBy = error;
          break;
        }
        failEntry(this.#paths, entry, error.message);
        failed++;
      }
    }
    return { stored, failed, waiting: this.waiting, stoppedBy };
  }

  async #deliver(entry: OutboxEntry): Promise<{ id: string; timestamp: string }> {
    const draft = MessageDraft.safeParse(entry.draft);
    if (!draft.success) throw new PhotonError("invalid_request", `${sentenceOf(draft.error, "the message")}.`);
    const answer = await this.#bridge.call("sendMessage", { body: draft.data });
    removeEntry(entry);
    return { id: answer.id, timestamp: answer.timestamp };
  }

  /** How much waits for this reader. The answer is kept for the hooks. */
  async unread(): Promise<UnreadSummary> {
    const summary = await (await this.#flushed()).call("unread", { query: { reader: this.self } });
    saveUnread(this.#paths, this.self, summary);
    return summary;
  }

  /**
   * The same for whoever asks again and again.
   *
   * @param knownEtag - of the last answer; left out after something was marked
   * @returns null when nothing has changed
   */
  async unreadIfChanged(knownEtag?: string): Promise<{ summary: UnreadSummary; etag?: string } | null> {
    const answer = await (await this.#flushed()).unreadIfChanged(this.self, knownEtag);
    if (answer) saveUnread(this.#paths, this.self, answer.summary);
    return answer;
  }

  /**
   * Messages a reader may see, newest first.
   *
   * @param reader - the machine alone sees its messages in every project
   */
  async list(query: Omit<z.input<typeof ListQuery>, "reader">, reader: string = this.self): Promise<MessagePage> {
    return (await this.#flushed()).call("listMessages", { query: { ...query, reader } });
  }

  /** @throws PhotonError `not_found` for an id the bridge does not have */
  async get(id: string): Promise<Message> {
    return (await this.#flushed()).call("getMessage", { id, query: { reader: this.self } });
  }

  /** @throws PhotonError `not_found` for an id the bridge does not have */
  async markRead(id: string): Promise<void> {
    await (await this.#flushed()).call("markRead", { id, query: { reader: this.self } });
  }

  /** At most 100 ids. @returns how many of them the bridge has; those are read now */
  async markManyRead(ids: readonly string[]): Promise<number> {
    const body = { reader: this.self, ids: [...ids] };
    return (await (await this.#flushed()).call("markManyRead", { body })).marked;
  }

  /** Deletes every message of everyone. @returns how many there were */
  async clear(): Promise<number> {
    const { count } = await (await this.#flushed()).call("clearMessages", { query: { confirm: "true" } });
    return count;
  }

  /** The bridge's own words about itself, and how long the answer took in milliseconds. Needs no valid key. */
  async health(): Promise<{ version: string | undefined; timestamp: string; roundTripMs: number }> {
    const start = performance.now();
    const { version, timestamp } = await this.#bridge.call("health");
    return { version, timestamp, roundTripMs: performance.now() - start };
  }

  /** Lets a short-lived process exit at once. */
  async close(): Promise<void> {
    await this.#api?.close();
  }

  async #flushed(): Promise<ApiClient> {
    if (this.waiting > 0) {
      const { stoppedBy } = await this.flush();
      if (stoppedBy?.code === "offline") throw stoppedBy; // asking again would only wait again
    }
    return this.#bridge;
  }

  get #bridge(): ApiClient {
    if (!this.#api) throw new PhotonError("not_set_up", `Not set up: ${whatIsMissing(this.config)}`);
    return this.#api;
  }
}

/** A full disk, a read-only home: an error of the system, not a defect of ours. */
function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
