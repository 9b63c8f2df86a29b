import type { UnreadSummary } from "../../contract/api.ts";
import { backOff, endBackoff, mayRetry } from "../bridge/backoff.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { withoutLeftHere } from "../bridge/without-left-here.ts";
import { withoutRead } from "../bridge/without-read.ts";
import { isDiskError } from "../disk/disk-error.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import type { Outbox } from "./outbox.ts";
import type { ReceiptDelivery } from "./receipt-delivery.ts";

/** Another session may be sending receipts younger than this. */
const MARKING_MS = 2_000;

const NOTHING_UNREAD: UnreadSummary = { unread: 0, handovers: 0, groups: [] };

/** Checks which messages are unread for this machine in this project. */
export class UnreadCheck {
  readonly #access: BridgeAccess;
  readonly #outbox: Outbox;
  readonly #receipts: ReceiptDelivery;
  /** The bridge's last answer to this process, with its ETag. */
  #last: { readonly summary: UnreadSummary; readonly etag?: string } | null = null;

  constructor(access: BridgeAccess, outbox: Outbox, receipts: ReceiptDelivery) {
    this.#access = access;
    this.#outbox = outbox;
    this.#receipts = receipts;
  }

  /** Asks the bridge, and also delivers the outbox. @param onAsking - called when the outbox has been delivered */
  async fetch(onAsking = () => {}): Promise<UnreadSummary> {
    return this.#outbox.afterDelivery(() => {
      onAsking();
      return this.check();
    });
  }

  /** Asks the bridge, which sends no body if its last answer still holds. For a session that was notified of a change. */
  async check(): Promise<UnreadSummary> {
    await this.#flushMarks();
    const { api, self, paths } = this.#access;
    const answer = await api.unreadIfChanged(self, this.#last?.etag);
    endBackoff(paths, "asking");
    this.#last = answer ?? this.#last;
    return this.#forHere(this.#last?.summary ?? NOTHING_UNREAD);
  }

  /** Handles a summary that the bridge pushed. @throws PhotonError `offline` */
  async heard(unread: UnreadSummary): Promise<UnreadSummary> {
    await this.#flushMarks();
    this.#last = { summary: unread };
    endBackoff(this.#access.paths, "asking");
    return this.#forHere(unread);
  }

  /** Without what was read here, or left here for the others. */
  #forHere(summary: UnreadSummary): UnreadSummary {
    return withoutLeftHere(withoutRead(summary, this.#receipts.readHere), this.#access.paths);
  }

  /**
   * Sends the receipts of messages marked read here; until then the bridge counts these messages as unread.
   *
   * @throws PhotonError `offline`
   */
  async #flushMarks(): Promise<void> {
    const { paths, now } = this.#access;
    if (this.#receipts.readHere.size === 0 || !mayRetry(paths, "sending", now())) return;
    try {
      await this.#receipts.flushOlder(MARKING_MS);
      endBackoff(paths, "sending");
    } catch (error) {
      if (error instanceof PhotonError && error.retryable) backOff(paths, "sending", error.retryAfterMs, now());
      if (error instanceof PhotonError && error.code === "offline") throw error;
      if (!(error instanceof PhotonError) && !isDiskError(error)) throw error;
    }
  }
}
