import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { backOff } from "../bridge/backoff.ts";
import { PhotonError, type PhotonErrorCode } from "../bridge/photon-error.ts";
import { isDiskError } from "../disk/is-disk-error.ts";
import { Lease } from "../disk/lease.ts";
import type { Paths } from "../disk/paths.ts";
import { recordOf, textField } from "../disk/private-file.ts";
import type { Encryption } from "../encryption/outgoing.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import { type Acknowledged, deliverEntry } from "./deliver-entry.ts";
import { type Here, heldMessages, holdReason, waitingFor } from "./destination.ts";
import type { Encrypter } from "./encrypter.ts";
import {
  failEntry,
  failureOf,
  isWaiting,
  noteFailureTold,
  type OutboxEntry,
  outboxLength,
  readOutbox,
} from "./outbox-folder.ts";

/** Where a message is after one attempt to send it. */
export type Delivery =
  /**
   * The bridge has it. `timestamp` is null when another process of this machine delivered it meanwhile; then it is not
   * known either for whom it was encrypted.
   */
  | ({ readonly state: "stored"; readonly id: string; readonly timestamp: string | null } & Partial<Encryption>)
  | Queued
  | { readonly state: "failed"; readonly id: string; readonly reason: string };

/** On this disk. */
interface Queued {
  readonly state: "queued";
  readonly id: string;
  readonly reason: string;
  /** Why, when an attempt failed: after `unauthorized` and `forbidden` only a person can make it leave. */
  readonly code: PhotonErrorCode | null;
  /** Every message that waits here for this bridge, this one included. */
  readonly waiting: number;
}

/** What one pass over the outbox did. */
export interface FlushResult {
  readonly stored: ReadonlyMap<string, Acknowledged>;
  /** How many can never be delivered; they stay in the outbox's folder as `*.refused.json`, each with the reason. */
  readonly failed: number;
  /** Still waiting for this bridge after the pass. */
  readonly waiting: number;
  /** Messages that may not leave with the settings of now: one sentence for each reason. */
  readonly held: readonly string[];
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
 * their capsules may take minutes, by one process of this machine at a time, each under the id it has had from the start,
 * until the bridge has it or refuses it permanently. A message that cannot be delivered never blocks the others.
 */
export class OutboxDelivery {
  readonly #access: BridgeAccess;
  readonly #paths: Paths;
  readonly #here: Here;
  readonly #encrypter: Encrypter;
  readonly #lease: Lease;
  /** Passes of this process run one after another. */
  #lastPass: Promise<unknown> = Promise.resolve();

  constructor(access: BridgeAccess, here: Here, encrypter: Encrypter) {
    this.#access = access;
    this.#paths = access.paths;
    this.#here = here;
    this.#encrypter = encrypter;
    this.#lease = new Lease(join(access.paths.leases, "outbox"), LEASE_MS, access.now);
  }

  /** How many messages wait for this bridge. */
  get waiting(): number {
    return waitingFor(this.#paths, this.#here).length;
  }

  /** Delivers the outbox and tells where the message with this id, which was put there before, is now. */
  async deliver(id: string): Promise<Delivery> {
    const { stored, stoppedBy, kept, waiting } = await this.#flush(() => isWaiting(this.#paths, id), id);
    const acknowledged = stored.get(id);
    if (acknowledged) return { state: "stored", id, ...acknowledged };
    const failure = failureOf(this.#paths, id);
    if (failure) {
      noteFailureTold(failure, this.#access.now()); // the caller says so
      return { state: "failed", id, reason: failure.reason };
    }
    if (!isWaiting(this.#paths, id)) return { state: "stored", id, timestamp: null };
    const reason = kept.get(id)?.reason ?? stoppedBy?.message ?? "It waits behind others.";
    const code = kept.has(id) ? (kept.get(id)?.code ?? null) : (stoppedBy?.code ?? null);
    return { state: "queued", id, reason, code, waiting };
  }

  /**
   * Delivers the outbox, oldest first, until it is empty or the bridge cannot take more now. Never throws for that.
   */
  flush(): Promise<FlushResult> {
    return this.#flush(() => this.waiting > 0);
  }

  /**
   * @param isNeeded - while another session delivers: whether this one still waits for its turn
   * @param wanted - the one message that the caller waits for: what takes long behind it is left to the next pass
   */
  #flush(isNeeded: () => boolean, wanted?: string): Promise<Pass> {
    const next = this.#lastPass.then(() => this.#pass(isNeeded, wanted));
    this.#lastPass = next.catch(() => undefined);
    return next;
  }

  async #pass(isNeeded: () => boolean, wanted: string | undefined): Promise<Pass> {
    if (outboxLength(this.#paths, null) === 0) return this.#result({});
    if (!(await this.#myTurn(isNeeded))) {
      const busy = new PhotonError("offline", "Another session of this machine is sending at the moment.");
      return this.#result({ stoppedBy: isNeeded() ? busy : null });
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

  async #deliverAll(wanted: string | undefined): Promise<Pass> {
    const stored = new Map<string, Acknowledged>();
    const kept = new Map<string, Kept>();
    let failed = 0;
    let stoppedBy: PhotonError | null = null;
    let forbidden: PhotonError | null = null;
    for (const entry of handoversLast(readOutbox(this.#paths))) {
      if (wanted !== undefined && stored.has(wanted) && isHandover(entry)) break;
      const id = textField(entry.draft, "id") ?? "";
      const held = holdReason(entry, this.#here);
      if (held !== null) {
        kept.set(id, { reason: `It ${held}.`, code: "forbidden" });
        continue;
      }
      this.#lease.renew();
      try {
        stored.set(id, await deliverEntry(this.#access, this.#encrypter, entry, () => this.#lease.renew()));
      } catch (error) {
        if (error instanceof PhotonError && error.code === "forbidden") {
          // This message alone, such as one in a name that is another machine's by now.
          kept.set(id, { reason: error.message, code: error.code });
          forbidden = error;
          continue;
        }
        if (error instanceof PhotonError && error.retryable) {
          stoppedBy = error;
          break;
        }
        // What is wrong with this machine's disk may be over soon; anything else is wrong with this message.
        if (isDiskError(error)) {
          kept.set(id, { reason: `This machine's disk does not take what is needed: ${error.code}.`, code: null });
        } else failed += this.#fail(entry, error instanceof PhotonError ? error.message : unexpected(error));
      }
    }
    const trouble = stoppedBy ?? forbidden;
    if (trouble && trouble.code !== "not_set_up")
      backOff(this.#paths, "sending", trouble.retryAfterMs, this.#access.now());
    return this.#result({ stored, failed, stoppedBy, kept });
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

  #result(done: Partial<Pass>): Pass {
    const rest = { waiting: this.waiting, held: heldMessages(this.#paths, this.#here) };
    return { stored: new Map(), failed: 0, stoppedBy: null, kept: new Map(), ...rest, ...done };
  }
}

interface Pass extends FlushResult {
  /** By id: why a message stays here although the pass went on. */
  readonly kept: ReadonlyMap<string, Kept>;
}

type Kept = Pick<Queued, "reason" | "code">;

/** A defect, or something in the message that nobody thought of. Its words may quote the message. */
function unexpected(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  return `Photon could not prepare this message (${name}).`;
}

/** A session's own handovers stay in their order, so that a newer one still replaces an older. */
function handoversLast(entries: readonly OutboxEntry[]): OutboxEntry[] {
  return [...entries.filter((entry) => !isHandover(entry)), ...entries.filter(isHandover)];
}

function isHandover({ draft }: OutboxEntry): boolean {
  return recordOf(draft)?.kind === "handover";
}
