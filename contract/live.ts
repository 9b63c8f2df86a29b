import * as z from "zod";
import { LiveCursor, UnreadSummary } from "./api.ts";

// What goes over the socket of `GET /live`. Counts alone, as `GET /unread` answers: a text is given only to who asks for it.

/**
 * From the bridge: something changed for the reader, and what is unread now. The next one comes only when this one was
 * acknowledged, and then stands for all changes since.
 */
export const Changed = z.looseObject({ type: z.literal("changed"), cursor: LiveCursor, unread: UnreadSummary });
export type Changed = z.infer<typeof Changed>;

/** From the machine, once it knows what the bridge has told it of. */
export const Heard = z.strictObject({ type: z.literal("heard"), cursor: LiveCursor });
export type Heard = z.infer<typeof Heard>;

/** A socket over which nothing came back is dead. Answered without waking the bridge. */
export const PING = "ping";
export const PONG = "pong";

/** Why the bridge closes a socket, as codes of a WebSocket. */
export const LIVE_CLOSE = {
  /** A machine was revoked, or the shared key switched off: whoever still may opens another. */
  reopen: 4003,
  /** What it was told it never acknowledged. */
  slow: 4008,
  /** It said something that the bridge does not know. */
  unknown: 4002,
} as const;
