import type { Answer, ServerProcess } from "../support/server-process.ts";
import type { Ledger } from "./ledger.ts";

export type Outcome = "stored" | "queued" | "refused" | "died";

/** A message as read_messages shows it. */
export interface ReadMessage {
  readonly id: string;
  readonly text: string;
}

interface SessionInput {
  readonly machine: string;
  readonly name: string;
  readonly server: ServerProcess;
  readonly ledger: Ledger;
}

/** More reads than any test needs. Reaching it means that messages are shown again and again. */
const MAX_READINGS = 60;

const MAX_SENDS = 5;

/** A flush that a hook started may run at the same time. */
const MAX_DELIVERIES = 20;

/** One Claude Code session: the built server as a process, called as the client calls it. Records all its answers. */
export class Session {
  readonly name: string;
  readonly #machine: string;
  readonly #server: ServerProcess;
  readonly #ledger: Ledger;
  #isOver = false;

  constructor({ machine, name, server, ledger }: SessionInput) {
    this.name = name;
    this.#machine = machine;
    this.#server = server;
    this.#ledger = ledger;
  }

  /**
   * Sends a unique text.
   *
   * @param to - null means everyone
   * @param filler - bytes of filler
   */
  async send(to: string | null, filler = 0): Promise<Outcome> {
    const planned = this.#ledger.plan({ machine: this.#machine, session: this.name, to, filler });
    const answer = await this.call("send_message", { content: planned.text, ...(to !== null && { to }) });
    if (answer === null) return "died";
    const [, word, id] = /^(Stored|Queued)\b.*\bid ([0-9a-f-]{36})\)/.exec(answer.text) ?? [];
    if (!answer.isError && id !== undefined) {
      this.#ledger.acknowledged(planned, id);
      return word === "Stored" ? "stored" : "queued";
    }
    if (!answer.isError || !answer.text.startsWith("Not sent, and Photon will not retry")) {
      throw new Error(`send_message said neither where it is nor that it failed: ${answer.text}`);
    }
    this.#ledger.refused(planned);
    return "refused";
  }

  /** Reads the unread messages once. @returns null if the read failed or the session died */
  async look(limit = 20): Promise<readonly ReadMessage[] | null> {
    const answer = await this.call("read_messages", { unread_only: true, limit });
    if (answer === null || answer.isError) return null;
    const messages = messagesIn(answer.text);
    for (const { id, text } of messages) this.#ledger.shown(this.#machine, id, text);
    return messages;
  }

  /**
   * Reads, and is interrupted before the answer, so that nobody gets the text.
   *
   * @param whenAsked - receives the function that interrupts, to call while the server waits for the bridge
   */
  async lookInVain(whenAsked: (interrupt: () => Promise<void>) => void): Promise<void> {
    const interruption = new AbortController();
    whenAsked(async () => {
      interruption.abort();
      await this.#server.client.ping(); // then the server has also received the cancellation
    });
    const params = { name: "read_messages", arguments: { unread_only: true } };
    const answer = await this.#server.client
      .callTool(params, undefined, { signal: interruption.signal })
      .catch(() => null);
    if (answer !== null) throw new Error("The read was not interrupted.");
  }

  /**
   * Marks messages read that this session was shown.
   *
   * @returns whether the tool confirmed it; otherwise they may be shown again, which the ledger records
   */
  async finish(messages: readonly ReadMessage[]): Promise<boolean> {
    const ids = messages.map(({ id }) => id);
    const answer = await this.call("mark_read", { message_id: ids.join(",") });
    if (answer === null || answer.isError) {
      this.#ledger.notFinished(this.#machine, ids);
      return false;
    }
    if (!answer.text.startsWith(`Marked read on ${this.#machine}: `)) {
      throw new Error(`mark_read returned something else: ${answer.text}`);
    }
    this.#ledger.finished(this.#machine, ids);
    return true;
  }

  /** Reads and marks read until nothing is unread. @returns how many messages were shown */
  async readAll(limit = 20): Promise<number> {
    let shown = 0;
    for (let reading = 0; reading < MAX_READINGS; reading++) {
      const messages = await this.look(limit);
      if (messages === null) throw new Error("The messages could not be read.");
      if (messages.length === 0) return shown;
      shown += messages.length;
      if (!(await this.finish(messages))) throw new Error("The messages could not be marked read.");
    }
    throw new Error(`${this.#machine} always had unread messages.`);
  }

  /** Reads and marks read once. @returns whether there may be more */
  async readOnce(limit = 3): Promise<boolean> {
    const messages = await this.look(limit);
    return messages !== null && messages.length > 0 && this.finish(messages);
  }

  /** Delivers this machine's outbox. */
  async deliverAll(): Promise<void> {
    for (let attempt = 0; attempt < MAX_DELIVERIES; attempt++) {
      const answer = await this.call("check_messages");
      if (answer?.text.includes("Outbox: empty")) return;
    }
    throw new Error(`The outbox of ${this.#machine} cannot be delivered.`);
  }

  /** Sends until it is killed, a few messages at most. */
  async sendUntilKilled(to: string | null): Promise<void> {
    for (let sends = 0; sends < MAX_SENDS; sends++) if ((await this.send(to)) === "died") return;
  }

  /** Reads until it is killed or nothing is unread. */
  async readUntilKilled(): Promise<void> {
    for (let reading = 0; reading < MAX_READINGS; reading++) if (!(await this.readOnce())) return;
  }

  /** @returns null if the process died before it answered */
  async call(tool: string, args: Record<string, unknown> = {}): Promise<Answer | null> {
    try {
      return await this.#server.call(tool, args);
    } catch (error) {
      if (this.#isOver) return null;
      throw error;
    }
  }

  /** Sends SIGKILL. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it as the client does. */
  async close(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    process.kill(this.#server.pid, signal);
    await this.#server.stop();
  }
}

/** The ids and texts in what read_messages returned. */
function messagesIn(text: string): ReadMessage[] {
  const messages = [...text.matchAll(/ · id ([0-9a-f-]{36})\n[^\n]*\n<<([0-9a-f]+) [^\n]*\n([\s\S]*?)\n\2>>/g)].map(
    ([, id = "", , body = ""]) => ({ id, text: body }),
  );
  const said = Number(/^(\d+) unread messages? for /.exec(text)?.[1] ?? 0);
  const isNone = /^No(?:thing new| unread messages)/.test(text);
  if (said !== messages.length || (said === 0) !== isNone) throw new Error(`Cannot tell what was shown: ${text}`);
  return messages;
}
