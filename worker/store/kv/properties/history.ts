import fc from "fast-check";
import type { NewEvent } from "../event.ts";
import { StoredEvent } from "../event.ts";
import { eventKey, suffixOfBytes } from "../event-key.ts";
import type { LoggedEvent } from "../event-log.ts";

// What people do with a mailbox, the events that the store writes for it, and, worked out without the fold, what it
// means. Few names, so that what is done meets.

export const NAMES = ["a", "b", "c", "d", "e"] as const;
export type Name = (typeof NAMES)[number];

export type Deed =
  /** The first one under a name is the message; each later one is the same sent again. */
  | { readonly do: "send"; readonly name: Name }
  | { readonly do: "mark"; readonly machine: string; readonly what: "shown" | "read"; readonly names: readonly Name[] }
  | { readonly do: "remove"; readonly names: readonly Name[] }
  | { readonly do: "clear" };

/** The message that a name stands for, whenever it is sent. */
export interface Draft {
  readonly from: string;
  readonly replaces: Name | undefined;
  /** Milliseconds. */
  readonly lifetimeMs: number | undefined;
}

export interface History {
  readonly drafts: Readonly<Record<Name, Draft>>;
  readonly deeds: readonly Deed[];
}

/** One message as a person would tell what became of it. */
export interface Told {
  readonly sentMs: number;
  /** `pc read` and the like, with the first time. */
  readonly marks: Readonly<Record<string, number>>;
}

/** Between two deeds, in milliseconds: the store makes the time of an event at most one later. */
const STEP_MS = 3;

/** When a deed of a history is done. */
export function timeOf(index: number): number {
  return (index + 1) * STEP_MS;
}

/** The event that the store writes for a deed at a time. */
export function eventOf(deed: Deed, ms: number, { drafts }: History): LoggedEvent {
  if (deed.do === "clear") return logged(ms, `clear ${ms}`, { v: 1, type: "clear" });
  if (deed.do === "send") return messageAt(ms, deed.name, drafts[deed.name]);
  const suffixes = deed.names.map(suffixOf).join("");
  if (deed.do === "remove") return logged(ms, `remove ${ms}`, { v: 1, type: "tombstone", removed: suffixes });
  const { machine, what } = deed;
  return logged(ms, `${what} ${ms}`, { v: 1, type: "receipt", machine, [what]: suffixes });
}

export function eventsOf(history: History): LoggedEvent[] {
  return history.deeds.map((deed, i) => eventOf(deed, timeOf(i), history));
}

/** What is there after everything was done in its order. Knows nothing of events. */
export function tell({ drafts, deeds }: History, nowMs: number): Map<Name, Told> {
  const sent = new Map<Name, number>();
  const gone = new Set<Name>();
  const marks = new Map<Name, Record<string, number>>(NAMES.map((name) => [name, {}]));
  for (const [i, deed] of deeds.entries()) {
    if (deed.do === "clear") for (const name of sent.keys()) gone.add(name);
    else if (deed.do === "remove") for (const name of deed.names) gone.add(name);
    else if (deed.do === "mark") {
      for (const name of deed.names) {
        const own = marks.get(name) ?? {};
        own[`${deed.machine.toLowerCase()} ${deed.what}`] ??= timeOf(i);
      }
    } else if (!sent.has(deed.name)) {
      const { replaces, from } = drafts[deed.name];
      const isOfSameMachine = replaces && machineIn(drafts[replaces].from) === machineIn(from);
      if (isOfSameMachine && sent.has(replaces)) gone.add(replaces);
      sent.set(deed.name, timeOf(i));
    }
  }
  const there = [...sent].filter(([name, sentMs]) => {
    const { lifetimeMs } = drafts[name];
    return !gone.has(name) && (lifetimeMs === undefined || sentMs + lifetimeMs > nowMs);
  });
  return new Map(there.map(([name, sentMs]) => [name, { sentMs, marks: marks.get(name) ?? {} }]));
}

const anyNames = fc.subarray([...NAMES], { minLength: 1, maxLength: 3 });

/** Something that may be done to messages that are there. */
export const anyChange: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("mark" as const),
      machine: fc.constantFrom("mac", "pc", "PC"),
      what: fc.constantFrom("shown" as const, "read" as const),
      names: anyNames,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), names: anyNames }) },
  { weight: 1, arbitrary: fc.constant({ do: "clear" as const }) },
);

const anySend: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant("send" as const),
  name: fc.constantFrom(...NAMES),
});

const anyDraft: fc.Arbitrary<Draft> = fc.record({
  from: fc.constantFrom("mac", "MAC/photon", "pc"),
  replaces: fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
  lifetimeMs: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined, freq: 3 }),
});

/** More is sent than changed. */
export const anyHistory: fc.Arbitrary<History> = fc.record({
  drafts: fc.record({ a: anyDraft, b: anyDraft, c: anyDraft, d: anyDraft, e: anyDraft }),
  deeds: fc.array(fc.oneof({ weight: 3, arbitrary: anySend }, { weight: 2, arbitrary: anyChange }), { maxLength: 16 }),
});

/** A suffix one can tell names apart by. */
export function suffixOf(name: string): string {
  return suffixOfBytes(new TextEncoder().encode(name.padEnd(14, "-")).map((byte, i) => byte + 7 * i));
}

/** A copy of a message. */
export function messageAt(ms: number, name: Name, { from, replaces, lifetimeMs }: Draft): LoggedEvent {
  return logged(ms, name, {
    v: 1,
    type: "message",
    id: name,
    from,
    kind: "note",
    content: name,
    tags: [],
    ...(replaces && { replaces }),
    ...(lifetimeMs !== undefined && { expiresAt: ms + lifetimeMs }),
  });
}

function logged(ms: number, name: string, event: NewEvent): LoggedEvent {
  const place = { ms, suffix: suffixOf(name) };
  return { key: eventKey(place), ...place, event: StoredEvent.parse(event) };
}

function machineIn(from: string): string {
  return from.split("/")[0]?.toLowerCase() ?? "";
}
