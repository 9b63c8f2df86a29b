import { ROUTES } from "../../contract/api.ts";
import { unavailable } from "../http/render-refusal.ts";
import type { Handler } from "./handler.ts";
import { ask } from "./object.ts";

/** Messages whose text cannot be read now are left out and listed in `unavailable`, so that they do not block the others. */
export const listMessages: Handler<"listMessages"> = async ({ call, env, request, readTexts }) => {
  const { answer } = await ask(env, request, call);
  const { messages: kept, ...page } = answer ?? { messages: [] };
  const { messages, unavailable: missing } = await readTexts(env.MESSAGES, kept);
  const body = { messages, count: messages.length, ...page, ...(missing.length > 0 && { unavailable: missing }) };
  return Response.json(body, { status: ROUTES.listMessages.status });
};

export const getMessage: Handler<"getMessage"> = async ({ call, env, request, readTexts }) => {
  const { answer } = await ask(env, request, call);
  const { messages } = await readTexts(env.MESSAGES, answer === null ? [] : [answer]);
  const [message] = messages;
  if (message === undefined) throw unavailable(undefined);
  return Response.json(message, { status: ROUTES.getMessage.status });
};
