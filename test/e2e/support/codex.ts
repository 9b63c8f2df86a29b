import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { BASE_ENV } from "./environment.ts";
import { type Finished, run } from "./process.ts";

/** Codex' program itself: npm's wrapper script would set NODE_PATH to this repository's modules. */
const CODEX = fileURLToPath(new URL("../node_modules/@openai/codex/bin/codex.js", import.meta.url));

/** Codex groups the tools of an MCP server under this name. */
const NAMESPACE = "mcp__photon";

/** The parts of Codex' requests that the tests use. */
const Body = z.looseObject({
  tools: z.array(z.looseObject({ name: z.string().optional(), tools: z.unknown().optional() })),
  input: z.array(z.looseObject({ type: z.string(), output: z.unknown().optional() })),
});
const Tools = z.array(z.looseObject({ name: z.string() }));
const Output = z.array(z.looseObject({ text: z.string() }));

export interface CodexRequest {
  /** The names of Photon's tools. */
  readonly tools: readonly string[];
  /** The result of the latest tool call, as the model reads it; empty before the first call. */
  readonly result: string;
}

/** A final text, or a call of one of Photon's tools. */
export type CodexAnswer = string | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> };

/** An answer, or a function that makes one from the request. */
export type CodexStep = CodexAnswer | ((request: CodexRequest) => CodexAnswer);

export interface CodexSession extends Finished {
  readonly requests: readonly CodexRequest[];
  /** What Codex asked of other servers, which its proxy refused. */
  readonly others: readonly string[];
}

interface CodexOptions {
  /** A new folder, for Codex' home and project. */
  readonly folder: string;
  /** Its configuration of Photon's server, in TOML. */
  readonly photon: string;
  readonly env: Readonly<Record<string, string>>;
  /** The model's answers, in order. After the last one, every answer is "Done.". */
  readonly model: readonly CodexStep[];
}

/**
 * Runs `codex exec` with one prompt. Only the model is faked: a scripted endpoint on 127.0.0.1, which is also the proxy for
 * everything else, and refuses it.
 */
export async function runCodex({ folder, photon, env, model }: CodexOptions): Promise<CodexSession> {
  const home = join(folder, "home of codex");
  const project = join(home, "demo");
  const settings = join(home, ".codex");
  for (const path of [project, settings, join(home, "tmp")]) await mkdir(path, { recursive: true });
  const endpoint = await startEndpoint([...model]);
  await writeFile(join(settings, "config.toml"), configuration(endpoint.url, photon));
  try {
    const args = [CODEX, "exec", "--strict-config", "--skip-git-repo-check", "--sandbox", "read-only", "Look."];
    const finished = await run(process.execPath, args, {
      cwd: project,
      env: {
        ...BASE_ENV,
        ...{ HOME: home, CODEX_HOME: settings, TMPDIR: join(home, "tmp"), SCRIPTED_KEY: "dummy" },
        ...{ HTTP_PROXY: endpoint.url, HTTPS_PROXY: endpoint.url, ALL_PROXY: endpoint.url, NO_PROXY: "127.0.0.1" },
        ...env,
      },
    });
    return { ...finished, requests: endpoint.requests, others: endpoint.others };
  } finally {
    await endpoint.close();
  }
}

/** The model, and nothing that Codex would tell its maker or fetch from it. */
function configuration(url: string, photon: string): string {
  return `
model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false

${photon}

[analytics]
enabled = false

[features]
apps = false
plugins = false
remote_plugin = false

[model_providers.scripted]
name = "scripted"
base_url = "${url}/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;
}

async function startEndpoint(steps: CodexStep[]) {
  const requests: CodexRequest[] = [];
  const others: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method !== "POST" || request.url !== "/v1/responses") {
      others.push(`${request.method} ${request.url}`);
      response.writeHead(404).end();
      return;
    }
    const asked = await read(request);
    requests.push(asked);
    const step = steps.shift() ?? "Done.";
    answer(response, typeof step === "function" ? step(asked) : step, requests.length);
  });
  server.on("connect", ({ url }, socket) => {
    others.push(`CONNECT ${url}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the endpoint has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    others,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<CodexRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { tools, input } = Body.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  const output = input.findLast(({ type }) => type === "function_call_output")?.output ?? "";
  return {
    tools: Tools.parse(tools.find(({ name }) => name === NAMESPACE)?.tools ?? []).map(({ name }) => name),
    result:
      typeof output === "string"
        ? output
        : Output.parse(output)
            .map(({ text }) => text)
            .join("\n"),
  };
}

/** Writes an answer of the Responses API: the events that Codex needs. */
function answer(response: ServerResponse, said: CodexAnswer, turn: number): void {
  const item =
    typeof said === "string"
      ? { type: "message", id: `msg_${turn}`, role: "assistant", content: [{ type: "output_text", text: said }] }
      : {
          ...{ type: "function_call", id: `fc_${turn}`, call_id: `call_${turn}` },
          ...{ namespace: NAMESPACE, name: said.tool, arguments: JSON.stringify(said.input) },
        };
  const id = `resp_${turn}`;
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const [type, rest] of [
    ["response.created", { response: { id } }],
    ["response.output_item.done", { item }],
    [
      "response.completed",
      { response: { id, usage: { ...usage, input_tokens_details: null, output_tokens_details: null } } },
    ],
  ] as const) {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  }
  response.end();
}
