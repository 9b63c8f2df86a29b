import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MessageDraft } from "../contract/message.ts";
import { sentenceOf } from "../contract/problem.ts";
import type { ApiClient } from "./api-client.ts";
import { backOff, endBackoff } from "./backoff.ts";
import { deliverCapsule } from "./capsule-delivery.ts";
import { Lease } from "./lease.ts";
import { addSent } from "./mail/sent-log.ts";
import {
  failEntry,
  failureOf,
  isWaiting,
  noteFailureTold,
  type OutboxEntry,
  outboxLength,
  readOutbox,
  removeEntry,
} from "./outbox.ts";
import type { Paths } from "./paths.ts";
import { PhotonError } from "./photon-error.ts";
import { recordOf } from "./private-file.ts";
import type { Membership } from "./roster/membership.ts";
import { dropOutgoing, type OutgoingMessage, sealOutgoing, type Written } from "./sealing/outgoing.ts";

/** Where a message is after one attempt to send it. */
export type Delivery =
  /**
   * The bridge has it. `timestamp` is null when another process of this machine delivered it meanwhile; `sealedFor` as in
   * {@link OutgoingMessage}, when it is known.
   */
  | {
      readonly state: "stored";
      readonly id: string;
      readonly timestamp: string | null;
      readonly sealedFor?: readonly string[] | null;
    }
  /** On this disk. `waiting` counts every message in the outbox, this one included. */
  | { readonly state: "queued"; readonly id: string; readonly reason: string; readonly waiting: number }
  | { readonly state: "failed"; readonly id: string; readonly reason: string };

/** What the bridge has. */
interface Acknowledged {
  /** The bridge's, in ISO 8601. */
  readonly timestamp: string;
  /** As in {@link OutgoingMessage}. */
  readonly sealedFor: readonly string[] | null;
}

/** What one pass over the outbox did. */
export interface FlushResult {
  readonly stored: ReadonlyMap<string, Acknowledged>;
  /** How many were refused; they stay in the outbox's folder as `*.refused.json`, each with the reason. */
  readonly failed: number;
  /** Still waiting after the pass. */
  readonly waiting: number;
  /** Why the pass ended early. */
  readonly stoppedBy: PhotonError | null;
}

/** Longer than one call to the bridge takes; it is renewed before each. */
const LEASE_MS = 30_000;

/** How long a caller waits for another session's pass, which may bring its message along. */
const MAX_WAIT_MS = 10_000;
const WAIT_STEP_MS = 25;

/**
 * Takes messages from the outbox to the bridge: one after another in the order they were sent, handovers last because
 * their capsules may take minutes, by one process of this machine at a time, each under the id it has had from the start, until the bridge has it or refuses it for good.
 */
export class OutboxDelivery {
  readonly #paths: Paths;
  readonly #bridge: () => ApiClient;
  readonly #membership: () => Membership | null;
  readonly #now: () => number;
  readonly #lease: Lease;
  /** Passes of this process run one after another. */
  #lastPass: Promise<unknown> = Promise.resolve();

  /**
   * @param bridge - throws a PhotonError when this machine is not set up
   * @param membership - null when this machine has not joined
   */
  constructor(paths: Paths, bridge: () => ApiClient, membership: () => Membership | null, now: () => number) {
    this.#paths = paths;
    this.#bridge = bridge;
    this.#membership = membership;
    this.#now = now;
    this.#lease = new Lease(join(paths.leases, "outbox"), LEASE_MS, now);
  }

