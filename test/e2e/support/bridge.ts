import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { Message } from "../../../contract/message.ts";

const SCRIPT = fileURLToPath(new URL("../../../scripts/bridge.ts", import.meta.url));

/** The key of all bridges in these tests. */
export const KEY = "e2e-key-0123456789abcdef0123456789abcdef";

/** The Worker in workerd on this machine. It can be stopped and restarted on the same port with its data. */
export class Bridge {
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | null = null;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(folder: string): Promise<Bridge> {
    const bridge = new Bridge(folder, await freePort());
    await bridge.start();
    return bridge;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    // This Node, not the system's: workerd's own tools need it.
    const args = ["--port", String(this.#port), "--data", this.#folder];
    const child = spawn(process.execPath, [SCRIPT, ...args], {
      env: { PATH: process.env.PATH ?? "", HOME: this.#folder, TMPDIR: tmpdir(), BRIDGE_API_KEY: KEY },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    let output = "";
    await new Promise<void>((resolve, reject) => {
      const read = (text: string) => {
        output += text;
        if (output.includes("bridge ready on")) resolve();
      };
      child.stdout.setEncoding("utf8").on("data", read);
      child.stderr.setEncoding("utf8").on("data", read);
      child.on("exit", (code) => reject(new Error(`the bridge ended with ${code}:\n${output}`)));
    });
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  /** Sends a message from another machine directly to the bridge, without a client. */
  async post(message: { from: string; to: string; content: string }): Promise<void> {
    const response = await fetch(`${this.url}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      body: JSON.stringify(message),
    });
    if (response.status !== 201) throw new Error(`the bridge did not accept the message: ${await response.text()}`);
  }

  /** All messages on the bridge, newest first, without a reader. */
  async messages(): Promise<z.infer<typeof Message>[]> {
    const response = await fetch(`${this.url}/messages`, { headers: { authorization: `Bearer ${KEY}` } });
    return z.looseObject({ messages: z.array(Message) }).parse(await response.json()).messages;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
