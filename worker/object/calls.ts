import type * as z from "zod";
import { type Address, parseAddress } from "../../contract/address.ts";
import type { Route, Routes } from "../../contract/api.ts";
import type { RefusedParts } from "../refusal.ts";
import type { KeptMessage } from "./mail/wire-message.ts";

/** The routes that need the object: all but `health`. */
export type ObjectRoute = Exclude<keyof Routes, "health">;

/** What a request's key claims. The Worker has compared the shared key; only the object knows the machines' keys. */
export type Claim =
  | { readonly kind: "shared" }
  /** @param keyHash - SHA-256 of the key in lower-case hexadecimal */
  | { readonly kind: "machine"; readonly keyHash: string }
  /** A public route, which needs no key. */
  | { readonly kind: "nobody" };

/** The sender of a request. */
export interface Requester {
  readonly claim: Claim;
  /** The client's version of Photon, if the request has it. */
  readonly version: string | undefined;
  /** The client's IP address from Cloudflare. */
  readonly address: string | undefined;
}

/** A parsed request, as the Worker passes it to the object. One call carries everything that the object needs. */
export interface BridgeCall<Name extends ObjectRoute = ObjectRoute> extends Requester {
  readonly route: Name;
  readonly query: z.output<Routes[Name]["query"]>;
  /** Null if there is no body or it is binary; binary bodies do not go through the object. */
  readonly body: BodyOf<Routes[Name]>;
  /** The parameters of the path; empty if the route does not have them. */
  readonly id: string;
  readonly sha256: string;
  readonly invite: string;
  /** The size of a binary body; otherwise 0. */
  readonly bytes: number;
  /** The `If-None-Match` of the request. */
  readonly knownEtag: string | undefined;
  /** The installation id of the client's computer, if the request has it. */
  readonly installation: string | undefined;
}

type BodyOf<R extends Route> = R["bytes"] extends "body"
  ? null
  : R["body"] extends z.ZodType
    ? z.output<R["body"]>
    : null;

/** The object's answer to a route. The Worker adds texts that are only in KV, and binary answers. */
export type Answer<Name extends ObjectRoute> = Name extends "listMessages"
  ? { messages: KeptMessage[]; cursor?: string }
  : Name extends "getMessage"
    ? KeptMessage
    : Name extends "putCapsule" | "getCapsule" | "live"
      ? null
      : z.output<Routes[Name]["answer"]>;

/** The result of a call that was not refused. */
export interface Done<Name extends ObjectRoute = ObjectRoute> {
  /** Null if the client already has the answer, according to its ETag. */
  readonly answer: Answer<Name> | null;
  /** Set if it differs from the route's status. */
  readonly status?: 200 | 304;
  readonly etag?: string;
}

/** The result of a refused call. @param isWrongKey - the key was not accepted */
export interface Refused {
  readonly refused: RefusedParts;
  readonly isWrongKey?: true;
}

/** The result of a call. */
export type Outcome<Name extends ObjectRoute = ObjectRoute> = { readonly done: Done<Name> } | Refused;

/** An address that the contract has already checked. */
export function parsedAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new TypeError("The contract accepted a reader that is not an address.");
  return address;
}

/** A deployment has one object, with this name. */
export const BRIDGE_NAME = "bridge";

/** The header in which the Worker passes the call that opens a socket. */
export const CALL_HEADER = "photon-call";
