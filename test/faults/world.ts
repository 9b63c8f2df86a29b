import { expect } from "vitest";
import { FaultyNetwork } from "../support/faulty-network.ts";
import { Bridge } from "./bridge.ts";
import { Computer } from "./computer.ts";
import { Ledger } from "./ledger.ts";

interface ComputerOptions {
  /** Whether a faulty network is between it and the bridge. */
  readonly isBehindNetwork?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: string;
}

/** A bridge whose storage is full for now. The client does not retry by itself. */
export const QUOTA_SPENT = { instead: { status: 503, headers: { "retry-after": "60" } } };

/** A bridge, a network that can be disturbed, machines, and the ledger of everything said and shown on them. */
export class World {
  readonly bridge: Bridge;
  readonly network: FaultyNetwork;
  readonly ledger = new Ledger();
  readonly #computers: Computer[] = [];

  private constructor(bridge: Bridge, network: FaultyNetwork) {
    this.bridge = bridge;
    this.network = network;
  }

  static async make(): Promise<World> {
    const bridge = await Bridge.start();
    return new World(bridge, await FaultyNetwork.start(bridge.url));
  }

  computer(machine: string, { isBehindNetwork = true, ...options }: ComputerOptions = {}): Computer {
    const bridgeUrl = isBehindNetwork ? this.network.url : this.bridge.url;
    const computer = new Computer({ machine, bridgeUrl, key: this.bridge.key, ledger: this.ledger, ...options });
    this.#computers.push(computer);
    return computer;
  }

  /**
   * The end of every scenario: the network works, outboxes are delivered, every machine reads all its messages, and then
   * everything said and shown is compared with the bridge.
   */
  async settle(): Promise<void> {
    this.network.heal();
    await Promise.all(this.#computers.map((computer) => computer.closeSessions()));
    const readers = await Promise.all(this.#computers.map((computer) => computer.openSession()));
    for (const reader of readers) await reader.deliverAll();
    for (const reader of readers) await reader.readAll();
    for (const computer of this.#computers) {
      await computer.closeSessions();
      // This also delivers receipts.
      expect(await computer.flush(), `messages that wait on ${computer.machine}`).toBe(0);
    }
    const machines = [...new Set(this.#computers.map(({ machine }) => machine))];
    expect(this.ledger.audit(await this.bridge.everything(), machines)).toEqual([]);
    expect(this.ledger.acknowledgedCount).toBeGreaterThan(0);
    expect(this.ledger.shownCount).toBeGreaterThanOrEqual(this.ledger.acknowledgedCount);
  }

  /** Delivers the machine's receipts. None may be for a message that nobody there was shown. */
  async checkReceipts(computer: Computer): Promise<void> {
    await computer.flush();
    expect(this.ledger.falseReceipts(await this.bridge.everything())).toEqual([]);
  }

  async end(): Promise<void> {
    await Promise.all(this.#computers.map((computer) => computer.end()));
    await this.network.stop();
    await this.bridge.end();
  }
}
