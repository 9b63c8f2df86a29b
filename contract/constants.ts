// What the hooks need to know of messages. No zod here: loading it would slow their start.

export const MESSAGE_KINDS = ["note", "task", "reply", "handover"] as const;

/** Most ids in one `POST /messages/read` or `/messages/shown`. */
export const MAX_IDS_PER_REQUEST = 100;

/** Most groups in one answer of `GET /unread`. The totals count all messages. */
export const MAX_UNREAD_GROUPS = 50;
