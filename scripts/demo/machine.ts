import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect } from "./story.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface MachineOptions {
  readonly name: string;
  /** A folder of its own for Photon's files. */
  readonly home: string;
  /** The project's folder on this machine. */
  readonly folder: string;
  readonly session: string;
  readonly bridge: { readonly url: string; readonly key: string };
  /** The Node that users have. */
  readonly node: string;
}

/** A machine with Photon installed: its MCP server and its hooks, as Claude Code would run them. */
export class Machine {
  readonly #options: MachineOptions;
  readonly #client = new Client({ name: "photon-demo", version: "1.0.0" });

  constructor(options: MachineOptions) {
    this.#options = options;
  }

  /** Starts the MCP server. @returns the names of its tools */
  async start(): Promise<string[]> {
    const { node, folder } = this.#options;
    await this.#client.connect(
      new StdioClientTransport({
        command: node,
        args: [join(ROOT, "dist/server.mjs")],
        env: this.#environment(),
        cwd: folder,
        stderr: "ignore",
      }),
    );
    return (await this.#client.listTools()).tools.map(({ name }) => name);
  }

  /** Calls a tool as Claude would. @throws StepFailed when the tool says it failed */
  async call(tool: string, input: Record<string, unknown> = {}): Promise<string> {
    const result = await this.#client.callTool({ name: tool, arguments: input });
    const blocks = Array.isArray(result.content) ? result.content : [];
    const text = blocks.map((block) => (block.type === "text" ? block.text : "")).join("\n");
    expect(result.isError !== true, `${tool} failed: ${text}`);
    return text;
  }

  /** Runs a hook as the client does: a process of its own, the event on stdin. @returns what it printed, parsed */
  async hook(file: string, event: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { node, folder, session } = this.#options;
    const child = spawn(node, [join(ROOT, "dist/hooks", file)], { cwd: folder, env: this.#environment() });
    child.stdin.end(JSON.stringify({ session_id: session, cwd: folder, ...event }));
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
    child.stderr.resume();
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code === 0, `${file} ended with ${code}`);
    return output.trim() === "" ? {} : JSON.parse(output);
  }

  async stop(): Promise<void> {
    await this.#client.close();
  }

  /** From scratch: the demo must not depend on whoever runs it. */
  #environment(): Record<string, string> {
    const { name, home, folder, session, bridge } = this.#options;
    return {
      PATH: process.env.PATH ?? "",
      HOME: home,
      // What Windows needs to start a process at all.
      ...(process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}),
      PHOTON_HOME: home,
      BRIDGE_WORKER_URL: bridge.url,
      BRIDGE_API_KEY: bridge.key,
      BRIDGE_MACHINE_ID: name,
      CLAUDE_PROJECT_DIR: folder,
      CLAUDE_CODE_SESSION_ID: session,
    };
  }
}
