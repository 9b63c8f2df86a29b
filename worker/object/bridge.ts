import { DurableObject } from "cloudflare:workers";
import { type Ambient, systemAmbient } from "../ambient.ts";
import { Refusal, unauthorized } from "../refusal.ts";
import { ACTS } from "./acts.ts";
import { Archive } from "./archive.ts";
import { ARCHIVE_RULES, type ArchiveRules, COPY_AFTER_MS } from "./archive-rules.ts";
import { accountOf, type Caller } from "./caller.ts";
import {
  type BridgeCall,
  CALL_HEADER,
  type Claim,
  type Done,
  type ObjectRoute,
  type Outcome,
  type Refused,
  type Requester,
} from "./calls.ts";
import { Database } from "./database.ts";
import { Machines, type RevokedMachine } from "./machines/machines.ts";
import { Quota } from "./machines/quota.ts";
import { Mail } from "./mail/mail.ts";
import { SCHEMA } from "./schema.ts";
import { Sockets } from "./sockets.ts";

/** Delay before deleted texts are removed from KV, in milliseconds. */
const DELETE_AFTER_MS = 1_000;

/**
 * Shortest pause between two alarms, in milliseconds. The alarms' clock may be ahead of the object's; without a pause, an
 * early alarm would be set and ring again immediately, over and over.
 */
const MIN_PAUSE_MS = 1_000;

const REVOKED = "This machine was revoked. It can join again under another name, with a new invitation.";

/** What wrangler.jsonc binds and the object uses. */
export interface ObjectEnv {
  /** Keeps the texts of messages, and capsules; docs/reference/storage.md describes the keys. */
  readonly MESSAGES: KVNamespace;
}

/**
 * The one Durable Object, which manages messages, machines and sockets. A request is one call and one transaction (called a
 * turn): identify the key, check rights and quota, do the work. Nothing else runs in between, its writes are atomic, and a
 * revocation takes effect with the next call. The object hibernates when idle; its sockets stay open.
 */
export class Bridge extends DurableObject<ObjectEnv> {
  readonly #ambient: Ambient = systemAmbient();
  readonly #mail: Mail;
  readonly #machines: Machines;
  readonly #quota: Quota;
  readonly #archive: Archive;
  readonly #sockets: Sockets;
  /** The machines affected by changes in the current turn; null means everyone. */
  readonly #changed = new Set<string | null>();
  /** The accounts whose sockets are closed after the current turn. */
  readonly #closing = new Set<string>();
  /** The time of the alarm that is set, in milliseconds since 1970. */
  #alarmAt: number | null = null;

