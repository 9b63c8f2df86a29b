import type * as z from "zod";
import type { Routes } from "../../contract/api.ts";
import type { AuditEntry } from "../../contract/machine-list.ts";
import { ChangeSignal, type ChangeSignalOptions } from "../bridge/change-signal.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { isDiskError } from "../disk/disk-error.ts";
import { isSetUp, whyNotSetUp } from "../settings/config.ts";
import { seenMachine } from "../text/names.ts";
import type { BridgeAccess } from "./bridge-access.ts";
import { type KnownMachines, readMachines, saveMachines } from "./machines-cache.ts";

/** Facts about the bridge other than messages. */
export class BridgeFacts {
  readonly #access: BridgeAccess;

  constructor(access: BridgeAccess) {
    this.#access = access;
  }

  /**
   * The machines that use this bridge.
   *
   * @param maxAgeMs - how old a cached answer may be, because each request costs the bridge a list
   * @param names - the bridge is asked again if the cached answer lacks one of these: it may have joined since
   */
  async machines(maxAgeMs: number, names: readonly string[] = []): Promise<KnownMachines> {
    const { paths, now } = this.#access;
    const known = readMachines(paths);
    const isRecent = known !== null && Math.abs(now() - known.fetchedAt) <= maxAgeMs;
    if (isRecent && names.every((name) => seenMachine(known.machines, name))) return known;
    const { machines } = await this.#access.api.call("machines");
    const fetched = { fetchedAt: now(), machines };
    try {
      saveMachines(paths, machines, fetched.fetchedAt);
    } catch (error) {
      if (!isDiskError(error)) throw error; // without a cache, the bridge is asked again
    }
    return fetched;
  }

  /** The newest entries of the bridge's log about machines and keys. @param limit - the maximum number */
  async auditLog(limit: number): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: String(limit - entries.length), ...(cursor !== undefined && { cursor }) };
      const page = await this.#access.api.call("auditLog", { query });
      entries.push(...page.entries);
      cursor = page.cursor;
    } while (cursor !== undefined && entries.length < limit);
    return entries;
  }

  /** How many message texts are not in the bridge's KV yet. @throws PhotonError `forbidden` unless this machine is an owner */
  async archive(): Promise<z.output<Routes["archive"]["answer"]>> {
    return this.#access.api.call("archive");
  }

  /** The bridge's version and time, and how long the answer took in milliseconds. Needs no valid key. */
  async health(): Promise<{ version: string | undefined; timestamp: string; roundTripMs: number }> {
    const start = performance.now();
    const { version, timestamp } = await this.#access.api.call("health");
    return { version, timestamp, roundTripMs: performance.now() - start };
  }

  /**
   * Signals that something may have changed for this machine; the caller starts and stops it.
   *
   * @throws PhotonError `not_set_up`
   */
  changeSignal(options: Omit<ChangeSignalOptions, "config">): ChangeSignal {
    const { config } = this.#access;
    if (!isSetUp(config)) throw new PhotonError("not_set_up", whyNotSetUp(config));
    return new ChangeSignal({ config, ...options });
  }
}
