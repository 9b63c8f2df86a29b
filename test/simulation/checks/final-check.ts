import type { Message } from "../../../contract/message.ts";
import { ArchivedText } from "../../../worker/kv/text-keys.ts";
import type { KvCentral } from "../kv/kv-central.ts";
import type { Ledger } from "../ledger.ts";
import type { Scenario } from "../scenario.ts";
import type { Planned } from "../sent.ts";
import { hasExpired, isThere, mayHaveExpired } from "../sent.ts";
import type { Serve } from "../worker-network.ts";
import { ArchiveAnswer, PageAnswer } from "./exchange.ts";

/** A text that lives for less than this may never be copied to KV. */
const MIN_KV_LIFE_MS = 10 * 60_000;
/** The longest time that KV keeps an expiring key after its message. */
const MAX_TTL_SLACK_MS = 3 * 60_000;
/** Longer than the longest outage and the pause after it. */
const MAX_DELETE_LAG_MS = 24 * 60 * 60_000;

interface FinalOptions {
  readonly ledger: Ledger;
  readonly kv: KvCentral;
  readonly now: () => number;
  /** The Worker, without a network in between. */
  readonly serve: Serve;
}

/** Checks the final state: every message was shown once and is read, and its text is in KV or was removed from there. */
export class FinalCheck {
  readonly #options: FinalOptions;

  constructor(options: FinalOptions) {
    this.#options = options;
  }

  async check(machines: readonly { readonly name: string; readonly waiting: number }[]): Promise<void> {
    const { ledger } = this.#options;
    for (const { name, waiting } of machines) {
      if (waiting > 0) ledger.problem(`${waiting} messages are still queued on ${name}`);
      this.#checkShown(name);
      this.#checkReceipts(name, await this.#everything(name));
    }
    this.#checkKv();
    const { pending } = ArchiveAnswer.parse(await this.#ask("/archive"));
    if (pending > 0) ledger.problem(`${pending} texts are not in KV`);
  }

  /** Keys of removed messages may stay during an outage or until the quota is renewed, and no longer. */
  checkDeletes(): void {
    const { ledger, kv, now } = this.#options;
    if (kv.refused.deletes > 0) return;
    for (const key of kv.keys()) {
      const sent = ledger.find(key.replace(/^m:/, ""));
      if (sent?.endedAt && now() - sent.endedAt > MAX_DELETE_LAG_MS)
        ledger.problem(`${sent.name} was in KV a day after it was deleted`);
    }
  }

  /** Compares the cost with the limits. */
  checkTotals({ maxKvShare }: Scenario): void {
    const { ledger, kv } = this.#options;
    const messages = ledger.stored.length;
    const check = (what: "writes" | "deletes", most: number) => {
      if (kv.used[what] > most) ledger.problem(`${kv.used[what]} ${what} of KV exceed ${Math.round(most)}`);
    };
    check("writes", maxKvShare * messages);
    // One for each message that may have ended. The number for a clear is unknown if its answer is lost.
    const endings = ledger.all.filter(({ mayEndAt, expiresInMs }) => mayEndAt !== null || expiresInMs !== null).length;
    check("deletes", maxKvShare * endings);
  }

  #checkShown(machine: string): void {
    const { ledger, now } = this.#options;
    for (const sent of ledger.all) {
      const times = sent.shownAt.get(machine)?.length ?? 0;
      const isFor = sent.recipients.includes(machine);
      // The bridge counts a broadcast as unread for its sender's machine too; that machine shows only handovers of no session.
      const isExpected =
        isFor &&
        !isOwn(sent, machine) &&
        sent.acknowledgedAt !== null &&
        sent.mayEndAt === null &&
        sent.expiresInMs === null;
      const isLegacyOrLost = sent.acknowledgedAt === null;
      if (times < (isExpected ? 1 : 0) || times > (isFor ? 1 : 0))
        ledger.problem(
          `${sent.name} was shown ${times} times on ${machine}${isLegacyOrLost ? ", never acknowledged" : ""}`,
        );
    }
    const own = [...ledger.unreadOf(machine)].filter((sent) => isOwn(sent, machine)).length;
    const least = ledger.unreadBounds(machine).least - own;
    if (least > 0) ledger.problem(`${least} messages are still unread on ${machine} at ${now()}`);
  }

  /** Checks that the receipts of a machine say exactly what happened. */
  #checkReceipts(machine: string, messages: readonly Message[]): void {
    const { ledger } = this.#options;
    for (const { id, content, read, receipts } of messages) {
      const sent = ledger.find(id, content);
      if (!sent) continue;
      const own = receipts?.find((receipt) => receipt.machine === machine);
      const isShown = sent.shownAt.has(machine);
      if (isShown && (!own?.shownAt || !own.readAt || !read))
        ledger.problem(`the receipts of ${sent.name} lack ${machine}'s shown and read times`);
      if (!isShown && (own?.shownAt || own?.readAt)) ledger.problem(`the receipts of ${sent.name} say too much`);
    }
  }

  #checkKv(): void {
    const { ledger, kv, now } = this.#options;
    for (const key of kv.keys()) {
      // A client of the predecessor may not know the id.
      const sent = ledger.find(key.replace(/^m:/, ""), contentOf(kv.origin(key)?.value));
      if (!sent || sent.endedAt !== null || hasExpired(sent, now() - MAX_TTL_SLACK_MS))
        ledger.problem(`${sent?.name ?? key} is still in KV although it was removed`);
    }
    for (const sent of ledger.all) {
      if (!isThere(sent, now()) || mayHaveExpired(sent, now() + MIN_KV_LIFE_MS)) continue;
      if (contentOf(kv.origin(`m:${sent.id}`)?.value) !== sent.content)
        ledger.problem(`${sent.name} is not in KV with its text`);
    }
  }

  async #everything(machine: string): Promise<Message[]> {
    const all: Message[] = [];
    let cursor: string | undefined;
    do {
      const query = `reader=${machine}&limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
      const page = PageAnswer.parse(await this.#ask(`/messages?${query}`));
      all.push(...page.messages);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return all;
  }

  /** Repeats a request until the object is not lost during it. */
  async #ask(path: string): Promise<unknown> {
    for (;;) {
      const request = new Request(`https://bridge.example${path}`, { headers: { authorization: "Bearer key" } });
      const response = await this.#options.serve(request);
      if (response.ok) return response.json();
    }
  }
}

/** The text in a JSON value; empty for anything else. */
function contentOf(value: unknown): string {
  try {
    return ArchivedText.parse(JSON.parse(String(value))).content;
  } catch {
    return "";
  }
}

function isOwn({ from, recipients }: Planned, machine: string): boolean {
  return from === machine && recipients.includes(machine);
}
