import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { inject } from "vitest";
import { runPhoton } from "../../../cli/program.ts";

/** The CLI as users get it, in a plugin folder of its own with a space in its name. */
export interface BuiltCli {
  /** `bin/photon`, the script on a user's PATH. */
  readonly script: string;
  remove(): void;
}

/** A copy of what was built for this run. */
export async function buildCli(): Promise<BuiltCli> {
  const folder = mkdtempSync(join(tmpdir(), "photon cli "));
  for (const part of ["dist/photon.mjs", "dist/photon-main.mjs", "bin"]) {
    cpSync(join(inject("programs"), part), join(folder, part), { recursive: true });
  }
  return { script: join(folder, "bin", "photon"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** The process's environment, besides PATH, HOME and LANG. */
  readonly env: Readonly<Record<string, string>>;
  /** The text for stdin; without it, stdin is closed. */
  readonly stdin?: string | Buffer;
  readonly cwd?: string;
}

/**
 * Runs a command in this process, which takes a tenth of the time of a new one. For what only a process has (signals, pipes
 * that close, exit codes, Node's version) there is {@link runCli}.
 */
export async function runCommand(args: readonly string[], { env, stdin, cwd }: Surroundings): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const code = await runPhoton(args, {
    env: { ...bareEnv(env), ...env },
    folder: cwd ?? tmpdir(),
    stdin: Readable.from(stdin === undefined ? [] : [stdin]),
    stdout: {
      write(text) {
        stdout += text;
      },
    },
    stderr: {
      write(text) {
        stderr += text;
      },
    },
  });
  return { code, stdout, stderr };
}

interface ProcessOptions {
  readonly node?: string;
  /** The user that runs it; only root can choose another one. */
  readonly uid?: number;
}

/** Runs the CLI as a real process. Its stdin, stdout and stderr are pipes, never a terminal. */
export async function runCli(
  script: string,
  args: readonly string[],
  surroundings: Surroundings & ProcessOptions,
): Promise<Outcome> {
  const { env, stdin, cwd = tmpdir(), node = process.execPath, uid } = surroundings;
  const child = spawn(node, [script, ...args], {
    cwd,
    env: { ...bareEnv(env), ...env },
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  child.stdin?.on("error", () => undefined); // the process need not read all of it
  child.stdin?.end(stdin);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : null, stdout, stderr };
}

/** A new environment, without that of the tests. There is no terminal, so the person's consent comes from PHOTON_UNATTENDED. */
export function bareEnv({ PHOTON_HOME }: Readonly<Record<string, string>>): Record<string, string> {
  const home = PHOTON_HOME ?? tmpdir();
  return {
    ...{ PATH: process.env.PATH ?? "", HOME: home, TMPDIR: tmpdir(), LANG: "C.UTF-8", PHOTON_UNATTENDED: "1" },
    NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"), // a fifth of the time of a start
  };
}
