import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import * as z from "zod";

/** A program to start, with its complete environment. */
export interface Program {
  readonly node: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** The duration of a process in milliseconds, including its start, and its output. */
export interface Measured {
  readonly ms: number;
  readonly stdout: string;
}

/**
 * Runs a program to its end.
 *
 * @throws if it does not exit with 0 or writes to stderr, because then it did not do its normal work
 */
export async function runToEnd(program: Program, stdin: string): Promise<Measured> {
  const start = performance.now();
  const child = startProgram(program);
  child.stdin.end(stdin);
  const output = collect(child);
  const code = await new Promise((resolve) => child.on("close", resolve));
  const ms = performance.now() - start;
  if (code !== 0 || output.stderr) throw new Error(`${program.args.join(" ")} ended with ${code}: ${output.stderr}`);
  return { ms, stdout: output.stdout };
}

/** Starts an MCP server as the client does. Measures the time until the answer to `tools/list`. */
export async function runToTools(program: Program): Promise<Measured> {
  const start = performance.now();
  const server = new RawServer(program);
  const { tools } = await server.handshake();
  const ms = performance.now() - start;
  await server.stop();
  return { ms, stdout: tools };
}

const Reply = z.looseObject({ id: z.number().optional() });

/** A minimal MCP client, so that a real client's own work is not measured. */
export class RawServer {
  readonly #child: ChildProcessWithoutNullStreams;
  #nextId = 1;
  #rest = "";
  readonly #waiting = new Map<number, (line: string | null) => void>();

  constructor(program: Program) {
    this.#child = startProgram(program);
    this.#child.stderr.resume();
    this.#child.on("close", () => {
      for (const answer of this.#waiting.values()) answer(null);
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#waiting.get(Reply.parse(JSON.parse(line)).id ?? 0)?.(line);
    });
  }

  /** @returns the raw answers to `initialize` and `tools/list` */
  async handshake(): Promise<{ initialized: string; tools: string }> {
    const initialized = await this.request("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "bench", version: "1" },
    });
    this.#write({ jsonrpc: "2.0", method: "notifications/initialized" });
    return { initialized, tools: await this.request("tools/list", {}) };
  }

  /** @returns the line with the answer */
  request(method: string, params: unknown): Promise<string> {
    const id = this.#nextId++;
    const answer = new Promise<string>((resolve, reject) => {
      this.#waiting.set(id, (line) => {
        this.#waiting.delete(id);
        if (line === null) reject(new Error(`The server ended before it answered ${method}.`));
        else resolve(line);
      });
    });
    this.#write({ jsonrpc: "2.0", id, method, params });
    return answer;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.kill("SIGKILL");
    await closed;
  }

  #write(message: unknown): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

function startProgram({ node, args, env, cwd }: Program): ChildProcessWithoutNullStreams {
  return spawn(node, [...args], { cwd, env, stdio: "pipe" });
}

function collect(child: ChildProcessWithoutNullStreams): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  return output;
}

/** @throws RangeError if there are no numbers */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("No numbers.");
  return (upper + lower) / 2;
}
