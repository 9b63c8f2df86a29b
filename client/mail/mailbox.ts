import type { Paths } from "../disk/paths.ts";
import { type AccessOptions, BridgeAccess } from "../machines/bridge-access.ts";
import { BridgeFacts } from "../machines/bridge-facts.ts";
import type { Membership } from "../machines/membership.ts";
import type { Config } from "../settings/config.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { ReceiptDelivery } from "./receipt-delivery.ts";
import { UnreadCheck } from "./unread-check.ts";

/** This machine's mailbox, as the server and the CLI use it. Each part uses only the parts before it. */
export class Mailbox {
  readonly config: Config;
  /** Facts about the bridge other than messages. */
  readonly bridge: BridgeFacts;
  readonly outbox: Outbox;
  readonly receipts: ReceiptDelivery;
  readonly inbox: Inbox;
  readonly unread: UnreadCheck;
  readonly #access: BridgeAccess;

  constructor(config: Config, paths: Paths, options: AccessOptions = {}) {
    this.config = config;
    this.#access = new BridgeAccess(config, paths, options);
    this.bridge = new BridgeFacts(this.#access);
    this.outbox = new Outbox(this.#access, this.bridge);
    this.receipts = new ReceiptDelivery(this.#access, this.outbox);
    this.inbox = new Inbox(this.#access, this.outbox, this.receipts);
    this.unread = new UnreadCheck(this.#access, this.outbox, this.receipts);
  }

  /** Who this mailbox sends and reads as: `mac/photon`, or `mac` outside any project. */
  get self(): string {
    return this.#access.self;
  }

  /** This machine's membership of the bridge; null if it has not joined. */
  get membership(): Membership | null {
    return this.#access.membership;
  }

  /** Deletes all messages of all machines. @returns their number */
  async clear(): Promise<number> {
    await this.outbox.flush(); // messages of this machine that are still queued are deleted, too
    const { count } = await this.#access.api.call("clearMessages", { query: { confirm: "true" } });
    return count;
  }

  /** Closes the connections, so that a short-lived process can exit at once. */
  async close(): Promise<void> {
    await this.#access.close();
  }
}
