import { isGone, isThere, type Planned, type Sent } from "./sent.ts";

/** A deleted message is one of the last this many known ones. */
const LATELY = 6;

/** Everything that was sent and its fate, to compare with the bridge's answers. */
export class Ledger {
  readonly #now: () => number;
  readonly #all: Sent[] = [];
  readonly #byName = new Map<string, Sent>();
  readonly #byId = new Map<string, Sent>();
  /** In the order of receipt. */
  readonly #stored: Sent[] = [];
  /** For each machine, the messages that may be unread. */
  readonly #unread = new Map<string, Set<Sent>>();
  /** By machine, the ids that are known there. */
  readonly #known = new Map<string, string[]>();
  readonly #problems: string[] = [];
  /** How many messages were deleted, cleared or replaced. */
  ended = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The broken promises; empty if there are none. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  get all(): readonly Sent[] {
    return this.#all;
  }

  /** The acknowledged messages, in the order of receipt. */
  get stored(): readonly Sent[] {
    return this.#stored;
  }

  problem(what: string): void {
    if (this.#problems.length < 200) this.#problems.push(`${new Date(this.#now()).toISOString()} ${what}`);
  }

  /** @param text - the text after the name */
  plan({ content: text, ...planned }: Planned): Sent {
    const name = `message ${this.#all.length}`;
    const content = text === "" ? name : `${name}: ${text}`;
    const sent: Sent = {
      ...planned,
      name,
      content,
      id: null,
      servedAt: null,
      storedAt: null,
      acknowledgedAt: null,
      mayEndAt: null,
      endedAt: null,
      shownAt: new Map(),
      markAskedAt: new Map(),
      markedAt: new Map(),
    };
    this.#all.push(sent);
    this.#byName.set(name, sent);
    return sent;
  }

  /** @param content - identifies a message that was sent without an id */
  find(id: string, content?: string): Sent | undefined {
    const known = this.#byId.get(id);
    if (known || content === undefined) return known;
    const sent = this.#byName.get(content.split(":")[0] ?? "");
    return sent?.id === null ? sent : undefined;
  }

  /** The Worker receives a message, perhaps again. */
  served(content: string, id: string | undefined): Sent | undefined {
    const sent = this.#byName.get(content.split(":")[0] ?? "");
    if (!sent) return undefined;
    sent.servedAt ??= this.#now();
    if (id !== undefined) this.#name(sent, id);
    for (const machine of sent.recipients) this.unreadOf(machine).add(sent);
    return sent;
  }

  /** The bridge acknowledges it. */
  storedAs(sent: Sent, id: string, storedAt: number): void {
    this.#name(sent, id);
    if (sent.storedAt !== null) return;
    sent.storedAt = storedAt;
    let place = this.#stored.length;
    while ((this.#stored[place - 1]?.storedAt ?? 0) > storedAt) place--;
    this.#stored.splice(place, 0, sent);
  }

  acknowledged(sent: Sent): void {
    sent.acknowledgedAt ??= this.#now();
    if (sent.id !== null) this.knows(sent.from, sent.id);
  }

  /** Someone requests its removal. */
  mayEnd(sent: Sent): void {
    sent.mayEndAt ??= this.#now();
  }

  end(sent: Sent): void {
    if (sent.endedAt === null) this.ended++;
    sent.endedAt ??= this.#now();
  }

  shown(machine: string, sent: Sent): void {
    sent.shownAt.set(machine, [...(sent.shownAt.get(machine) ?? []), this.#now()]);
    if (sent.id !== null) this.knows(machine, sent.id);
  }

  /** The message becomes known on this machine. */
  knows(machine: string, id: string): void {
    const known = this.#known.get(machine) ?? [];
    known.push(id);
    this.#known.set(machine, known);
  }

  /** A message that recently became known on a machine. @param chance - in [0, 1) */
  knownOn(machine: string, chance: number): string | undefined {
    const lately = (this.#known.get(machine) ?? []).slice(-LATELY);
    return lately[Math.floor(chance * lately.length)];
  }

  /** The possibly unread messages of a machine. Read and removed messages are dropped. */
  unreadOf(machine: string): Set<Sent> {
    const unread = this.#unread.get(machine) ?? new Set();
    this.#unread.set(machine, unread);
    for (const sent of unread) if (sent.markedAt.has(machine) || isGone(sent, this.#now())) unread.delete(sent);
    return unread;
  }

  /** How many unread messages a machine must and may have. */
  unreadBounds(machine: string): { readonly least: number; readonly most: number } {
    const unread = [...this.unreadOf(machine)];
    const certain = unread.filter((sent) => isThere(sent, this.#now()) && !sent.markAskedAt.has(machine));
    return { least: certain.length, most: unread.length };
  }

  #name(sent: Sent, id: string): void {
    sent.id ??= id;
    this.#byId.set(id, sent);
  }
}
