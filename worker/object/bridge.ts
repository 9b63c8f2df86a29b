import { DurableObject } from "cloudflare:workers";
import { type Ambient, systemAmbient } from "../ambient.ts";
import { Refusal, unauthorized } from "../refusal.ts";
import { ACTS } from "./acts.ts";
import { Archive } from "./archive.ts";
import { ARCHIVE_RULES, type ArchiveRules, COPY_AFTER_MS } from "./archive-rules.ts";
import { accountOf, type Caller } from "./caller.ts";
import type { Asked, Asking, BridgeCall, Claim, Done, Outcome, Refused } from "./calls.ts";
import { Database } from "./database.ts";
import { Machines } from "./machines/machines.ts";
import { Quota } from "./machines/quota.ts";
import { Mail } from "./mail/mail.ts";
import { CALL_HEADER } from "./names.ts";
import { SCHEMA } from "./schema.ts";
import { Sockets } from "./sockets.ts";

/** Deleted texts are removed from KV this long after, in milliseconds. */
const DELETE_AFTER_MS = 1_000;

/**
 * The pause between two alarms, in milliseconds. The clock of the alarms may be ahead of the object's: an alarm that rings
 * before its time would ring again at once, over and over.
 */
const MIN_PAUSE_MS = 1_000;

/** What wrangler.jsonc binds and the object uses. */
export interface ObjectEnv {
  /** Keeps the texts of messages, and capsules; docs/storage.md describes the keys. */
  readonly MESSAGES: KVNamespace;
}

/**
 * The one object that decides: messages, machines and sockets. Everything that a request needs (whose key, may it, has it
 * room, do it) is one call and one turn: nothing else happens in between, what it writes is written as a whole or not at
 * all, and a revocation holds from the next call on. The object sleeps when nothing happens; the sockets stay open.
 */
export class Bridge extends DurableObject<ObjectEnv> {
  readonly #ambient: Ambient = systemAmbient();
  readonly #mail: Mail;
  readonly #machines: Machines;
  readonly #quota: Quota;
  readonly #archive: Archive;
  readonly #sockets: Sockets;
  /** The machines for which the present turn changed something; null for everyone. */
  readonly #changed = new Set<string | null>();
  /** The accounts whose sockets are closed after the present turn. */
  readonly #closing = new Set<string>();
  /** When the alarm is set for, in milliseconds since 1970. */
  #alarmAt: number | null = null;

  constructor(context: DurableObjectState, env: ObjectEnv, rules: ArchiveRules = ARCHIVE_RULES) {
    super(context, env);
    context.storage.sql.exec(SCHEMA);
    const db = new Database(context.storage.sql);
    const { now } = this.#ambient;
    this.#mail = new Mail(db, this.#ambient, (machine) => this.#changed.add(machine));
    this.#machines = new Machines(db, now);
    this.#quota = new Quota(db);
    const inTurn = <T>(work: () => T) => context.storage.transactionSync(work);
    this.#archive = new Archive({ db, kv: env.MESSAGES, now, inTurn }, rules);
    this.#sockets = new Sockets(context, this.#mail, now);
    void context.blockConcurrencyWhile(async () => {
      this.#alarmAt = await context.storage.getAlarm();
    });
  }

  /** Does what one request asks for. @throws for a defect or a storage that fails, never for a fault of the caller */
  async ask<Name extends Asked>(call: BridgeCall<Name>): Promise<Outcome<Name>> {
    const outcome = this.#inTurn(() => this.#answer(call));
    if ("done" in outcome) this.#planAfter(call.route);
    return outcome;
  }

  /** Judges the key of a request that asks for nothing else. @returns null for one that is accepted */
  async judge(asking: Asking): Promise<Refused | null> {
    const outcome = this.#inTurn(() => this.#callerOf(asking));
    if ("refused" in outcome) return outcome;
    return outcome instanceof Refusal ? { refused: outcome.parts, isWrongKey: true } : null;
  }

  /** Notes a request with a key that is neither the shared one nor looks like a machine's. */
  async noteWrongKey(address: string | undefined): Promise<void> {
    this.#atOnce(() => this.#machines.log.addStranger({ what: "failed_key", address }, this.#ambient.now()));
  }

