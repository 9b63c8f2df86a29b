import type { Mailbox } from "../mailbox.ts";
import type { Paths } from "../paths.ts";
import { PhotonError } from "../photon-error.ts";
import type { LiveConnection } from "./live-connection.ts";
import { readLiveState, saveLiveState } from "./live-state.ts";

/** A bridge is asked this often whether it has a line by now. */
const ASK_EVERY_MS = 60 * 60_000;

/**
 * The leader's line to the bridge, where the bridge has one, and the note on this disk of how the machine hears of news.
 * One per bridge: whoever gets other settings makes another.
 */
export class LiveWatch {
  readonly #paths: Paths;
  readonly #onNews: () => Promise<void>;
  readonly #now: () => number;
  #connection: LiveConnection | null = null;
  /** When the bridge was last asked whether it has a line. */
  #askedAt = Number.NEGATIVE_INFINITY;

  /** @param onNews - asks the bridge what is new; when it fails it is called again over the next line */
  constructor(paths: Paths, onNews: () => Promise<void>, now: () => number) {
    this.#paths = paths;
    this.#onNews = onNews;
    this.#now = now;
  }

  /** Whether the bridge says by itself that something changed. */
  get isLive(): boolean {
    return this.#connection?.isOpen ?? false;
  }

  /**
   * Opens the line, if there is one to be had. Harmless when it is open.
   *
   * @throws the file system's own error
   */
  async open(mailbox: Mailbox): Promise<void> {
    const now = this.#now();
    if (this.#connection !== null || Math.abs(now - this.#askedAt) < ASK_EVERY_MS) return;
    try {
      this.#connection = await mailbox.liveConnection({
        onChanged: this.#onNews,
        onState: () => this.#note(mailbox),
      });
    } catch (error) {
      if (error instanceof PhotonError) return; // asked again soon, as everything else
      throw error;
    }
    this.#askedAt = now;
    this.#note(mailbox);
    this.#connection?.start();
  }

  close(): void {
    this.#connection?.stop();
    this.#connection = null;
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  #note({ config }: Mailbox): void {
    const how = this.isLive ? "live" : "polling";
    const workerUrl = config.workerUrl ?? "";
    const known = readLiveState(this.#paths);
    if (known?.how === how && known.pid === process.pid && known.workerUrl === workerUrl) return;
    try {
      saveLiveState(this.#paths, { how, since: this.#now(), pid: process.pid, workerUrl });
    } catch {
      // the disk takes nothing; the line works all the same
    }
  }
}
