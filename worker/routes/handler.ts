import type * as z from "zod";
import type { Route, Routes } from "../../contract/api.ts";
import type { Caller } from "../caller.ts";
import type { RemoteRegistry } from "../registry/remote-registry.ts";
import type { CapsuleStore } from "../store/kv/capsule-store.ts";
import type { MessageStore } from "../store/message-store.ts";
import type { Importing } from "../store/migrate.ts";

/** What a handler gets: parsed, and nothing of HTTP. */
export interface Call<R extends Route> {
  readonly query: z.output<R["query"]>;
  readonly body: R["body"] extends z.ZodType ? z.output<R["body"]> : null;
  /** The message id of the path; empty for a route without one. */
  readonly id: string;
  /** The SHA-256 of the path; empty for a route without one. */
  readonly sha256: string;
  /** The id of an invitation of the path; empty for a route without one. */
  readonly invite: string;
  /** Who asks; on a public route nobody known. */
  readonly caller: Caller;
  /** Where the request came from, as Cloudflare says. */
  readonly address: string | undefined;
  /** The machines of this bridge; null on a bridge that has no list of them. */
  readonly registry: RemoteRegistry | null;
  /** The list has changed: what was believed of keys does not hold any more. */
  readonly forgetCallers: () => void;
  /** The `If-None-Match` of the request. */
  readonly knownEtag: string | undefined;
  /** The computer that asks, when it says so in a way that can be kept. */
  readonly installation: string | undefined;
  readonly store: MessageStore;
  readonly capsules: CapsuleStore;
  /** Opens a socket; null on a bridge that has none. */
  readonly openLive: ((query: Readonly<Record<string, string>>) => Promise<Response>) | null;
  /** Has every machine open its socket again, with the key that it has now; null on a bridge that has none. */
  readonly closeSockets: (() => Promise<void>) | null;
  /** Where messages were kept before, and where they are taken to; null on a bridge that has one store. */
  readonly migration: { readonly from: MessageStore; readonly to: Importing } | null;
  /** Whether the client wants the connection to become a WebSocket. */
  readonly isUpgrade: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A success that is answered with another status than the route's. */
export class Repeated<Answer> {
  readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }
}

/** A success with an ETag; without an answer the client has it already (304). */
export class Tagged<Answer> {
  readonly etag: string;
  readonly answer: Answer | null;

  constructor(etag: string, answer: Answer | null = null) {
    this.etag = etag;
    this.answer = answer;
  }
}

/**
 * Does what one route is for.
 *
 * @throws Refusal when it cannot
 */
export type Handler<Name extends keyof Routes> = (
  call: Call<Routes[Name]>,
) => Promise<Answer<Name> | Repeated<Answer<Name>> | Tagged<Answer<Name>> | Response>;

type Answer<Name extends keyof Routes> = z.output<Routes[Name]["answer"]>;
