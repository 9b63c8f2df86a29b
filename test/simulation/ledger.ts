import * as z from "zod";
import type { Message } from "../../contract/message.ts";
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

/** Clocks of two places differ by less; a clear may be stamped by one that is ahead, after messages of one that is. */
const MAX_CLOCK_DIFFERENCE_MS = 4_000;

const SentMessage = z.object({ id: z.string(), content: z.string().optional(), replaces: z.string().optional() });

/** Of the messages that somebody knows, one of the last so many gets deleted: those that are still on their way. */
const LATELY = 6;

interface Sent {
  readonly recipients: readonly string[];
  /** When the Worker first got it, acknowledged or not. */
  servedAt: number | null;
  acknowledgedAt: number | null;
  /** From then on it may be gone: somebody asked to delete it, to clear, or for another in its place. */
  mayEndAt: number | null;
  /** When the bridge had acknowledged that. */
  endedAt: number | null;
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
  /** By the id of the newer message, the id of the one whose place it takes. */
  readonly #replaced = new Map<string, string>();
  /** By machine, the messages that it has sent or was shown, which somebody there may delete. */
  readonly #known = new Map<string, string[]>();
  /** Deleted before the Worker got them, by id, and whether that was acknowledged. */
  readonly #deletedBefore = new Map<string, { isAcknowledged: boolean }>();
  #clearedAt = Number.NEGATIVE_INFINITY;
  /** How many messages the bridge acknowledged to be deleted, cleared or replaced. */
  ended = 0;
  longestDelayMs = 0;
  unchangedChecks = 0;
  /** How often a machine said that it was shown something, and nothing else. */
  shownApart = 0;
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
    this.#sent.set(name, {
      recipients,
      servedAt: null,
      acknowledgedAt: null,
      mayEndAt: null,
      endedAt: null,
      shownAt: new Map(),
      markedAt: new Map(),
    });
    return name;
  }

  /** A message that somebody on a machine knows of. @param chance - in [0, 1) */
  knownOn(machine: string, chance: number): string | undefined {
    const lately = (this.#known.get(machine) ?? []).slice(-LATELY);
    return lately[Math.floor(chance * lately.length)];
  }

  /** Lets the Worker do its work, and counts what that cost. */
  async serve(request: Request, worker: Serve): Promise<Response> {
    const before = { ...this.#central.used, calls: this.#central.calls };
    const what = `${request.method} ${new URL(request.url).pathname}`;
    if (what === "POST /messages") {
      const { id, content, replaces } = SentMessage.parse(await request.clone().json());
      if (content !== undefined) this.#nameOf.set(id, content.split(":")[0] ?? "");
      this.#served(id, replaces);
    }
    if (request.method === "DELETE") this.#asked(request);
    const response = await worker(request);
    const { used, calls } = this.#central;
    const cost = (operation: keyof Quota) => used[operation] - before[operation];
    if (response.status >= 400) this.#problems.push(`${what} was answered ${response.status}`);
    if (calls - before.calls > MAX_CALLS) this.#problems.push(`${what} asked KV ${calls - before.calls} times`);
    if (what === "POST /messages" && cost("writes") > MAX_SEND_WRITES) this.#problems.push("a send wrote too often");
    if (what === "POST /messages/shown") this.shownApart++;
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
    if (!response.ok) return;
    if (request.method === "DELETE") {
      const { id, sent } = this.#ofDelete(request);
      const early = this.#deletedBefore.get(id ?? "");
      if (early) early.isAcknowledged = true;
      // What came within the difference of two clocks may count as later than the clear.
      const before = this.#now() - (id === undefined ? MAX_CLOCK_DIFFERENCE_MS : 0);
      for (const each of sent) if ((each.servedAt ?? 0) <= before) this.#end(each);
    }
    if (request.method !== "POST" || new URL(request.url).pathname !== "/messages") return;
    const { id } = SentMessage.parse(await response.clone().json());
    const sent = this.#of(id);
    if (sent) sent.acknowledgedAt ??= this.#now();
    const replaced = this.#of(this.#replaced.get(id) ?? "");
    if (replaced) this.#end(replaced);
  }

  /** The Worker got a message, perhaps not for the first time. */
  #served(id: string, replaces: string | undefined): void {
    const sent = this.#of(id);
    if (sent?.servedAt === null) {
      sent.servedAt = this.#now();
      const early = this.#deletedBefore.get(id);
      if (early || this.#now() - this.#clearedAt <= MAX_CLOCK_DIFFERENCE_MS) sent.mayEndAt = this.#now();
      if (early?.isAcknowledged) this.#end(sent);
    }
    if (replaces === undefined) return;
    this.#replaced.set(id, replaces);
    const replaced = this.#of(replaces);
    if (replaced) replaced.mayEndAt ??= this.#now();
  }

  /** Somebody asks to delete a message or everything. */
  #asked(request: Request): void {
    const { id, sent } = this.#ofDelete(request);
    for (const each of sent) each.mayEndAt ??= this.#now();
    if (id === undefined) this.#clearedAt = this.#now();
    else if (sent.length === 0) this.#deletedBefore.set(id, { isAcknowledged: false });
  }

  /** What a DELETE is about; without an id, everything that the Worker has got. */
  #ofDelete(request: Request): { id?: string; sent: readonly Sent[] } {
    const [, , id] = new URL(request.url).pathname.split("/");
    if (id === undefined) return { sent: [...this.#sent.values()].filter(({ servedAt }) => servedAt !== null) };
    const sent = this.#of(id);
    return { id, sent: sent ? [sent] : [] };
  }

  #end(sent: Sent): void {
    if (sent.endedAt === null) this.ended++;
    sent.endedAt ??= this.#now();
  }

  shown(machine: string, id: string): void {
    const sent = this.#of(id);
    if (!sent) return void this.#problems.push(`${machine} was shown something nobody sent`);
    sent.shownAt.set(machine, [...(sent.shownAt.get(machine) ?? []), this.#now()]);
    this.knows(machine, id);
  }

  /** Somebody on this machine can name this message. */
  knows(machine: string, id: string): void {
    this.#known.set(machine, [...(this.#known.get(machine) ?? []), id]);
  }

  marked(machine: string, ids: readonly string[]): void {
    for (const id of ids) this.#of(id)?.markedAt.set(machine, this.#now());
  }

  offered(machine: string, ids: readonly string[]): void {
    for (const id of ids) {
      const sent = this.#of(id);
      const isLongAgo = (time: number | null | undefined) =>
        this.#now() - (time ?? this.#now()) > this.#staleness.listLagMs + this.#staleness.readLagMs;
      if (isLongAgo(sent?.markedAt.get(machine)))
        this.#problems.push(`${this.#nameOf.get(id)} was unread on ${machine} long after it was marked`);
      // A list is behind by so much and no more; and what it has once left out must not come back.
      if (isLongAgo(sent?.endedAt))
        this.#problems.push(`${this.#nameOf.get(id)} was listed on ${machine} long after it was deleted`);
    }
  }

  /** Compares what one machine was shown with what it should have been, at the end. */
  compare(machine: string, waiting: number, unread: number): void {
    if (waiting > 0) this.#problems.push(`${waiting} messages still wait on ${machine}`);
    if (unread > 0) this.#problems.push(`${unread} messages are still unread on ${machine}`);
    for (const [name, sent] of this.#sent) {
      const times = sent.shownAt.get(machine) ?? [];
      const isFor = sent.acknowledgedAt !== null && sent.recipients.includes(machine);
      // Deleted before it had to be there: it may have been shown, or not.
      const isExpected = isFor && (sent.acknowledgedAt ?? 0) + this.#allowedDelayMs < (sent.mayEndAt ?? Infinity);
      if (times.length < (isExpected ? 1 : 0) || times.length > (isFor ? 1 : 0))
        this.#problems.push(`${name} was shown ${times.length} times on ${machine}, not ${isFor ? 1 : 0}`);
      const delayMs = (times[0] ?? 0) - (sent.acknowledgedAt ?? 0);
      if (times.length > 0) this.longestDelayMs = Math.max(this.longestDelayMs, delayMs);
    }
  }

  /** Compares what the bridge has for a machine at the end, and what it says about that, with what happened. */
  compareStored(machine: string, messages: readonly Message[]): void {
    const stored = new Map(messages.map((message) => [this.#nameOf.get(message.id), message]));
    for (const [name, sent] of this.#sent) {
      const message = stored.get(name);
      if (message && sent.endedAt !== null) this.#problems.push(`${name} is on ${machine} though it was deleted`);
      const isExpected = sent.mayEndAt === null && sent.recipients.includes(machine);
      if (!message && isExpected) this.#problems.push(`${name} is not on ${machine} any more`);
      if (!message) continue;
      const own = message.receipts?.find((receipt) => receipt.machine === machine);
      if (!own?.shownAt || !own.readAt || !message.read)
        this.#problems.push(`the receipts of ${name} do not say that ${machine} was shown it and read it`);
      for (const { machine: of, shownAt = "" } of message.receipts ?? []) {
        const [shown = Number.POSITIVE_INFINITY] = sent.shownAt.get(of) ?? [];
        if (Date.parse(shownAt) + MAX_CLOCK_DIFFERENCE_MS < shown)
          this.#problems.push(`the receipts of ${name} said too early that ${of} was shown it`);
      }
    }
  }

  /** Compares what everything cost and how long it took, after all machines. */
  compareTotals(): void {
    if (this.longestDelayMs > this.#allowedDelayMs)
      this.#problems.push(`a message took ${this.longestDelayMs / 1000} s`);
    const { writes, lists } = this.used;
    if (writes > MAX_WRITES_PER_MESSAGE * this.messages) this.#problems.push(`${writes} writes are too many`);
    if (lists > MAX_LISTS_PER_MESSAGE * this.messages) this.#problems.push(`${lists} lists are too many`);
  }

  get #allowedDelayMs(): number {
    const { listLagMs } = this.#staleness;
    return listLagMs + MAX_EXTRA_DELAY_MS + (listLagMs > DOCUMENTED_LAG_MS ? RECONCILE_MS : 0);
  }

  #of(id: string): Sent | undefined {
    return this.#sent.get(this.#nameOf.get(id) ?? "");
  }
}
