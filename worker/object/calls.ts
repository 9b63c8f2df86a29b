import type * as z from "zod";
import { type Address, parseAddress } from "../../contract/address.ts";
import type { Route, Routes } from "../../contract/api.ts";
import type { RefusedParts } from "../refusal.ts";
import type { KeptMessage } from "./mail/wire-message.ts";

/** The routes that the object answers; `health` needs none. */
export type ObjectRoute = Exclude<keyof Routes, "health">;

/** Who a request says it is from. The Worker has compared the shared key; whose key a machine's is, the object knows. */
export type Claim =
  | { readonly kind: "shared" }
  /** @param keyHash - SHA-256 of the key in lower-case hexadecimal */
  | { readonly kind: "machine"; readonly keyHash: string }
  /** A public route, or no valid key. */
  | { readonly kind: "nobody" };

/** Who asks. */
export interface Requester {
  readonly claim: Claim;
  /** The version of Photon that asks, when it says so. */
  readonly version: string | undefined;
  /** The address of the client, as Cloudflare says. */
  readonly address: string | undefined;
}

/** One request of a client, parsed, as the Worker asks the object: everything that it needs is in one call. */
export interface BridgeCall<Name extends ObjectRoute = ObjectRoute> extends Requester {
  readonly route: Name;
  readonly query: z.output<Routes[Name]["query"]>;
  /** Null for bytes, which do not go through the object, and where there is no body. */
  readonly body: BodyOf<Routes[Name]>;
  /** Of the path; each empty for a route without one. */
  readonly id: string;
  readonly sha256: string;
  readonly invite: string;
  /** The size of the bytes of a body that is not here; 0 without one. */
  readonly bytes: number;
  /** The `If-None-Match` of the request. */
  readonly knownEtag: string | undefined;
  /** The computer that asks, when it says so. */
  readonly installation: string | undefined;
}

type BodyOf<R extends Route> = R["bytes"] extends "body"
  ? null
  : R["body"] extends z.ZodType
    ? z.output<R["body"]>
    : null;

/** The object's answer to a route. Texts may still have to be read from KV; bytes are the Worker's. */
export type Answer<Name extends ObjectRoute> = Name extends "listMessages"
  ? { messages: KeptMessage[]; cursor?: string }
  : Name extends "getMessage"
    ? KeptMessage
    : Name extends "putCapsule" | "getCapsule" | "live"
      ? null
      : z.output<Routes[Name]["answer"]>;

/** A call that was done. */
export interface Done<Name extends ObjectRoute = ObjectRoute> {
  /** Null for an answer that the client has already, by its ETag. */
  readonly answer: Answer<Name> | null;
  /** Another status than the route's. */
  readonly status?: 200 | 304;
  readonly etag?: string;
}

/** A call that was not done. @param isWrongKey - the request had a key that is not accepted */
export interface Refused {
  readonly refused: RefusedParts;
  readonly isWrongKey?: true;
}

/** What a call came to. */
export type Outcome<Name extends ObjectRoute = ObjectRoute> = { readonly done: Done<Name> } | Refused;

/** The address in a parsed call. @throws TypeError if the contract let a wrong one through */
export function parsedAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new TypeError("The contract accepted a reader that is not an address.");
  return address;
}

/** A deployment has one object, with this name. */
export const BRIDGE_NAME = "bridge";

/** The header in which the Worker passes the call that opens a socket. */
export const CALL_HEADER = "photon-call";
