import type { Outgoing } from "../../client/mail/outbox.ts";
import type { Ledger } from "./ledger.ts";
import type { Machine } from "./machine.ts";
import { DAY_MS, type Scenario } from "./scenario.ts";

const BROADCAST_SHARE = 0.3;
const BURST_SHARE = 0.1;
const BURST = 4;
/** Of the messages. */
const HANDOVER_SHARE = 0.1;
const TAGGED_SHARE = 0.2;
const EXPIRING_SHARE = 0.1;
const LONG_SHARE = 0.15;
const VERY_LONG_SHARE = 0.005;
/** Lifetimes of expiring messages, in seconds. */
const MIN_LIFE_SECONDS = 60;
const MAX_LIFE_SECONDS = 36 * 60 * 60;
/** Includes the time when a text is copied. */
const MAX_REGRET_MS = 90_000;

interface PersonOptions {
  readonly machine: Machine;
  readonly machines: readonly string[];
  readonly ledger: Ledger;
  readonly scenario: Scenario;
  /** Returns random numbers in [0, 1). */
  readonly next: () => number;
  /** Runs something after this many milliseconds. */
  readonly later: (delayMs: number, run: () => Promise<void>) => void;
}

/** The person at a machine: sends notes and handovers, sometimes deletes a message, and rarely clears everything. */
export class Person {
  readonly #options: PersonOptions;
  /** The handover that the next one replaces. */
  #handover: string | undefined;

  constructor(options: PersonOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.machine.name;
  }

  /** The average time between two actions, in milliseconds. */
  get thinkMs(): number {
    const { scenario, machines } = this.#options;
    const messagesATurn = 1 + BURST_SHARE * (BURST - 1);
    return (DAY_MS * machines.length * messagesATurn) / scenario.messagesPerDay;
  }

  async turn(now: number): Promise<void> {
    const { machine, ledger, scenario, next } = this.#options;
    if (!scenario.isOn(machine.name, now)) return;
    const count = next() < BURST_SHARE ? BURST : 1;
    for (let i = 0; i < count; i++) await this.#send();
    const known = next() < scenario.deleteShare ? ledger.knownOn(machine.name, next()) : undefined;
    if (known) await machine.delete(known);
    if (next() < scenario.clearShare) await machine.clear();
  }

  async #send(): Promise<void> {
    const { machine, machines, ledger, scenario, next, later } = this.#options;
    const others = machines.filter((name) => name !== machine.name);
    const isBroadcast = next() < BROADCAST_SHARE;
    const to = isBroadcast ? this.#pick([null, "*/photon"]) : this.#pick(others);
    const tags = next() < TAGGED_SHARE ? ["tagged", "ö".repeat(1 + Math.floor(next() * 10))] : [];
    const expiresInSeconds =
      next() < EXPIRING_SHARE
        ? MIN_LIFE_SECONDS + Math.floor(next() ** 4 * (MAX_LIFE_SECONDS - MIN_LIFE_SECONDS))
        : undefined;
    const isHandover = next() < HANDOVER_SHARE;
    const sent = ledger.plan({
      content: this.#text(),
      tags,
      from: machine.name,
      recipients: isBroadcast ? machines : [String(to)],
      expiresInMs: expiresInSeconds === undefined ? null : expiresInSeconds * 1000,
    });
    const outgoing: Outgoing = {
      to,
      content: sent.content,
      tags,
      ...(expiresInSeconds !== undefined && { expiresInSeconds }),
      ...(isHandover && { kind: "handover" }),
      ...(isHandover && this.#handover !== undefined && { replaces: this.#handover }),
    };
    const id = await machine.send(outgoing);
    if (isHandover) this.#handover = id;
    if (next() < scenario.regretShare) later(next() * MAX_REGRET_MS, () => machine.delete(id));
  }

  /** Mostly short texts, with characters that JSON and UTF-8 encode specially. */
  #text(): string {
    const { next } = this.#options;
    if (next() < VERY_LONG_SHARE) return "long ".repeat(40_000);
    if (next() < LONG_SHARE) return 'näher \u{1f600} "quoted"\n'.repeat(100);
    return "short";
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.#options.next() * values.length)];
    if (value === undefined) throw new RangeError("There is nothing to pick from.");
    return value;
  }
}
