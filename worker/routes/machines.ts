import type { Handler } from "./handler.ts";

export const machines: Handler<"machines"> = async ({ store }) => ({ machines: await store.machines() });
