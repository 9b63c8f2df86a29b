import * as z from "zod";
import type { Answer, RunningScript } from "./running-script.ts";

/** The machine that receives all messages and checks. */
export const READER = "pc";

/** How many of the stored messages are unread. */
export const UNREAD = 6;

/** What a script supports beyond the first seven rows of docs/reference/api.md. */
export interface Abilities {
  /** `GET /unread`, and with it readers. */
  readonly unread: boolean;
  /** A repeated send with the same id is stored once. */
  readonly ids: boolean;
  /** `POST /messages/read` with many ids. */
  readonly batch: boolean;
}

const Sent = z.looseObject({ id: z.string() });
const UnreadCount = z.looseObject({ unread: z.int() });
const Listed = z.looseObject({
  messages: z.array(z.looseObject({ id: z.string(), content: z.string() })),
  cursor: z.string().optional(),
});

export interface Draft {
  readonly content: string;
  readonly from?: string;
  readonly id?: string;
}

/** A client for the API that every script has, with more where the script supports it. */
export class Wire {
  readonly #script: RunningScript;
  readonly #abilities: Abilities;

  constructor(script: RunningScript, abilities: Abilities = { unread: false, ids: false, batch: false }) {
    this.#script = script;
    this.#abilities = abilities;
  }

  /** Detects what a script supports. Leaves messages behind. */
  static async abilitiesOf(script: RunningScript): Promise<Abilities> {
    const wire = new Wire(script);
    const id = crypto.randomUUID();
    const draft = { content: "Can it be repeated?", from: "mac", to: READER, id };
    const answers: Answer[] = [];
    for (let i = 0; i < 2; i++) answers.push(await script.request("POST", "/messages", { body: draft }));
    const sent = await wire.send({ content: "Can it be marked?" });
    const batch = await script.request("POST", "/messages/read", { body: { reader: READER, ids: [sent] } });
    return {
      unread: UnreadCount.safeParse((await script.request("GET", `/unread?reader=${READER}`)).body).success,
      ids: answers.every(({ status, body }) => status < 300 && Sent.safeParse(body).data?.id === id),
      batch: batch.status === 200,
    };
  }

  /** @returns the id. @throws if the message was not stored */
  async send({ content, from = "mac", id }: Draft): Promise<string> {
    const body = { content, from, to: READER, ...(id && { id }) };
    return Sent.parse(expectSuccess(await this.#script.request("POST", "/messages", { body })).body).id;
  }

  /** Requests the unread messages, with the ETag of an earlier answer if there is one. */
  async check(etag?: string): Promise<Answer> {
    if (!this.#abilities.unread) return expectSuccess(await this.#script.request("GET", "/messages?unread=true"));
    const headers = etag === undefined ? {} : { "if-none-match": etag };
    const answer = await this.#script.request("GET", `/unread?reader=${READER}`, { headers });
    return answer.status === 304 ? answer : expectSuccess(answer);
  }

  /** @param query - the filters of a list */
  async page(query: string): Promise<z.infer<typeof Listed>> {
    return Listed.parse(expectSuccess(await this.#script.request("GET", `/messages?${query}`)).body);
  }

  /** All messages of a sender, page by page, including duplicates. */
  async contentsFrom(sender: string): Promise<string[]> {
    const contents: string[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await this.page(`from=${sender}&limit=100${cursor === undefined ? "" : `&cursor=${cursor}`}`);
      contents.push(...page.messages.map(({ content }) => content));
      cursor = page.cursor;
    }
    return contents;
  }

  async markRead(id: string): Promise<void> {
    const query = this.#abilities.unread ? `?reader=${READER}` : "";
    expectSuccess(await this.#script.request("POST", `/messages/${id}/read${query}`));
  }

  async markAllShown(ids: readonly string[]): Promise<void> {
    expectSuccess(await this.#script.request("POST", "/messages/shown", { body: { reader: READER, ids } }));
  }

  async get(id: string): Promise<void> {
    expectSuccess(await this.#script.request("GET", `/messages/${id}?reader=${READER}`));
  }

  async markAllRead(ids: readonly string[]): Promise<void> {
    expectSuccess(await this.#script.request("POST", "/messages/read", { body: { reader: READER, ids } }));
  }

  async remove(id: string): Promise<void> {
    expectSuccess(await this.#script.request("DELETE", `/messages/${id}`));
  }

  async health(): Promise<void> {
    expectSuccess(await this.#script.request("GET", "/health"));
  }
}

function expectSuccess(answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`The script answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}
