import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { CLAUDE } from "./support/environment.ts";
import type { Machine } from "./support/machine.ts";
import { run } from "./support/process.ts";
import { NO_TERMINAL, Terminal } from "./support/terminal.ts";
import { makeWorld, type World } from "./support/world.ts";

const Invited = z.object({ line: z.string() });

/** What a toolchain leaves in a clone, as a part of a gigabyte: 64 MB. */
const TOOLCHAIN_BYTES = 64 * 1024 * 1024;

let world: World;
let mac: Machine;
let pc: Machine;

beforeAll(async () => {
  world = await makeWorld();
  mkdirSync(join(world.repository, "node_modules"));
  writeFileSync(join(world.repository, "node_modules", "toolchain"), Buffer.alloc(TOOLCHAIN_BYTES));
  writeFileSync(join(world.folder, "key"), world.key);
  mkdirSync(join(world.folder, "programs"));
  symlinkSync(CLAUDE, join(world.folder, "programs", "claude"));
  [mac, pc] = await Promise.all([world.newMachine("mac"), world.newMachine("pc")]);
  for (const machine of [mac, pc]) {
    const { PATH } = machine.inTerminal([]).env;
    Object.assign(machine.env, { PATH: `${join(world.folder, "programs")}:${PATH}`, SHELL: "/bin/bash" });
  }
});
afterAll(() => world.end());

/** A shell as a person's terminal starts it, so that it reads their profile. */
function shell(machine: Machine, command: string) {
  return run("bash", ["-ic", command], { cwd: machine.project, env: machine.inTerminal([]).env });
}

/** Runs a command in the clone, and answers its questions with Enter alone. */
async function answeringYes(machine: Machine, command: string): Promise<string> {
  const at = await Terminal.open({
    program: "bash",
    args: ["--norc", "-c", `${command}; echo "ended with $?"`],
    cwd: world.repository,
    env: machine.inTerminal([]).env,
    until: /◆|ended with/,
  });
  try {
    await at.pressUntil("Enter", /ended with \d/);
    return await at.screen();
  } finally {
    await at.close();
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

describe.skipIf(NO_TERMINAL)("from a clone to the first message (skipped without tmux)", () => {
  it("takes setup, invite and join, which install the plugin and make `photon` a command", async () => {
    const key = join(world.folder, "key");
    const setUp = await answeringYes(
      mac,
      `bin/photon setup --url ${world.bridge.url} --key-file "${key}" --machine mac`,
    );
    expect(setUp).toContain("The plugin is installed in Claude Code.");
    expect(setUp).toContain("New terminals find `photon`");
    expect(setUp).toContain("ended with 0");

    mac.env.PHOTON_UNATTENDED = "1"; // this shell has no terminal
    const { line } = Invited.parse(JSON.parse((await shell(mac, "photon invite --json")).stdout));
    const joined = await answeringYes(pc, `bin/photon join ${line} --machine pc`);
    expect(joined).toContain("The plugin is installed in Claude Code.");
    expect(joined).toContain("New terminals find `photon`");

    await mac.say('/photon-send pc "the CRLF fix is on branch crlf"');
    const session = await pc.open();
    await session.shows(/Photon: 1 unread|photon: 1/);
    await session.close();
    expect(await shell(pc, "photon inbox")).toMatchObject({
      stdout: expect.stringContaining("the CRLF fix is on branch crlf"),
    });
  });

  it("asks nothing the second time", async () => {
    const again = await answeringYes(
      mac,
      `bash -ic 'bin/photon setup --machine mac --key-file "${join(world.folder, "key")}" --url ${world.bridge.url}'`,
    );
    expect(again).not.toMatch(/Install Photon's plugin|to the PATH/);
  });

  it("copies no toolchain from the clone", () => {
    expect(bytesIn(join(mac.home, ".claude"))).toBeLessThan(TOOLCHAIN_BYTES / 2);
  });
});