  /** Delivers the outbox and tells where the message with this id, which was put there before, is now. */
  async deliver(id: string): Promise<Delivery> {
    const { stored, stoppedBy, waiting } = await this.flush(() => isWaiting(this.#paths, id), id);
    const acknowledged = stored.get(id);
    if (acknowledged) return { state: "stored", id, ...acknowledged };
    const failure = failureOf(this.#paths, id);
    if (failure) {
      noteFailureTold(failure, this.#now()); // the caller says so
      return { state: "failed", id, reason: failure.reason };
    }
    if (!isWaiting(this.#paths, id)) return { state: "stored", id, timestamp: null };
    return { state: "queued", id, reason: stoppedBy?.message ?? "It waits behind others.", waiting };
  }

  /**
   * Delivers the outbox, oldest first, until it is empty or the bridge cannot take more now. Never throws for that.
   *
   * @param isNeeded - while another session delivers: whether this one still waits for its turn
   * @param wanted - the one message that the caller waits for: what takes long behind it is left to the next pass
   */
  flush(isNeeded: () => boolean = () => outboxLength(this.#paths) > 0, wanted?: string): Promise<FlushResult> {
    const next = this.#lastPass.then(() => this.#pass(isNeeded, wanted));
    this.#lastPass = next.catch(() => undefined);
    return next;
  }

  async #pass(isNeeded: () => boolean, wanted: string | undefined): Promise<FlushResult> {
    if (outboxLength(this.#paths) === 0) return this.#result(new Map(), 0, null);
    if (!(await this.#myTurn(isNeeded))) {
      const busy = new PhotonError("offline", "Another session of this machine is sending at the moment.");
      return this.#result(new Map(), 0, isNeeded() ? busy : null);
    }
    try {
      return await this.#deliverAll(wanted);
    } finally {
      this.#lease.release();
    }
  }

  /** Where the disk takes nothing everybody may go: the same id twice does no harm. */
  async #myTurn(isNeeded: () => boolean): Promise<boolean> {
    for (let waitedMs = 0; ; waitedMs += WAIT_STEP_MS) {
      try {
        if (this.#lease.tryAcquire()) return true;
      } catch {
        return true;
      }
      if (waitedMs >= MAX_WAIT_MS || !isNeeded()) return false;
      await sleep(WAIT_STEP_MS);
    }
  }

  async #deliverAll(wanted: string | undefined): Promise<FlushResult> {
    const stored = new Map<string, Acknowledged>();
    let failed = 0;
    let stoppedBy: PhotonError | null = null;
    for (const entry of handoversLast(readOutbox(this.#paths))) {
      if (wanted !== undefined && stored.has(wanted) && isHandover(entry)) break;
      this.#lease.renew();
      try {
        const { id, ...acknowledged } = await this.#deliver(entry);
        stored.set(id, acknowledged);
      } catch (error) {
        if (!(error instanceof PhotonError)) throw error;
        if (error.retryable) {
          stoppedBy = error;
          break;
        }
        failed += this.#fail(entry, error.message);
      }
    }
    if (stoppedBy && stoppedBy.code !== "not_set_up")
      backOff(this.#paths, "sending", stoppedBy.retryAfterMs, this.#now());
    return this.#result(stored, failed, stoppedBy);
  }

  async #deliver(entry: OutboxEntry): Promise<Acknowledged & { id: string }> {
    const draft = MessageDraft.safeParse(entry.draft);
    if (!draft.success) throw new PhotonError("invalid_request", `${sentenceOf(draft.error, "the message")}.`);
    const written = { author: entry.author, sentAt: entry.queuedAt };
    let outgoing = await this.seal(draft.data, written);
    const capsule = outgoing.draft.work?.capsule;
    const hasTravelled =
      capsule && (await deliverCapsule(this.#paths, this.#bridge(), capsule, () => this.#lease.renew()));
    if (hasTravelled === false) outgoing = await this.seal(withoutCapsule(draft.data), written);
    const { id, timestamp } = await this.#bridge().call("sendMessage", { body: outgoing.draft });
    endBackoff(this.#paths, "sending");
    quietly(() => dropOutgoing(this.#paths, draft.data.work?.capsule, capsule));
    // On a disk that takes nothing the entry may stay: the message is stored, and sent again under its id it stays one.
    quietly(() => addSent(this.#paths, id, draft.data, timestamp));
    quietly(() => removeEntry(entry));
    return { id, timestamp, sealedFor: outgoing.sealedFor };
  }

  /** The message as it goes to the bridge, sealed when this machine has joined. @throws PhotonError */
  async seal(draft: MessageDraft, written: Written): Promise<OutgoingMessage> {
    const membership = this.#membership();
    const { id } = draft;
    if (membership === null || id === undefined) return { draft, sealedFor: null };
    return sealOutgoing(this.#paths, membership, { ...draft, id }, written);
  }

  /** On a disk that takes nothing it stays where it is, is refused again, and is not in the way of the others. */
  #fail(entry: OutboxEntry, reason: string): number {
    try {
      failEntry(entry, reason);
      return 1;
    } catch {
      return 0;
    }
  }

  #result(stored: FlushResult["stored"], failed: number, stoppedBy: PhotonError | null): FlushResult {
    return { stored, failed, waiting: outboxLength(this.#paths), stoppedBy };
  }
}

/** A session's own handovers stay in their order, so that a newer one still replaces an older. */
function handoversLast(entries: readonly OutboxEntry[]): OutboxEntry[] {
  return [...entries.filter((entry) => !isHandover(entry)), ...entries.filter(isHandover)];
}

function isHandover({ draft }: OutboxEntry): boolean {
  return recordOf(draft)?.kind === "handover";
}

/** The handover arrives without it, and says so. */
function withoutCapsule({ work, ...draft }: MessageDraft): MessageDraft {
  const { capsule: _, ...rest } = work ?? { branch: null, files: 0 };
  const content = `${draft.content.trimEnd()}\n\n(The capsule did not travel: this bridge keeps none, or it was removed here.)\n`;
  return { ...draft, content, work: rest };
}

function quietly(write: () => void): void {
  try {
    write();
  } catch {
    // said where it is called
  }
}