  /** Opens the socket of a session: the same call, as a request because a socket is only answered to one. */
  override async fetch(request: Request): Promise<Response> {
    // The Worker made it from a parsed request; nobody else can call the object.
    const call: BridgeCall<"live"> = JSON.parse(request.headers.get(CALL_HEADER) ?? "");
    const result = this.#inTurn(() => {
      const caller = this.#callerOf(call);
      if (caller instanceof Refusal) return { refused: caller.parts, isWrongKey: true } as const;
      ACTS.live(this.#turn(caller), call);
      return { caller };
    });
    if ("refused" in result) return Response.json(result, { status: 403 });
    const { reader, cursor = "" } = call.query;
    return this.#sockets.open({ reader, cursor, account: accountOf(result.caller) });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#sockets.hear(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.close(socket, code);
  }

  /** Copies texts to KV, takes away what has ended, and sets itself again. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    // Before the archive: what ends now has a key to delete.
    const retainAt = this.#atOnce(() => this.#mail.retain());
    const archiveAt = await this.#archive.run();
    const dueAt = Math.min(archiveAt ?? Number.MAX_SAFE_INTEGER, retainAt ?? Number.MAX_SAFE_INTEGER);
    if (dueAt !== Number.MAX_SAFE_INTEGER) this.#plan(Math.max(dueAt, this.#ambient.now() + MIN_PAUSE_MS));
  }

  #answer<Name extends Asked>(call: BridgeCall<Name>): Outcome<Name> {
    const caller = this.#callerOf(call);
    if (caller instanceof Refusal) return { refused: caller.parts, isWrongKey: true };
    const done: Done<Name> | Refusal = ACTS[call.route](this.#turn(caller), call);
    return done instanceof Refusal ? { refused: done.parts } : { done };
  }

  /** @returns a refusal for a key that is not accepted, which has been noted in the audit log */
  #callerOf({ claim, version, address }: Asking): Caller | Refusal {
    if (claim.kind === "nobody") return { kind: "shared", joinedNames: [] };
    const caller = this.#keyOf(claim, version);
    if (caller instanceof Refusal) {
      this.#machines.log.addStranger({ what: "failed_key", address }, this.#ambient.now());
    }
    return caller;
  }

  #keyOf(claim: Exclude<Claim, { kind: "nobody" }>, version: string | undefined): Caller | Refusal {
    if (claim.kind === "shared") {
      if (!this.#machines.isLocked) return { kind: "shared", joinedNames: this.#machines.joinedNames };
      return unauthorized("The shared key of this bridge is switched off. Join with `photon join <line>`.");
    }
    const machine = this.#machines.identify(claim.keyHash, version);
    if (typeof machine !== "string") return machine;
    return unauthorized(
      machine === "revoked"
        ? "This machine was revoked. It can join again with a new invitation, under another name."
        : "This key does not belong to a machine of this bridge.",
    );
  }

  #turn(caller: Caller) {
    return {
      caller,
      mail: this.#mail,
      machines: this.#machines,
      quota: this.#quota,
      archive: this.#archive,
      now: this.#ambient.now(),
      closeSockets: (account: string) => void this.#closing.add(account),
    };
  }

  /** A turn of a call: a refusal undoes what was written. */
  #inTurn<T>(work: () => T): T | Refused {
    try {
      return this.#atOnce(work);
    } catch (error) {
      if (error instanceof Refusal) return { refused: error.parts };
      throw error;
    }
  }

  /** Writes as a whole or not at all; sessions are told afterwards. */
  #atOnce<T>(work: () => T): T {
    this.#changed.clear();
    this.#closing.clear();
    try {
      const result = this.ctx.storage.transactionSync(work);
      this.#machines.endTurn(true);
      if (this.#changed.size > 0) this.#sockets.signal(this.#changed);
      for (const account of this.#closing) this.#sockets.closeOf(account);
      return result;
    } catch (error) {
      this.#machines.endTurn(false);
      throw error;
    }
  }

  #planAfter(route: Asked): void {
    if (route === "sendMessage") this.#plan(this.#ambient.now() + COPY_AFTER_MS);
    if (route === "deleteMessage" || route === "clearMessages") this.#plan(this.#ambient.now() + DELETE_AFTER_MS);
  }

  /** Not awaited: the answer leaves only when the alarm is written. */
  #plan(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }
}
