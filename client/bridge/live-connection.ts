import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, WebSocket } from "undici";
import { formatAddress } from "../../contract/address.ts";
import { ROUTES, type UnreadSummary } from "../../contract/api.ts";
import { Changed, type Heard, PING } from "../../contract/live.ts";
import { parseJson } from "../../contract/parse-json.ts";
import type { ReadyConfig } from "../settings/config.ts";
import { pauseMs } from "./backoff.ts";
import { Pace } from "./pace.ts";

/** How often the socket is tested, and the timeout of the test: how fast a laptop that slept notices a lost socket. */
const PING_EVERY_MS = 30_000;
const PONG_WITHIN_MS = 10_000;

/** Limits of the exponential backoff between attempts. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/** A bridge sends at most 50 groups of up to a thousand characters; longer frames are ignored. */
const MAX_FRAME_CHARS = 256 * 1024;

export interface LiveOptions {
  readonly config: Pick<ReadyConfig, "workerUrl" | "apiKey" | "machine" | "project">;
  /**
   * Called when mail for this machine changed, and once over the first socket. The bridge sends no other signal until
   * the promise resolves; if it rejects, the socket is opened again and the bridge repeats the signal.
   *
   * @param unread - the current unread summary of this machine in this project
   */
  readonly onChanged: (unread: UnreadSummary) => Promise<void>;
  /** Called when the socket opens or closes. */
  readonly onState?: (isOpen: boolean) => void;
  /** Called when a socket could not be opened or was lost. @param failures - consecutive failures, from 1 */
  readonly onFailure?: (failures: number) => void;
  readonly dispatcher?: Dispatcher;
  /** From 0 to 1; injected for tests. */
  readonly random?: () => number;
}

/**
 * Keeps one socket to the bridge open until it is stopped, and reopens a lost one after a pause that grows to a minute.
 * The bridge signals that mail changed and how much is unread, never what a message says. A new socket names the last
 * handled signal, so that the bridge repeats at once what this machine missed.
 */
export class LiveConnection {
  readonly #options: LiveOptions;
  readonly #random: () => number;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #pace = new Pace();
  /** The cursor of the last handled signal. */
  #cursor: string | null = null;
  /** Consecutive failures since the bridge last sent something. */
  #failures = 0;
  #isStopped = true;
  #isOpen = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** Opens the socket, and reopens it whenever it is lost. */
  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#failures = 0;
    this.#open();
  }

  /** Whether the bridge can signal to this process now. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Closes the socket and does not reopen it. */
  stop(): void {
    this.#isStopped = true;
    this.#end(this.#socket);
    clearTimeout(this.#timer ?? undefined);
  }

  #open(): void {
    const { config, dispatcher } = this.#options;
    const url = new URL(`${config.workerUrl.replace(/^http/, "ws")}${ROUTES.live.path}`);
    url.searchParams.set("reader", formatAddress(config));
    if (this.#cursor !== null) url.searchParams.set("cursor", this.#cursor);
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${config.apiKey}` },
      ...(dispatcher && { dispatcher }),
    });
    this.#socket = socket;
    this.#after(PONG_WITHIN_MS, () => this.#lost(socket)); // a server may accept the connection but send nothing
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      this.#setOpen(true);
      this.#ping(socket);
    });
    socket.addEventListener("message", ({ data }) => void this.#hear(socket, data));
    socket.addEventListener("close", () => this.#lost(socket));
    socket.addEventListener("error", () => this.#lost(socket));
  }

  /** Any frame, not only a pong, shows that the socket works. */
  #ping(socket: WebSocket): void {
    this.#after(PING_EVERY_MS, () => {
      socket.send(PING);
      this.#after(PONG_WITHIN_MS, () => this.#lost(socket));
    });
  }

  async #hear(socket: WebSocket, data: unknown): Promise<void> {
    if (socket !== this.#socket) return;
    this.#ping(socket);
    const changed =
      typeof data === "string" && data.length <= MAX_FRAME_CHARS ? Changed.safeParse(parseJson(data)) : null;
    if (changed?.success && !(await this.#handle(socket, changed.data))) return;
    // Not reset when the socket opens: a bridge that accepts sockets but fails calls must not be retried every second.
    if (socket === this.#socket) this.#failures = 0;
  }

  /** @returns false if handling the signal failed; the next socket repeats it */
  async #handle(socket: WebSocket, { cursor, unread }: Changed): Promise<boolean> {
    try {
      await this.#options.onChanged(unread);
    } catch {
      this.#lost(socket);
      return false;
    }
    this.#cursor = cursor;
    await sleep(this.#pace.delayMs(), undefined, { ref: false });
    if (socket === this.#socket) socket.send(JSON.stringify({ type: "heard", cursor } satisfies Heard));
    return true;
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#end(socket);
    if (this.#isStopped) return;
    this.#failures++;
    const pause = pauseMs(this.#failures, { firstMs: FIRST_PAUSE_MS, maxMs: MAX_PAUSE_MS }, this.#random);
    this.#after(pause, () => this.#open());
    this.#options.onFailure?.(this.#failures);
  }

  #end(socket: WebSocket | null): void {
    if (socket === null || socket !== this.#socket) return;
    this.#socket = null;
    socket.close();
    this.#setOpen(false);
  }

  #setOpen(isOpen: boolean): void {
    if (this.#isOpen === isOpen) return;
    this.#isOpen = isOpen;
    this.#options.onState?.(isOpen);
  }

  /** Replaces the last timer. Does not keep the process alive. */
  #after(ms: number, run: () => void): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = setTimeout(run, ms).unref();
  }
}
