import { type Dispatcher, WebSocket } from "undici";
import { INSTALLATION_HEADER, ROUTES } from "../../contract/api.ts";
import { Changed, type Heard, LIVE_CLOSE, PING } from "../../contract/live.ts";
import type { ReadyConfig } from "../config.ts";

/** How often the line is tried, and how long an answer may take: a laptop that slept finds out within these. */
const PING_EVERY_MS = 30_000;
const PONG_WITHIN_MS = 10_000;

/** The pause before the next attempt doubles from the first to the last; a part of it is left to chance. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/** Somebody else of this computer has the line: whoever that is should not have to fight for it. */
const REPLACED_PAUSE_MS = 60_000;

/** Frames are short; whatever sends longer ones is no bridge. */
const MAX_FRAME_CHARS = 1_000;

export interface LiveOptions {
  readonly config: Pick<ReadyConfig, "workerUrl" | "apiKey" | "machine">;
  /** Which computer this is; null when that cannot be kept. */
  readonly installation: string | null;
  /**
   * Something changed for this machine. The bridge says nothing more until this is done, and says it again over the next
   * line when it fails.
   */
  readonly onChanged: () => Promise<void>;
  /** The line is there, or is not any more. */
  readonly onState: (isOpen: boolean) => void;
  readonly dispatcher?: Dispatcher;
  /** From 0 to 1; injected for tests. */
  readonly random?: () => number;
}

/**
 * One line to the bridge, kept open for as long as it is wanted: what breaks it is tried again, ever more seldom. It is told
 * that something changed, never what. What changes while there is no line is told over the next one.
 */
export class LiveConnection {
  readonly #options: LiveOptions;
  readonly #random: () => number;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Up to where this process has heard. */
  #cursor: string | null = null;
  #failures = 0;
  #isStopped = true;
  #isOpen = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** Opens the line, now and whenever it breaks. */
  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#open();
  }

  /** Whether the bridge can tell this machine of news now. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Closes it for good. */
  stop(): void {
    this.#isStopped = true;
    this.#end(this.#socket);
    clearTimeout(this.#timer ?? undefined);
  }

  #open(): void {
    const { config, installation, dispatcher } = this.#options;
    const url = new URL(`${config.workerUrl.replace(/^http/, "ws")}${ROUTES.live.path}`);
    url.searchParams.set("machine", config.machine);
    if (this.#cursor !== null) url.searchParams.set("cursor", this.#cursor);
    const socket = new WebSocket(url, {
      headers: {
        authorization: `Bearer ${config.apiKey}`,
        ...(installation !== null && { [INSTALLATION_HEADER]: installation }),
      },
      ...(dispatcher && { dispatcher }),
    });
    this.#socket = socket;
    this.#after(PONG_WITHIN_MS, () => this.#lost(socket)); // a server that takes the call and says nothing
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      this.#failures = 0;
      this.#setOpen(true);
      this.#ping(socket);
    });
    socket.addEventListener("message", ({ data }) => void this.#hear(socket, data));
    socket.addEventListener("close", ({ code }) => this.#lost(socket, code));
    socket.addEventListener("error", () => this.#lost(socket));
  }

  /** What comes back may be anything: it shows that the line is there. */
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
    if (!changed?.success) return; // the answer to a ping, or a frame of a later version
    const { cursor } = changed.data;
    try {
      await this.#options.onChanged();
    } catch {
      this.#lost(socket); // not heard: the next line says it again
      return;
    }
    this.#cursor = cursor;
    if (socket === this.#socket) socket.send(JSON.stringify({ type: "heard", cursor } satisfies Heard));
  }

  #lost(socket: WebSocket, code?: number): void {
    if (socket !== this.#socket) return;
    this.#end(socket);
    if (this.#isStopped) return;
    this.#failures++;
    const pause = code === LIVE_CLOSE.replaced ? REPLACED_PAUSE_MS : FIRST_PAUSE_MS * 2 ** (this.#failures - 1);
    this.#after(Math.min(pause, MAX_PAUSE_MS) * (0.5 + this.#random() / 2), () => this.#open());
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
    this.#options.onState(isOpen);
  }

  /** One thing is waited for at a time. Nobody stays alive for it. */
  #after(ms: number, run: () => void): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = setTimeout(run, ms).unref();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
