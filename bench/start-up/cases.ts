import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { photonPaths } from "../../client/disk/paths.ts";
import { updateSession } from "../../client/sessions/session-state.ts";
import { type Measured, type Program, RawServer, runToEnd, runToTools } from "./measure.ts";
import { ROOT, UNREAD, type World } from "./world.ts";

/** A case to measure, and the case to compare it with. */
export interface Case {
  readonly what: string;
  /** The cheapest possible case to compare with; missing for the reference itself. */
  readonly baseline?: string;
  readonly budget?: string;
  run(node: string): Promise<Measured>;
  /** After the last run. */
  end?(): Promise<void>;
}

const NODE = "`node -e 0`: starting Node itself";
const BARE_SERVER = "A bare MCP server on the same SDK";

/** A machine's environment and files. */
interface Machine {
  readonly name: string;
  /** null if it is not set up. */
  readonly bridge: { readonly url: string; readonly key: string } | null;
}

export function makeCases(world: World): Case[] {
  const { bridge } = world;
  const empty = { name: "empty", bridge };
  const sessionStart = (what: string, machine: Machine, budget?: string): Case => ({
    what: `SessionStart: ${what}`,
    baseline: NODE,
    ...(budget === undefined ? {} : { budget }),
    run: (node) => runHook(world, node, machine, "session-start.cjs", { source: "startup" }),
  });
  return [
    { what: NODE, run: (node) => runToEnd(program(world, node, ["-e", "0"], empty), "") },
    sessionStart("nothing waits", empty),
    sessionStart(`${UNREAD} unread messages`, { name: "full", bridge }),
    sessionStart("not set up", { name: "bare", bridge: null }),
    sessionStart("no bridge at its address", {
      name: "refused",
      bridge: { url: world.refusingUrl, key: "k" },
    }),
    sessionStart("the bridge hangs", { name: "hanging", bridge: { url: world.hangingUrl, key: "k" } }, "1,000"),
    statuslineCase(world), // not after a SessionEnd, whose delivery may still run
    {
      what: "Stop: saves the draft",
      baseline: NODE,
      budget: "150",
      run: (node) => runHook(world, node, { name: "stop", bridge: null }, "stop.cjs", endEvent(world)),
    },
    {
      what: "SessionEnd: the same, and starts publishing",
      baseline: NODE,
      budget: "500",
      async run(node) {
        const machine = { name: "end", bridge: world.handoverBridge };
        const measured = await runHook(world, node, machine, "session-end.cjs", endEvent(world));
        await outboxIsEmpty(homeOf(world, machine)); // the delivery continues in the background and would slow down the next case
        return measured;
      },
    },
    { what: BARE_SERVER, run: (node) => runToTools(program(world, node, [world.bareServer], empty)) },
    {
      what: "Photon's MCP server",
      baseline: BARE_SERVER,
      run: (node) => runToTools(serverOf(world, node)),
    },
    promptCase(world),
  ];
}

/** The output of the SessionStart hook for a machine with that many unread messages. */
export async function startOutput(world: World, node: string, unread: typeof UNREAD | 0): Promise<string> {
  const machine = { name: unread === 0 ? "empty" : "full", bridge: world.bridge };
  return (await runHook(world, node, machine, "session-start.cjs", { source: "startup" })).stdout;
}

/** The server's raw answers to `initialize` and `tools/list`. */
export async function serverAnswers(world: World, node: string): Promise<{ initialized: string; tools: string }> {
  const server = new RawServer(serverOf(world, node));
  const answers = await server.handshake();
  await server.stop();
  return answers;
}

/** Called repeatedly by a user's status line. An earlier SessionStart on the machine has cached the unread count. */
function statuslineCase(world: World): Case {
  const machine = { name: "full", bridge: world.bridge };
  const session = "statusline";
  return {
    what: "`photon statusline`: 50 unread messages",
    baseline: NODE,
    async run(node) {
      const home = homeOf(world, machine);
      updateSession(photonPaths({ PHOTON_HOME: home }), session, { unread: UNREAD });
      const script = join(ROOT, "bin/photon");
      const measured = await runToEnd(
        program(world, node, [script, "statusline"], machine),
        JSON.stringify({ session_id: session }),
      );
      if (measured.stdout !== `photon ${UNREAD}\n`) throw new Error(`It said ${measured.stdout}`);
      return measured;
    },
  };
}

/** The prompt hook is a call of the running server and starts no process. */
function promptCase(world: World): Case {
  const servers = new Map<string, RawServer>();
  return {
    what: "UserPromptSubmit: a call of the running server",
    budget: "15",
    async run(node) {
      const server = servers.get(node) ?? new RawServer(serverOf(world, node));
      if (!servers.has(node)) await server.handshake();
      servers.set(node, server);
      const start = performance.now();
      const args = { session_id: randomUUID(), prompt: "go on" };
      const stdout = await server.request("tools/call", { name: "prompt_hook", arguments: args });
      return { ms: performance.now() - start, stdout };
    },
    async end() {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}

function runHook(world: World, node: string, machine: Machine, file: string, event: object): Promise<Measured> {
  const input = { session_id: randomUUID(), cwd: world.project, ...event };
  return runToEnd(program(world, node, [join(ROOT, "dist/hooks", file)], machine), JSON.stringify(input));
}

function endEvent({ transcript }: World) {
  return { transcript_path: transcript, last_assistant_message: "Done.", reason: "other" };
}

function serverOf(world: World, node: string): Program {
  return program(world, node, [join(ROOT, "dist/server.mjs")], { name: "full", bridge: world.bridge });
}

function program(world: World, node: string, args: readonly string[], machine: Machine): Program {
  const home = homeOf(world, machine);
  mkdirSync(home, { recursive: true });
  const { name, bridge } = machine;
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return {
    node,
    args,
    cwd: world.project,
    env: {
      PATH: path.join(delimiter),
      HOME: home,
      LANG: "C.UTF-8",
      PHOTON_HOME: home,
      BRIDGE_MACHINE_ID: name,
      CLAUDE_PROJECT_DIR: world.project,
      ...(bridge ? { BRIDGE_WORKER_URL: bridge.url, BRIDGE_API_KEY: bridge.key } : {}),
    },
  };
}

function homeOf({ folder }: World, { name }: Machine): string {
  return join(folder, "machines", name);
}

async function outboxIsEmpty(home: string): Promise<void> {
  const outbox = join(home, "outbox");
  while (existsSync(outbox) && readdirSync(outbox).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}
