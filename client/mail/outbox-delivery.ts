import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { backOff } from "../bridge/backoff.ts";
import { PhotonError, type PhotonErrorCode } from "../bridge/photon-error.ts";
import { isDiskError } from "../disk/disk-error.ts";
import { Lease } from "../disk/lease.ts";
import type { Paths } from "../disk/paths.ts";
import { recordOf, textField } from "../disk/private-file.ts";
import type { Encryption } from "../encryption/outgoing.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import { NetworkFailure } from "../network/network-failure.ts";
import { type Acknowledged, deliverEntry } from "./deliver-entry.ts";
import { type Here, heldMessages, holdReason, waitingFor } from "./destination.ts";
import type { Encrypter } from "./encrypter.ts";
import {
  failEntry,
  failureOf,
  isWaiting,
  noteAttempt,
  noteFailureTold,
  type OutboxEntry,
  outboxLength,
  readOutbox,
} from "./outbox-folder.ts";
import { readSent } from "./sent-log.ts";

/** Where a message is after one attempt to send it. */
export type Delivery =
  /**
   * The bridge has it. If another process on this machine delivered it, `timestamp` is null and the recipients it was
   * encrypted for are unknown. `isWithoutCapsule` is set if it was written with a capsule and went without it.
   */
  Stored | Queued | { readonly state: "failed"; readonly id: string; readonly reason: string };

interface Stored extends Partial<Encryption>, Pick<Acknowledged, "isWithoutCapsule"> {
  readonly state: "stored";
  readonly id: string;
  readonly timestamp: string | null;
}

/** The message is on this disk. */
interface Queued {
  readonly state: "queued";
  readonly id: string;
  readonly reason: string;
  /** Set if an attempt failed. After `unauthorized` and `forbidden`, a person must act before it can be sent. */
  readonly code: PhotonErrorCode | null;
  /** How many messages are queued for this bridge, including this one. */
  readonly waiting: number;
}

/** What one pass over the outbox did. */
export interface FlushResult {
  readonly stored: ReadonlyMap<string, Acknowledged>;
  /** How many failed permanently. They stay in the outbox's folder as `*.refused.json`, each with the reason. */
  readonly failed: number;
  /** How many messages are still queued for this bridge. */
  readonly waiting: number;
  /** One sentence for each reason why messages may not be sent with the current settings. */
  readonly held: readonly string[];
  /** Why the pass ended early. */
  readonly stoppedBy: PhotonError | null;
  /** A refusal of one message, which stays queued; `forbidden` rather than any other. */
  readonly refused: PhotonError | null;
}

export interface Patience {
  /**
   * How long the caller waits while other messages are delivered, in milliseconds; default: to the end. In a longer pass they
   * are delivered later: by {@link OutboxDelivery.deliver} in the background, otherwise by the next pass.
   */
  readonly withinMs?: number;
}

/** Longer than one call to the bridge. The lease is renewed before each call. */
const LEASE_MS = 30_000;

/** How long a caller waits for another session's pass, which may deliver its message too. */
const MAX_WAIT_MS = 10_000;
const WAIT_STEP_MS = 25;

/** After this many such refusals in one pass, the network or the bridge fails, and not a message. */
const MAX_REFUSALS = 10;

/**
 * After this many refusals of messages that were refused in an earlier pass too, the others of that kind are tried last.
 * If the bridge accepts them, it had failed for all, and they keep their order.
 */
const MAX_REPEATED_REFUSALS = 3;

/** Refusals of one message, or of its sender: the others may succeed. */
const ABOUT_ONE_MESSAGE: ReadonlySet<PhotonErrorCode> = new Set(["internal", "conflict", "not_found"]);

/**
 * Delivers the outbox to the bridge: one message after another in the order they were sent, but handovers last, because
 * their capsules may take minutes, and after them those on which the bridge failed before. One process on this machine delivers at a time. A message keeps its id for all attempts,
 * until the bridge has it or refuses it permanently. A refused message never blocks the others.
 */
