import { DurableObject } from "cloudflare:workers";
import { systemAmbient } from "../../ambient.ts";
import type { Env } from "../../env.ts";
import { LiveSockets } from "./live-sockets.ts";
import { MailroomStore } from "./mailroom-store.ts";
import { type Outcome, REFUSALS, type StoreCall } from "./outcome.ts";
import { Tables } from "./tables.ts";

/**
 * One object for all of a person's mail: the messages, and the sockets of the machines that want to hear at once. It sleeps
 * whenever nothing happens; the sockets stay open meanwhile.
 */
export class Mailroom extends DurableObject<Env> {
  readonly #store: MailroomStore;
  readonly #sockets: LiveSockets;
  /** When the next run of the retention is due, in milliseconds since 1970; undefined: not known since waking up. */
  #alarmAt: number | null | undefined;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    Tables.make(context.storage.sql);
    const ambient = systemAmbient();
    this.#sockets = new LiveSockets(context, (machine) => this.#store.cursor(machine), ambient.now);
    this.#store = new MailroomStore(context.storage.sql, ambient, (machine) => this.#sockets.tell(machine));
  }

  /** Does what a store does. @throws what is no fault of the caller */
  async ask(name: StoreCall, args: unknown[]): Promise<Outcome<unknown>> {
    try {
      const done = await Reflect.apply(this.#store[name], this.#store, args);
      if (name === "send" || name === "clear" || name === "take") await this.#planRetention();
      return { done };
    } catch (error) {
      for (const refused of ["IdTaken", "InvalidCursor"] as const) {
        if (error instanceof REFUSALS[refused]) return { refused, message: error.message };
      }
      throw error;
    }
  }

  /** Opens the socket of a machine. The Worker has checked who asks. */
  override async fetch(request: Request): Promise<Response> {
    return this.#sockets.open(new URL(request.url).searchParams);
  }

  /** Whoever is not let in any more must not go on listening. */
  async closeSockets(): Promise<void> {
    this.#sockets.closeAll();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#sockets.hear(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.close(socket, code);
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = this.#store.retain();
    if (this.#alarmAt !== null) await this.ctx.storage.setAlarm(this.#alarmAt);
  }

  async #planRetention(): Promise<void> {
    const dueAt = this.#store.retentionDueAt();
    if (this.#alarmAt === undefined) this.#alarmAt = await this.ctx.storage.getAlarm();
    if (dueAt === null || (this.#alarmAt !== null && this.#alarmAt <= dueAt)) return;
    this.#alarmAt = dueAt;
    await this.ctx.storage.setAlarm(Math.max(dueAt, Date.now()));
  }
}
