import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import * as z from "zod";

/** The parts of the client's requests to the model that the tests use. */
const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  content: z.unknown().optional(),
});
const Content = z.union([z.string(), z.array(Block)]);
const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  system: Content.default(""),
  messages: z.array(z.looseObject({ role: z.string(), content: Content })),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
});
type Body = z.infer<typeof Body>;

/** A request without tools: a helper call of the client, or a session that has none. */
export interface HelpRequest {
  readonly model: string;
  readonly system: string;
}

/** A request of the agent loop. Helper calls of the client (titles, summaries) are not recorded. */
export interface ModelRequest {
  /** Everything the model would read: system text, messages, tool results. */
  readonly text: string;
  /** The results of the latest tool calls, as text. */
  readonly toolResults: readonly string[];
}

/** An answer of the model: a text, or one tool call. */
export type Answer =
  | string
  | Silence
  | Refusal
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> };

/** The model never answers. */
export interface Silence {
  readonly isSilent: true;
}

/** The model's API refuses, as when a limit is reached. */
export interface Refusal {
  readonly isRefused: true;
}

/** An answer, or a function that makes one from the request. */
export type Step = Answer | ((request: ModelRequest) => Answer);

export interface Model {
  readonly url: string;
  /** The agent's requests since the last {@link script}. */
  readonly requests: readonly ModelRequest[];
  /** Sets the answers to the next requests, in order. After the last one, every answer is "Done.". */
  script(steps: readonly Step[]): void;
  close(): Promise<void>;
}

/** The answer to the client's own helper calls. */
export const TITLE = '{"title":"a title"}';

/**
 * A stand-in for the model's API on 127.0.0.1: the far end of the network, and the only part of the client that is faked.
 *
 * @param help - answers the client's helper calls (titles, summaries, the judge of an eval), which have no tools
 */
export async function startModel(
  help: (question: string, request: HelpRequest) => string = () => TITLE,
): Promise<Model> {
  let steps: Step[] = [];
  let requests: ModelRequest[] = [];

  const answer = (body: Body): Answer => {
    if (body.tools.length === 0) {
      const question = body.messages.map(({ content }) => textOf(content)).join("\n");
      return help(question, { model: body.model, system: textOf(body.system) });
    }
    const last = body.messages.findLast((message) => message.role === "user");
    const blocks = typeof last?.content === "string" ? [] : (last?.content ?? []);
    const request: ModelRequest = {
      text: [body.system, ...body.messages.map((message) => message.content)].map(textOf).join("\n"),
      toolResults: blocks.filter((block) => block.type === "tool_result").map((block) => textOf([block])),
    };
    requests.push(request);
    const step = steps.shift() ?? "Done.";
    return typeof step === "function" ? step(request) : step;
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname } = new URL(request.url ?? "/", "http://model");
    if (request.method !== "POST" || pathname !== "/v1/messages") return sendJson(response, {});
    const body = Body.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    const answered = answer(body);
    if (typeof answered === "object" && "isSilent" in answered) return;
    if (typeof answered === "object" && "isRefused" in answered) return sendRefusal(response);
    sendMessage(response, body, answered);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the model has no port");

  return {
    url: `http://127.0.0.1:${address.port}`,
    get requests() {
      return requests;
    },
    script(next) {
      steps = [...next];
      requests = [];
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const blocks = z.array(Block).safeParse(content);
  if (!blocks.success) return "";
  return blocks.data.map((block) => block.text ?? textOf(block.content)).join("\n");
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function sendRefusal(response: ServerResponse): void {
  response.writeHead(400, { "content-type": "application/json" });
  const error = { type: "invalid_request_error", message: "Your credit balance is too low." };
  response.end(JSON.stringify({ type: "error", error }));
}

function sendMessage(response: ServerResponse, body: Body, answer: Exclude<Answer, Silence | Refusal>): void {
  const isText = typeof answer === "string";
  const message = {
    id: `msg_${randomUUID()}`,
    type: "message",
    role: "assistant",
    model: body.model,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  };
  const block = isText
    ? { type: "text", text: answer }
    : { type: "tool_use", id: `toolu_${randomUUID()}`, name: answer.tool, input: answer.input };
  const stop_reason = isText ? "end_turn" : "tool_use";
  if (!body.stream) {
    sendJson(response, { ...message, content: [block], stop_reason });
    return;
  }

  const delta = isText
    ? { type: "text_delta", text: answer }
    : { type: "input_json_delta", partial_json: JSON.stringify(answer.input) };
  const events = [
    { type: "message_start", message: { ...message, content: [], stop_reason: null } },
    { type: "content_block_start", index: 0, content_block: isText ? { ...block, text: "" } : { ...block, input: {} } },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ];
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
}
