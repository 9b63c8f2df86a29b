import * as z from "zod";
import type { Central, Quota, Staleness } from "./kv-double.ts";
import type { Watcher } from "./machine.ts";
import type { Serve } from "./worker-dispatcher.ts";

/** A Worker on the free plan may ask KV this often for one request. */
const MAX_CALLS = 50;

/** An unchanged check. */
const MAX_UNCHANGED_READS = 3;
const MAX_SEND_WRITES = 2;

/** For each message, of everything that is done with it on all machines: sent, found, listed, marked, checked again. */
const MAX_WRITES_PER_MESSAGE = 3.5;
const MAX_LISTS_PER_MESSAGE = 8;

/** Beyond what a list may be behind: a check is every 30 seconds, a hint is cached for 30, and answers get lost. */
const MAX_EXTRA_DELAY_MS = 150_000;
/** A list that is slower than documented outlives the settle window; then the reconcile finds the message. */
const DOCUMENTED_LAG_MS = 60_000;
const RECONCILE_MS = 10 * 60_000;

const SentMessage = z.object({ id: z.string(), content: z.string().optional() });

interface Sent {
  readonly recipients: readonly string[];
  acknowledgedAt: number | null;
  readonly shownAt: Map<string, number[]>;
  readonly markedAt: Map<string, number>;
}

/** Writes down what the machines saw and what the bridge acknowledged, and compares the two. */
export class Ledger implements Watcher {
  readonly #now: () => number;
  readonly #central: Central;
  readonly #staleness: Staleness;
  /** By the name of the message, with which its text begins. */
  readonly #sent = new Map<string, Sent>();
  readonly #nameOf = new Map<string, string>();
  readonly #problems: string[] = [];
  longestDelayMs = 0;
  unchangedChecks = 0;
  checks = 0;

  constructor(now: () => number, central: Central, staleness: Staleness) {
    this.#now = now;
    this.#central = central;
    this.#staleness = staleness;
  }

  /** Everything that was not as promised; empty when all was. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  get messages(): number {
    return this.#sent.size;
  }

  get used(): Quota {
    return this.#central.used;
  }

  /** @returns the name of a new message: what its text has to begin with, before a colon */
  planned(recipients: readonly string[]): string {
    const name = `message ${this.#sent.size}`;
    this.#sent.set(name, { recipients, acknowledgedAt: null, shownAt: new Map(), markedAt: new Map() });
    return name;
  }

  /** Lets the Worker do its work, and counts what that cost. */
  async serve(request: Request, worker: Serve): Promise<Response> {
    const before = { ...this.#central.used, calls: this.#central.calls };
    const what = `${request.method} ${new URL(request.url).pathname}`;
    if (what === "POST /messages") {
      const { id, content } = SentMessage.parse(await request.clone().json());
      if (content !== undefined) this.#nameOf.set(id, content.split(":")[0] ?? "");
    }
    const response = await worker(request);
    const { used, calls } = this.#central;
    const cost = (operation: keyof Quota) => used[operation] - before[operation];
    if (response.status >= 400) this.#problems.push(`${what} was answered ${response.status}`);
    if (calls - before.calls > MAX_CALLS) this.#problems.push(`${what} asked KV ${calls - before.calls} times`);
    if (what === "POST /messages" && cost("writes") > MAX_SEND_WRITES) this.#problems.push("a send wrote too often");
    if (what === "GET /unread") {
      this.checks++;
      if (response.status === 304) {
        this.unchangedChecks++;
        if (cost("lists") > 0 || cost("reads") > MAX_UNCHANGED_READS || cost("writes") > 0)
          this.#problems.push("an unchanged check cost too much");
      } else if (cost("lists") > 1) this.#problems.push("a check listed more than once");
    }
    return response;
  }

  /** An answer reached the machine that asked. */
  async answered(request: Request, response: Response): Promise<void> {
    if (request.method !== "POST" || new URL(request.url).pathname !== "/messages" || !response.ok) return;
    const { id } = SentMessage.parse(await response.clone().json());
    const sent = this.#of(id);
    if (sent) sent.acknowledgedAt ??= this.#now();
  }

  shown(machine: string, id: string): void {
    const sent = this.#of(id);
    if (!sent) return void this.#problems.push(`${machine} was shown something nobody sent`);
    sent.shownAt.set(machine, [...(sent.shownAt.get(machine) ?? []), this.#now()]);
  }

  marked(machine: string, ids: readonly string[]): void {
    for (const id of ids) this.#of(id)?.markedAt.set(machine, this.#now());
  }

  offered(machine: string, ids: readonly string[]): void {
    for (const id of ids) {
      const markedAt = this.#of(id)?.markedAt.get(machine);
      const allowed = this.#staleness.listLagMs + this.#staleness.readLagMs;
      if (markedAt !== undefined && this.#now() - markedAt > allowed)
        this.#problems.push(`${this.#nameOf.get(id)} was unread on ${machine} long after it was marked`);
    }
  }

  /** Compares what one machine was shown with what it should have been, at the end. */
  compare(machine: string, waiting: number, unread: number): void {
    if (waiting > 0) this.#problems.push(`${waiting} messages still wait on ${machine}`);
    if (unread > 0) this.#problems.push(`${unread} messages are still unread on ${machine}`);
    for (const [name, sent] of this.#sent) {
      const times = sent.shownAt.get(machine) ?? [];
      const expected = sent.acknowledgedAt !== null && sent.recipients.includes(machine) ? 1 : 0;
      if (times.length !== expected)
        this.#problems.push(`${name} was shown ${times.length} times on ${machine}, not ${expected}`);
      const delayMs = (times[0] ?? 0) - (sent.acknowledgedAt ?? 0);
      if (times.length > 0) this.longestDelayMs = Math.max(this.longestDelayMs, delayMs);
    }
  }

  /** Compares what everything cost and how long it took, after all machines. */
  compareTotals(): void {
    const { listLagMs } = this.#staleness;
    const allowedMs = listLagMs + MAX_EXTRA_DELAY_MS + (listLagMs > DOCUMENTED_LAG_MS ? RECONCILE_MS : 0);
    if (this.longestDelayMs > allowedMs) this.#problems.push(`a message took ${this.longestDelayMs / 1000} s`);
    const { writes, lists } = this.used;
    if (writes > MAX_WRITES_PER_MESSAGE * this.messages) this.#problems.push(`${writes} writes are too many`);
    if (lists > MAX_LISTS_PER_MESSAGE * this.messages) this.#problems.push(`${lists} lists are too many`);
  }

  #of(id: string): Sent | undefined {
    return this.#sent.get(this.#nameOf.get(id) ?? "");
  }
}
