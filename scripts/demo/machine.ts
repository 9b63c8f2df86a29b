import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import * as z from "zod";
import { readDraft } from "../../handover/draft/draft-store.ts";
import type { StartedProcesses } from "../started-processes.ts";
import { windowsNeeds } from "./project.ts";
import { expect } from "./story.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface MachineOptions {
  readonly name: string;
  /** The folder for Photon's files on this machine. */
  readonly home: string;
  /** The project's folder on this machine. */
  readonly folder: string;
  readonly bridge: { readonly url: string; readonly key: string };
  /** The Node that users have. */
  readonly node: string;
  readonly started: StartedProcesses;
}

/** Allowed output of a hook on stderr: on a busy machine, that its time is over. */
const AT_MOST_LATE = /^(?:Photon: the hook was stopped after \d+ ms\.\n)?$/;

const HookOutput = z.looseObject({ systemMessage: z.string().optional() });
type HookOutput = z.infer<typeof HookOutput>;

/** A machine with Photon installed. Runs the MCP server and the hooks as Claude Code would. */
export class Machine {
  readonly name: string;
  /** The project's folder on this machine. */
  readonly folder: string;
  readonly #options: MachineOptions;
  readonly #client = new Client({ name: "photon-demo", version: "1.0.0" });
  /** Running hooks. */
  readonly #hooks = new Set<ChildProcess>();
  readonly #session = randomUUID();
  #stopped: Promise<unknown> | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.name = options.name;
    this.folder = options.folder;
    mkdirSync(options.home, { recursive: true });
  }

  /** Starts the MCP server. @returns the names of its tools */
  async start(): Promise<string[]> {
    this.#mustRun();
    const { node, folder } = this.#options;
    const transport = new StdioClientTransport({
      command: node,
      args: [join(ROOT, "dist/server.mjs")],
      env: this.#environment(),
      cwd: folder,
      stderr: "ignore",
    });
    const connected = this.#client.connect(transport);
    this.#options.started.add(transport.pid); // closing the client does not always wait for the server's end
    await connected;
    return (await this.#client.listTools()).tools.map(({ name }) => name);
  }

  /** Calls a tool as Claude would. @throws StepFailed if the tool reports a failure */
  async call(tool: string, input: Record<string, unknown> = {}): Promise<string> {
    const result = await this.#client.callTool({ name: tool, arguments: input });
    const blocks = Array.isArray(result.content) ? result.content : [];
    const text = blocks.map((block) => (block.type === "text" ? block.text : "")).join("\n");
    expect(result.isError !== true, `${tool} failed: ${text}`);
    return text;
  }

  /** Runs a hook as the client does: as a process, with the event on stdin. @returns its parsed output */
  async hook(file: string, event: Record<string, unknown>): Promise<HookOutput> {
    this.#mustRun();
    const { node, folder } = this.#options;
    const child = spawn(node, [join(ROOT, "dist/hooks", file)], { cwd: folder, env: this.#environment() });
    this.#hooks.add(child);
    child.once("close", () => this.#hooks.delete(child));
    child.stdin.on("error", () => undefined); // if the hook ended without reading it, its exit code is checked below
    child.stdin.end(JSON.stringify({ session_id: this.#session, cwd: folder, ...event }));
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      complaint += chunk;
    });
    const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
    expect(code === 0 && AT_MOST_LATE.test(complaint), `${file} ended with ${code}. ${complaint}`);
    return output.trim() === "" ? {} : HookOutput.parse(JSON.parse(output));
  }

  /** The draft of the handover of this machine's session; empty if there is none. */
  draft(): string {
    return readDraft({ sessions: join(this.#options.home, "sessions") }, this.#session)?.text ?? "";
  }

  /** Ends the server, waits for running hooks, which end within their budget, and starts no more of both. */
  stop(): Promise<unknown> {
    const hooks = () => [...this.#hooks].map((hook) => once(hook, "close"));
    this.#stopped ??= Promise.all([this.#client.close(), ...hooks()]);
    return this.#stopped;
  }

  #mustRun(): void {
    expect(this.#stopped === undefined, `${this.name} was stopped.`);
  }

  /** Built from scratch, so that the demo does not depend on the environment of the person who runs it. */
  #environment(): Record<string, string> {
    const { name, home, folder, bridge, started } = this.#options;
    return {
      PATH: process.env.PATH ?? "",
      HOME: home,
      ...windowsNeeds(),
      PHOTON_HOME: home,
      BRIDGE_WORKER_URL: bridge.url,
      BRIDGE_API_KEY: bridge.key,
      BRIDGE_MACHINE_ID: name,
      CLAUDE_PROJECT_DIR: folder,
      CLAUDE_CODE_SESSION_ID: this.#session,
      ...started.env(),
    };
  }
}
