import { createHash } from "node:crypto";
import { join } from "node:path";
import { backOff, mayRetry, type Work } from "./backoff.ts";
import { isSetUp } from "./config.ts";
import { Lease } from "./lease.ts";
import { LiveWatch } from "./live/live-watch.ts";
import type { Mailbox } from "./mailbox.ts";
import { noteReader, openReaders } from "./open-readers.ts";
import type { Paths } from "./paths.ts";
import { PhotonError } from "./photon-error.ts";
import { readUnread } from "./unread-cache.ts";

/** How often a session asks whether it has to lead; a lease that was not renewed for 45 seconds is free. */
export const LEADER_TICK_MS = 15_000;
const LEASE_MS = 45_000;

/** KV is no fresher than half a minute. */
const CHECK_EVERY_MS = 30_000;

/** Where the bridge says by itself that something changed, a question is only there in case that got lost. */
const CHECK_LIVE_EVERY_MS = 10 * 60_000;

/** For "last seen", and to notice another computer under this one's name. */
const MACHINES_EVERY_MS = 60 * 60_000;

/** A tick may come a little early. */
const TOLERANCE_MS = 2_000;

/** Receipts wait so long, so that one event in the store carries what was shown and read meanwhile. */
const RECEIPTS_WAIT_MS = 60_000;

/**
 * One process of this machine does for all of its sessions what has to go on in the background: asks the bridge for
 * news of every reader with a session open (at once where the bridge says that there is some), tells it what was shown
 * and read, tries the outbox again. Who leads is decided anew at each tick; the others only say that they are there.
 *
 * Nothing is said to anybody. What cannot be done now is tried later, ever more seldom.
 */
export class Leader {
  readonly #paths: Paths;
  readonly #mailbox: () => Mailbox;
  readonly #now: () => number;
  #lease: { readonly name: string; readonly lease: Lease } | null = null;
  #isBusy = false;
  readonly #live: LiveWatch;
  /** What this process does for the machine, one thing after the other. */
  #work: Promise<unknown> = Promise.resolve();
  /** When receipts were last told. */
  #receiptsAt = Number.NEGATIVE_INFINITY;

  /** @param mailbox - as the settings are now */
  constructor(paths: Paths, mailbox: () => Mailbox, now: () => number = Date.now) {
    this.#paths = paths;
    this.#mailbox = mailbox;
    this.#now = now;
    this.#live = new LiveWatch(paths, () => this.#alone(() => this.#askForNews()), now);
  }

  /** Does what is due, when this process leads. Never throws. @returns whether it does */
  async tick(): Promise<boolean> {
    const mailbox = this.#mailbox();
    if (this.#isBusy || !isSetUp(mailbox.config)) return false;
    this.#isBusy = true;
    try {
      const { name, lease } = this.#leaseFor(mailbox);
      noteReader(this.#paths, name, mailbox.self, this.#now());
      if (!lease.tryAcquire()) {
        this.#live.close();
        return false;
      }
      await this.#alone(async () => {
        await this.#send(mailbox, lease);
        await this.#ask(mailbox, name, lease);
      });
      if (mayRetry(this.#paths, "asking", this.#now())) await this.#live.open(mailbox);
      return true;
    } catch {
      return false; // the disk takes nothing: then a session knows what its start told it
    } finally {
      this.#isBusy = false;
    }
  }

  /** Lets the next session lead at once. */
  stop(): void {
    this.#live.close();
    this.#lease?.lease.release();
  }

  /** What waits on this disk for the bridge: messages, and receipts that have waited long enough. */
  async #send(mailbox: Mailbox, lease: Lease): Promise<void> {
    if (!mayRetry(this.#paths, "sending", this.#now())) return;
    if (mailbox.waiting > 0) await mailbox.flush(); // notes by itself how it went
    const { oldestMs } = mailbox.receipts;
    const now = this.#now();
    // A mark of what the bridge does not have any more stays for minutes; each time it is told costs a list.
    const isSoon = Math.abs(now - this.#receiptsAt) < RECEIPTS_WAIT_MS;
    if (oldestMs === null || oldestMs < RECEIPTS_WAIT_MS || isSoon || !lease.renew()) return;
    this.#receiptsAt = now;
    await this.#attempt("sending", () => mailbox.receipts.flush());
  }

  /** What is new for every reader, and which machines there are. */
  async #ask(mailbox: Mailbox, name: string, lease: Lease): Promise<void> {
    const stale = openReaders(this.#paths, name, this.#now()).filter((reader) => this.#isStale(reader));
    for (const ask of [...stale.map((reader) => () => mailbox.check(reader)), () => knowMachines(mailbox)]) {
      if (!mayRetry(this.#paths, "asking", this.#now()) || !lease.renew()) return;
      await this.#attempt("asking", ask);
    }
  }

  /** The bridge says that something changed: whatever is known of any reader is old. @throws PhotonError */
  async #askForNews(): Promise<void> {
    if (this.#lease === null || !this.#lease.lease.renew()) return;
    const mailbox = this.#mailbox();
    for (const reader of openReaders(this.#paths, this.#lease.name, this.#now())) await mailbox.check(reader);
  }

  async #alone(run: () => Promise<void>): Promise<void> {
    const mine = this.#work.then(run);
    this.#work = mine.catch(() => undefined);
    await mine;
  }

  async #attempt(work: Work, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof PhotonError)) throw error;
      backOff(this.#paths, work, error.retryAfterMs, this.#now());
    }
  }

  #isStale(reader: string): boolean {
    const fetchedAt = readUnread(this.#paths, reader)?.fetchedAt ?? Number.NEGATIVE_INFINITY;
    const every = this.#live.isLive ? CHECK_LIVE_EVERY_MS : CHECK_EVERY_MS;
    return Math.abs(this.#now() - fetchedAt) >= every - TOLERANCE_MS;
  }

  /** Sessions with other settings (another bridge, another name) have a leader of their own. */
  #leaseFor({ config }: Mailbox): { readonly name: string; readonly lease: Lease } {
    const settings = `${config.workerUrl} ${config.machine.toLowerCase()} ${config.apiKey}`;
    const name = `leader-${createHash("sha256").update(settings).digest("hex").slice(0, 16)}`;
    if (this.#lease?.name !== name) {
      this.stop();
      this.#lease = { name, lease: new Lease(join(this.#paths.leases, name), LEASE_MS, this.#now) };
    }
    return this.#lease;
  }
}

/** A bridge of before 0.2 has no such route. */
async function knowMachines(mailbox: Mailbox): Promise<void> {
  try {
    await mailbox.machines(MACHINES_EVERY_MS);
  } catch (error) {
    if (!(error instanceof PhotonError) || error.code !== "not_found") throw error;
  }
}