export class OutboxDelivery {
  readonly #access: BridgeAccess;
  readonly #paths: Paths;
  readonly #here: Here;
  readonly #encrypter: Encrypter;
  readonly #lease: Lease;
  /** The newest pass that has not ended; null for one that failed. Passes of this process run one after another. */
  #running: Promise<Pass | null> | null = null;

  constructor(access: BridgeAccess, here: Here, encrypter: Encrypter) {
    this.#access = access;
    this.#paths = access.paths;
    this.#here = here;
    this.#encrypter = encrypter;
    this.#lease = new Lease(join(access.paths.leases, "outbox"), LEASE_MS, access.now);
  }

  /** How many messages are queued for this bridge. */
  get waiting(): number {
    return waitingFor(this.#paths, this.#here).length;
  }

  /** Delivers the outbox. @param id - of a message in the outbox @returns where that message is afterwards */
  async deliver(id: string, { withinMs }: Patience = {}): Promise<Delivery> {
    let isReached = false;
    const whole = this.#flush(() => isWaiting(this.#paths, id), {
      wanted: id,
      onReached: () => {
        isReached = true;
      },
    });
    const { stored, stoppedBy, kept, waiting } = await this.#orLater(whole, withinMs, () => isReached);
    const acknowledged = stored.get(id);
    if (acknowledged) return { state: "stored", id, ...acknowledged };
    const failure = failureOf(this.#paths, id);
    if (failure) {
      noteFailureTold(failure, this.#access.now()); // the caller reports it
      return { state: "failed", id, reason: failure.reason };
    }
    if (!isWaiting(this.#paths, id)) {
      const isWithout = readSent(this.#paths).some((sent) => sent.id === id && sent.isWithoutCapsule);
      return { state: "stored", id, timestamp: null, ...(isWithout && { isWithoutCapsule: true }) };
    }
    const reason = kept.get(id)?.reason ?? stoppedBy?.message ?? "Earlier messages go first and are being sent.";
    const code = kept.has(id) ? (kept.get(id)?.code ?? null) : (stoppedBy?.code ?? null);
    return { state: "queued", id, reason, code, waiting };
  }

  /**
   * Delivers the outbox, oldest first, until it is empty or the bridge cannot accept more now. That is not an error.
   */
  flush({ withinMs }: Patience = {}): Promise<FlushResult> {
    const endsAt = withinMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + withinMs;
    return this.#orLater(
      this.#flush(() => this.waiting > 0, { endsAt }),
      withinMs,
      () => false,
    );
  }

  /**
   * Starts a pass, or queues one behind the running pass. If the bridge stops that one, the queued one would only wait for
   * another timeout, so it ends with the same error.
   *
   * @param isNeeded - whether to keep waiting while another session delivers
   */
  #flush(isNeeded: () => boolean, options: PassOptions): Promise<Pass> {
    const start = () => this.#pass(isNeeded, options);
    const next =
      this.#running?.then((before) => (before?.stoppedBy ? this.#result({ stoppedBy: before.stoppedBy }) : start())) ??
      start();
    const running = next.catch(() => null);
    this.#running = running;
    void running.then(() => {
      if (this.#running === running) this.#running = null;
    });
    return next;
  }

  /** The result of a pass, or after the given time an empty one, unless the pass must be waited for. */
  async #orLater(pass: Promise<Pass>, ms: number | undefined, mustWait: () => boolean): Promise<Pass> {
    if (ms === undefined) return pass;
    const timer = new AbortController();
    const late = sleep(ms, null, { signal: timer.signal }).catch(() => null);
    const first = await Promise.race([pass, late]).finally(() => timer.abort());
    return first ?? (mustWait() ? pass : this.#result({}));
  }

  async #pass(isNeeded: () => boolean, options: PassOptions): Promise<Pass> {
    if (outboxLength(this.#paths, null) === 0) return this.#result({});
    if (!(await this.#myTurn(isNeeded))) {
      const busy = new PhotonError("offline", "Another session on this machine is sending now.");
      return this.#result({ stoppedBy: isNeeded() ? busy : null });
    }
    try {
      return await this.#deliverAll(options);
    } finally {
      this.#lease.release();
    }
  }

  /** Returns true if the disk cannot be written: sending an id twice is harmless. */
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

  async #deliverAll({ wanted, endsAt = Number.POSITIVE_INFINITY, onReached }: PassOptions): Promise<Pass> {
    const stored = new Map<string, Acknowledged>();
    const kept = new Map<string, Kept>();
    let failed = 0;
    let stoppedBy: PhotonError | null = null;
    let refused: PhotonError | null = null;
    let refusals = 0;
    let repeated = 0;
    const queue = handoversLast(readOutbox(this.#paths));
    const postponed = new Set<OutboxEntry>();
    for (const entry of queue) {
      if (entry.isSuspect && repeated >= MAX_REPEATED_REFUSALS && !postponed.has(entry)) {
        postponed.add(entry);
        queue.push(entry);
        continue;
      }
      if (wanted !== undefined && stored.has(wanted) && isHandover(entry)) break;
      if (performance.now() >= endsAt) break;
      const id = textField(entry.draft, "id") ?? "";
      const held = holdReason(entry, this.#here);
      if (held !== null) {
        kept.set(id, { reason: `It ${held}.`, code: "forbidden" });
        continue;
      }
      this.#lease.renew();
      if (id === wanted) onReached?.();
      try {
        stored.set(id, await deliverEntry(this.#access, this.#encrypter, entry, () => this.#lease.renew()));
      } catch (error) {
        if (error instanceof PhotonError && error.code === "forbidden") {
          // Only this message is forbidden, for example because its sender's name belongs to another machine now.
          kept.set(id, { reason: error.message, code: error.code });
          noteAttempt(entry, { forbidden: error.message });
          refused = error;
          continue;
        }
        if (isAboutOneMessage(error)) {
          if (entry.isSuspect) repeated++;
          noteAttempt(entry, { isSuspect: true });
          if (++refusals < MAX_REFUSALS) {
            kept.set(id, { reason: error.message, code: error.code });
            refused ??= error;
            continue;
          }
        }
        if (error instanceof PhotonError && error.retryable) {
          stoppedBy = error;
          break;
        }
        // A disk error may be temporary; any other error is about this message.
        if (isDiskError(error)) {
          kept.set(id, { reason: `A disk error on this machine: ${error.code}.`, code: null });
        } else failed += this.#fail(entry, error instanceof PhotonError ? error.message : unexpected(error));
      }
    }
    const trouble = stoppedBy ?? refused;
    if (trouble && trouble.code !== "not_set_up")
      backOff(this.#paths, "sending", trouble.retryAfterMs, this.#access.now());
    return this.#result({ stored, failed, stoppedBy, refused, kept });
  }

  /** If the disk cannot be written, the entry stays and is refused again, without blocking the others. */
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
    return { stored: new Map(), failed: 0, stoppedBy: null, refused: null, kept: new Map(), ...rest, ...done };
  }
}

interface Pass extends FlushResult {
  /** By id: why a message stays queued although the pass continued. */
  readonly kept: ReadonlyMap<string, Kept>;
}

type Kept = Pick<Queued, "reason" | "code">;

interface PassOptions {
  /** The message that the caller waits for; once it is delivered, handovers are left to the next pass. */
  readonly wanted?: string;
  /** Called when it is that message's turn. */
  readonly onReached?: () => void;
  /** When no further message is begun, on the clock of `performance.now()`. */
  readonly endsAt?: number;
}

function isAboutOneMessage(error: unknown): error is PhotonError {
  return error instanceof PhotonError && (ABOUT_ONE_MESSAGE.has(error.code) || isBlockPage(error));
}

/** A filter of a company's network answers like this when it dislikes the text of one message. */
function isBlockPage({ cause }: PhotonError): boolean {
  if (!(cause instanceof NetworkFailure && cause.isAnswer)) return false;
  const { status = 0 } = cause;
  return status >= 400 && status < 500 && status !== 429;
}

/** For a defect of Photon or an unforeseen message. The error's own text is left out: it may quote the message. */
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
