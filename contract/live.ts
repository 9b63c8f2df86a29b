import * as z from "zod";
import { LiveCursor, UnreadSummary } from "./api.ts";

// The messages on the socket of `GET /live`. They carry only counts, as `GET /unread` does; a client fetches texts itself.

/**
 * From the bridge: something changed for the reader, with what is unread now. The bridge sends the next one only after this
 * one is acknowledged; it then covers all changes since.
 */
export const Changed = z.looseObject({ type: z.literal("changed"), cursor: LiveCursor, unread: UnreadSummary });
export type Changed = z.infer<typeof Changed>;

/** From the machine: acknowledges a {@link Changed}. */
export const Heard = z.strictObject({ type: z.literal("heard"), cursor: LiveCursor });
export type Heard = z.infer<typeof Heard>;

/** A socket without an answer to a ping is dead. The runtime answers without waking the object. */
export const PING = "ping";
export const PONG = "pong";

/** WebSocket close codes of the bridge. */
export const LIVE_CLOSE = {
  /** Access changed: a machine was revoked, or the shared key switched off. A client that still has access reconnects. */
  reopen: 4003,
  /** The client did not acknowledge a change in time. */
  slow: 4008,
  /** The client sent something that the bridge does not understand. */
  unknown: 4002,
} as const;
