import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ApiClient } from "../../client/bridge/api-client.ts";
import { type RunningBridge, startBridge } from "../../scripts/local-bridge.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The number of unread messages for machine `full`. */
export const UNREAD = 50;

/** A machine with a project in git, and bridges in every condition, in a temporary folder. */
export interface World {
  readonly folder: string;
  readonly project: string;
  readonly transcript: string;
  readonly bareServer: string;
  readonly bridge: RunningBridge;
  /** Another bridge, for handovers, which would add unread messages to the first. */
  readonly handoverBridge: RunningBridge;
  /** Accepts connections and never answers. */
  readonly hangingUrl: string;
  /** Nothing listens there. */
  readonly refusingUrl: string;
  end(): Promise<void>;
}

export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "photon-bench-"));
  const bridge = await startBridge({ port: 0, data: join(folder, "bridge"), key: "bench-key" });
  const handoverBridge = await startBridge({ port: 0, data: join(folder, "handovers"), key: "bench-key" });
  await fillInbox(bridge);
  const hanging = await Listener.start();
  const closed = await Listener.start();
  await closed.stop();
  const transcript = join(folder, "transcript.jsonl");
  copyFileSync(join(ROOT, "test/fixtures/transcripts/interactive-tasks-edits.jsonl"), transcript);
  return {
    folder,
    project: makeProject(folder),
    transcript,
    bareServer: await bundleBareServer(folder),
    bridge,
    handoverBridge,
    hangingUrl: hanging.url,
    refusingUrl: closed.url,
    async end() {
      await Promise.all([bridge.close(), handoverBridge.close(), hanging.stop()]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Stores 50 messages for machine `full`, from several machines and of every kind. */
async function fillInbox(bridge: RunningBridge): Promise<void> {
  const api = new ApiClient({ workerUrl: bridge.url, apiKey: bridge.key });
  const kinds = ["note", "task", "reply", "handover"] as const;
  for (let index = 0; index < UNREAD; index++) {
    const kind = kinds[index % kinds.length] ?? "note";
    const body = { to: "full", from: `machine-${index % 7}/project`, kind, content: `Message ${index}.` };
    await api.call("sendMessage", { body });
  }
  await api.close();
}

function makeProject(folder: string): string {
  const project = join(folder, "project");
  mkdirSync(project);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid", ...args], { cwd: project });
  git("init", "--quiet", "--initial-branch=main");
  git("remote", "add", "origin", "https://example.invalid/me/project.git");
  writeFileSync(join(project, "README.md"), "# Project\n");
  git("add", "--all");
  git("commit", "--quiet", "--message", "First");
  writeFileSync(join(project, "README.md"), "# Project, changed\n");
  return project;
}

/** Uses the same settings as tsup.config.ts does for our server. */
async function bundleBareServer(folder: string): Promise<string> {
  const outfile = join(folder, "bare-server.mjs");
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["bench/start-up/bare-server.ts"],
    bundle: true,
    outfile,
    platform: "node",
    target: "node20",
    format: "esm",
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: "silent",
  });
  return outfile;
}

class Listener {
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly url: string;

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Listener> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("No port.");
    return new Listener(server, sockets, address.port);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
