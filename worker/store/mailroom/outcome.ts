import { IdTaken, InvalidCursor, type MessageStore } from "../message-store.ts";
import type { Importing } from "../migrate.ts";

/** What the object answers to. */
export type Answering = MessageStore & Importing;

/** Anything of it, by its name. */
export type StoreCall = keyof Answering;

/** What a caller did wrong, by name. */
export const REFUSALS = { IdTaken, InvalidCursor };

/** What a call came to. An error's class does not go over the border of an object, so it goes as its name. */
export type Outcome<T> = { readonly done: T } | { readonly refused: keyof typeof REFUSALS; readonly message: string };