  constructor(context: DurableObjectState, env: ObjectEnv, rules: ArchiveRules = ARCHIVE_RULES) {
    super(context, env);
    context.storage.sql.exec(SCHEMA);
    const db = new Database(context.storage.sql);
    const { now } = this.#ambient;
    const machines = new Machines(db, now);
    this.#machines = machines;
    this.#mail = new Mail(db, this.#ambient, {
      onChange: (machine) => this.#changed.add(machine),
      namesOf: (name) => machines.namesOf(name),
      mailSince: (name) => machines.mailSince(name),
    });
    this.#quota = new Quota(db);
    const inTurn = <T>(work: () => T) => context.storage.transactionSync(work);
    this.#archive = new Archive({ db, kv: env.MESSAGES, now, inTurn }, rules);
    this.#sockets = new Sockets(context, this.#mail, now);
    void context.blockConcurrencyWhile(async () => {
      this.#alarmAt = await context.storage.getAlarm();
    });
  }

  /** Executes one request. @throws only for a bug or a storage failure; a caller's mistake is a refusal in the outcome */
  async ask<Name extends ObjectRoute>(call: BridgeCall<Name>): Promise<Outcome<Name>> {
    const outcome = this.#inTurn(() => this.#answer(call));
    if ("done" in outcome) this.#planAfter(call.route);
    return outcome;
  }

  /** Only checks a request's key. @returns null if it is accepted */
  async judge(requester: Requester): Promise<Refused | null> {
    const outcome = this.#inTurn(() => this.#callerOf(requester));
    if ("refused" in outcome) return outcome;
    return outcome instanceof Refusal ? { refused: outcome.parts, isWrongKey: true } : null;
  }

  /** Adds a request to the audit log whose key is neither the shared key nor in the form of a machine's key. */
  async noteWrongKey(address: string | undefined): Promise<void> {
    this.#atOnce(() => this.#machines.log.addStranger({ what: "failed_key", address }, this.#ambient.now()));
  }

  /** Opens a session's socket. Takes the call as a request, because only the answer to a request can carry a socket. */
  override async fetch(request: Request): Promise<Response> {
    // Only the Worker can call the object, and it made this header from a parsed request.
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

  /** Copies texts to KV, removes ended messages, and sets the next alarm. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    // Before the archive, which deletes the KV keys of messages that end now.
    const retainAt = this.#atOnce(() => this.#mail.retain());
    const archiveAt = await this.#archive.run();
    const dueAt = Math.min(archiveAt ?? Number.MAX_SAFE_INTEGER, retainAt ?? Number.MAX_SAFE_INTEGER);
    if (dueAt !== Number.MAX_SAFE_INTEGER) this.#plan(Math.max(dueAt, this.#ambient.now() + MIN_PAUSE_MS));
  }

  #answer<Name extends ObjectRoute>(call: BridgeCall<Name>): Outcome<Name> {
    const caller = this.#callerOf(call);
    if (caller instanceof Refusal) return { refused: caller.parts, isWrongKey: true };
    const done: Done<Name> | Refusal = ACTS[call.route](this.#turn(caller), call);
    return done instanceof Refusal ? { refused: done.parts } : { done };
  }

  /** @returns a refusal if the key is not accepted; the audit log then has it */
  #callerOf({ claim, version, address }: Requester): Caller | Refusal {
    if (claim.kind === "nobody") return { kind: "shared", joinedNames: [] };
    const caller = this.#keyOf(claim, version);
    if (!(caller instanceof Refusal) && caller.kind !== "revoked") return caller;
    const by = caller instanceof Refusal ? undefined : caller.name;
    this.#machines.log.addStranger({ what: "failed_key", by, address }, this.#ambient.now());
    return caller instanceof Refusal ? caller : unauthorized(REVOKED);
  }

  #keyOf(claim: Exclude<Claim, { kind: "nobody" }>, version: string | undefined): Caller | RevokedMachine | Refusal {
    if (claim.kind === "shared") {
      if (!this.#machines.isLocked) return { kind: "shared", joinedNames: this.#machines.joinedNames };
      return unauthorized("The shared key of this bridge is switched off. Join with `photon join <line>`.");
    }
    const machine = this.#machines.identify(claim.keyHash, version);
    return machine === "unknown" ? unauthorized("This key does not belong to a machine of this bridge.") : machine;
  }

  #turn(caller: Caller) {
    return {
      caller,
      mail: this.#mail,
      machines: this.#machines,
      quota: this.#quota,
      archive: this.#archive,
      now: this.#ambient.now(),
      online: () => this.#sockets.online(),
      closeSockets: (account: string) => void this.#closing.add(account),
    };
  }

  /** Runs a call as a turn. A refusal rolls its writes back. */
  #inTurn<T>(work: () => T): T | Refused {
    try {
      return this.#atOnce(work);
    } catch (error) {
      if (error instanceof Refusal) return { refused: error.parts };
      throw error;
    }
  }

  /** Runs work as one transaction, and notifies sessions afterwards. */
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

  #planAfter(route: ObjectRoute): void {
    if (route === "sendMessage") this.#plan(this.#ambient.now() + COPY_AFTER_MS);
    if (route === "deleteMessage" || route === "clearMessages") this.#plan(this.#ambient.now() + DELETE_AFTER_MS);
  }

  /** Does not wait: the runtime holds the answer back until the alarm is stored. */
  #plan(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }
}
