import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { inject } from "vitest";

export interface ServerProgram {
  readonly node: string;
  readonly file: string;
}

/** A tool's answer. */
export interface Answer {
  readonly text: string;
  readonly isError: boolean;
}

/** The MCP server as a real process with its own machine, driven by the SDK's client. */
export class ServerProcess {
  readonly client: Client;
  readonly pid: number;
  /** Everything it wrote to stderr. */
  readonly stderr: () => string;

  private constructor(client: Client, pid: number, stderr: () => string) {
    this.client = client;
    this.pid = pid;
    this.stderr = stderr;
  }

  /** @param env - its environment, besides PATH, HOME, TMPDIR and LANG */
  static async start(env: Record<string, string>, program: Partial<ServerProgram> = {}): Promise<ServerProcess> {
    const { node = process.execPath, file = builtServer() } = program;
    const transport = new StdioClientTransport({
      command: node,
      args: [file],
      env: {
        PATH: process.env.PATH ?? "",
        HOME: env.PHOTON_HOME ?? tmpdir(),
        TMPDIR: tmpdir(),
        LANG: "C.UTF-8",
        ...env,
      },
      stderr: "pipe",
    });
    let said = "";
    transport.stderr?.on("data", (chunk) => {
      said += chunk;
    });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(transport);
    return new ServerProcess(client, transport.pid ?? 0, () => said);
  }

  /** @param callId - the id that the client gives the call */
  async call(name: string, args: Record<string, unknown> = {}, callId = "toolu_01Abc"): Promise<Answer> {
    const { content, isError, structuredContent } = await this.client.callTool({
      name,
      arguments: args,
      _meta: { "claudecode/toolUseId": callId },
    });
    if (structuredContent !== undefined) throw new Error("The client would drop the text.");
    if (!Array.isArray(content) || content.length !== 1) throw new Error("Expected exactly one text.");
    return { text: String(content[0].text), isError: isError === true };
  }

  /** Closes its stdin, as a client does when it ends. */
  stop(): Promise<void> {
    return this.client.close();
  }
}

/** The id of a call by the mod. The model's ids come from its API. */
export const MOD_CALL = "toolu_plugin_0f2be65a067b4dad90ca54b2ac8bb010";

/** The server, built from the current source. */
export function builtServer(): string {
  return join(inject("programs"), "dist", "server.mjs");
}

/** An empty folder for one machine's files, in a path with a space. */
export function temporaryHome(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "photon home "));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }) };
}

/** The environment of machine `mac` in project `photon`, set up for a bridge. */
export function macEnv(home: string, bridgeUrl: string): Record<string, string> {
  return {
    PHOTON_HOME: home,
    BRIDGE_WORKER_URL: bridgeUrl,
    BRIDGE_API_KEY: "test-key",
    BRIDGE_MACHINE_ID: "mac",
    BRIDGE_PROJECT: "photon",
    CLAUDE_CODE_SESSION_ID: "session-1",
  };
}
