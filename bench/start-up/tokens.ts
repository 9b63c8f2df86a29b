import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { usersNode } from "../../scripts/users-node.ts";
import { ROOT } from "./world.ts";

/** How much of the context window Photon uses. */
export interface Tokens {
  /** The real client's own estimate for every session, and the client's version. */
  readonly alwaysOn: number;
  readonly client: string;
  readonly tools: number;
  readonly toolCount: number;
  readonly instructions: number;
  readonly startEmpty: number;
  readonly startFull: number;
}

const Initialized = z.looseObject({ result: z.looseObject({ instructions: z.string() }) });
const Listed = z.looseObject({ result: z.looseObject({ tools: z.array(z.unknown()) }) });
const HookOutput = z.looseObject({
  hookSpecificOutput: z.looseObject({ additionalContext: z.string() }).optional(),
});

/** Estimates the tokens of the output of the server and the hook, and asks the client for its own count. */
export function measureTokens(said: {
  readonly initialized: string;
  readonly tools: string;
  readonly startEmpty: string;
  readonly startFull: string;
}): Tokens {
  const { tools } = Listed.parse(JSON.parse(said.tools)).result;
  return {
    ...askClient(),
    tools: estimate(JSON.stringify(tools)),
    toolCount: tools.length,
    instructions: estimate(Initialized.parse(JSON.parse(said.initialized)).result.instructions),
    startEmpty: injected(said.startEmpty),
    startFull: injected(said.startFull),
  };
}

function injected(hookOutput: string): number {
  if (hookOutput === "") return 0;
  return estimate(HookOutput.parse(JSON.parse(hookOutput)).hookSpecificOutput?.additionalContext ?? "");
}

/** Four characters per token: a rule of thumb for English text, slightly high for JSON. */
function estimate(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Installs the plugin in the real client, with its own home folder and without network. */
function askClient(): { alwaysOn: number; client: string } {
  const home = mkdtempSync(join(tmpdir(), "photon-bench-home-"));
  const plugin = join(home, "photon");
  const claude = (...args: string[]) =>
    execFileSync(join(ROOT, "test/e2e/node_modules/.bin/claude"), args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: `${dirname(usersNode())}:/usr/bin:/bin`,
        HOME: home,
        LANG: "C.UTF-8",
        ANTHROPIC_API_KEY: "dummy",
        // Nothing listens there. With its default address the client would wait 18 s per command when offline.
        ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
        DISABLE_TELEMETRY: "1",
        DISABLE_ERROR_REPORTING: "1",
        DISABLE_AUTOUPDATER: "1",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      },
    });
  try {
    copyTracked(plugin);
    claude("plugin", "marketplace", "add", plugin);
    claude("plugin", "install", "photon@photon");
    const [, alwaysOn] = /Always-on:\s+~?(\d+) tok/.exec(claude("plugin", "details", "photon@photon")) ?? [];
    if (alwaysOn === undefined) throw new Error("`claude plugin details` names no always-on tokens.");
    return { alwaysOn: Number(alwaysOn), client: claude("--version").trim() };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Copies the files of a clone, because the client copies the whole folder and ours has node_modules. */
function copyTracked(folder: string): void {
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  for (const path of listed.split("\0").filter((name) => name !== "" && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(folder, path));
  }
}
