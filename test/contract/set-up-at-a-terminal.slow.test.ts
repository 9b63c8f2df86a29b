import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCli, bareEnv, buildCli, runCommand } from "../support/cli/built-cli.ts";
import { hasTmux, Tmux } from "../support/cli/tmux.ts";
import { RealBridge } from "../support/real-bridge.ts";

let cli: BuiltCli;
let bridge: RealBridge;
let folder: string;
let terminal: Tmux | null = null;

const home = (machine: string) => join(folder, machine);
const photon = (machine: string, args: readonly string[], stdin = "") =>
  runCommand(args, { env: { PHOTON_HOME: home(machine) }, stdin });
const saved = (machine: string) => JSON.parse(readFileSync(join(home(machine), "config.json"), "utf8"));
const line = async () => JSON.parse((await photon("vm", ["invite", "--json"])).stdout).line;

function at(machine: string, args: readonly string[], { columns = 80, env = {} } = {}): Tmux {
  const variables = { ...bareEnv({ PHOTON_HOME: home(machine) }), PHOTON_HOME: home(machine), ...env };
  terminal = new Tmux([process.execPath, cli.script, ...args], variables, columns);
  return terminal;
}

beforeAll(async () => {
  [cli, bridge] = await Promise.all([buildCli(), RealBridge.start()]);
  folder = mkdtempSync(join(tmpdir(), "photon terminal "));
  for (const machine of ["vm", "second", "third", "first", "fourth"]) mkdirSync(home(machine));
  const setup = ["setup", "--url", bridge.url, "--key-stdin", "--machine", "vm"];
  expect(await photon("vm", setup, bridge.key)).toMatchObject({ code: 0 });
}, 120_000);
afterEach(() => {
  terminal?.close();
  terminal = null;
});
afterAll(async () => {
  await bridge.stop();
  cli.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasTmux)("a narrow terminal (skipped where tmux is not installed)", () => {
  it.each([60, 80])("shows what is to be copied in one piece, at %d columns", async (columns) => {
    const invite = at("vm", ["invite"], { columns });
    expect(await invite.exitCode()).toBe(0);
    expect(invite.lines().join("\n")).toMatch(/^ {2}bin\/photon join http:\S+\/join#\S{40,}$/m);
    await invite.shows("Other computers cannot reach");
    invite.close();

    const setup = at("vm", ["setup", "--machine", "vm", "--url", bridge.url], {
      columns,
      env: { BRIDGE_API_KEY: bridge.key },
    });
    await setup.shows("to the PATH");
    setup.type("n");
    await setup.exitCode();
    expect(setup.lines().join("\n")).toMatch(/^ {2}export PATH="\$PATH:.+"$/m);
  });
});

describe("the first machine (skipped where tmux is not installed)", () => {
  it.skipIf(!hasTmux)(
    "is asked once whether its work goes along, and a no is one command away from a yes",
    async () => {
      const own = await RealBridge.start();
      try {
        const options = ["setup", "--machine", "first", "--url", own.url];
        for (const isFirst of [true, false]) {
          const setup = at("first", options, { env: { BRIDGE_API_KEY: own.key } });
          if (isFirst) {
            await setup.shows("Should handovers take");
            setup.type("", "Right"); // to No. An "n" answers at once, and its Enter would answer the next question
            setup.type("");
          }
          await setup.shows("to the PATH");
          setup.type("n");
          expect(await setup.exitCode()).toBe(0);
          setup.close();
          terminal = null;
          expect(saved("first").capsule).toBe("explicit");
        }
        const status = await photon("first", ["status"]);
        expect(status.stdout).toContain("go along only when you hand over. `photon setup --capsule");
        const change = await runCommand(["setup", "--capsule", "encrypted"], {
          env: { PHOTON_HOME: home("first"), PHOTON_UNATTENDED: "1" },
          stdin: "",
        });
        expect(change).toMatchObject({
          code: 0,
          stdout: expect.stringContaining("go along with handovers, encrypted"),
        });
      } finally {
        await own.stop();
      }
    },
  );
});

describe("a machine whose settings say it already (skipped where tmux is not installed)", () => {
  it.skipIf(!hasTmux)("is not asked whether its work goes along", async () => {
    const join = at("fourth", ["join", await line(), "--machine", "fourth"], { env: { PHOTON_CAPSULE: "off" } });
    await join.shows("to the PATH");
    join.type("n");
    expect(await join.exitCode()).toBe(0);
    expect(join.screen()).not.toContain("Should handovers");
    expect(saved("fourth")).not.toHaveProperty("capsule");
  });
});

describe("a name that a machine which joined has reserved", () => {
  it("is the reason that setup and join give without a terminal", async () => {
    const setup = ["setup", "--url", bridge.url, "--key-stdin", "--machine", "vm"];
    for (const outcome of [
      await photon("second", setup, bridge.key),
      await photon("second", ["join", await line(), "--machine", "vm"]),
    ]) {
      expect(outcome).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/Another machine has or had the name vm\..*--machine/s),
      });
      expect(outcome.stderr).not.toContain("BRIDGE_API_KEY");
    }
  });

  it.skipIf(!hasTmux)("makes join ask for another one at a terminal", async () => {
    const join = at("second", ["join", await line(), "--machine", "vm"]);
    await join.shows("Another machine has or had the name vm");
    join.type("");
    await join.shows("Should handovers take");
    join.type(""); // Enter means yes, which is the default and is not written
    await join.shows("to the PATH");
    join.type("n");
    expect(await join.exitCode()).toBe(0);
    expect(saved("second")).toEqual({
      workerUrl: bridge.url,
      apiKey: expect.stringMatching(/^photon_/),
      machineId: "vm-2",
    });
    const status = JSON.parse((await photon("second", ["status", "--json"])).stdout);
    expect(status).toMatchObject({ capsule: "encrypted", workGoesAlong: true });
  });

  it.skipIf(!hasTmux)("makes setup ask for another one at a terminal", async () => {
    const setup = at("third", ["setup", "--url", bridge.url, "--machine", "vm-2"], {
      env: { BRIDGE_API_KEY: bridge.key },
    });
    await setup.shows("Another machine has or had the name vm-2");
    setup.type("");
    await setup.shows("to the PATH");
    setup.type("n");
    expect(await setup.exitCode()).toBe(0);
    expect(saved("third")).toMatchObject({ machineId: "vm-3" });
  });

  it.skipIf(!hasTmux)("is announced before a machine leaves", async () => {
    const leave = at("second", ["leave"]);
    await leave.shows("stays reserved there");
    leave.type("n");
    expect(await leave.exitCode()).toBe(1);
  });
});
