import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { machineFromHost } from "../../client/settings/identity.ts";
import { type BuiltCli, buildCli, type Outcome } from "../../test/support/cli/built-cli.ts";
import { nodeVersions } from "../../test/support/hooks/built-hooks.ts";
import { RealBridge } from "../../test/support/real-bridge.ts";

/** A user id that the system does not know, as in many containers; only root can start a process with it. */
const UNKNOWN_USER = 54_321;
const canBeUnknown = process.platform === "linux" && process.getuid?.() === 0;

let bridge: RealBridge;
let cli: BuiltCli;
beforeAll(async () => {
  bridge = await RealBridge.start();
  cli = await buildCli();
  chmodSync(join(dirname(cli.script), ".."), 0o755);
});
afterAll(async () => {
  await bridge.stop();
  cli.remove();
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon job "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Job {
  readonly env?: Readonly<Record<string, string>>;
  readonly node?: string;
  readonly uid?: number;
  readonly flags?: readonly string[];
}

/** `echo "build red" | photon send mac --kind task` with only these variables: no PATH, no HOME, no terminal. */
async function send({ env = {}, node = process.execPath, uid, flags = [] }: Job): Promise<Outcome> {
  const child = spawn(node, [cli.script, "send", "mac", "--kind", "task", ...flags], {
    cwd: folder,
    env: { BRIDGE_WORKER_URL: bridge.url, BRIDGE_API_KEY: bridge.key, BRIDGE_MACHINE_ID: "ci", ...env },
    stdio: ["pipe", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end("build red\n");
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text) => {
      said[name] += text;
    });
  }
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : null, ...said };
}

async function stored(from: string): Promise<string[]> {
  const { messages } = await bridge.api.call("listMessages", { query: { from, kind: "task" } });
  return messages.map(({ content }) => content);
}

/** A home where not even root can create a file. */
function unwritableHome(): string {
  const file = join(folder, "no folder");
  writeFileSync(file, "");
  return file;
}

describe("photon send from CI or cron, with only its own variables set", () => {
  it.each(nodeVersions())(
    "reaches the bridge without a writable home, under Node $version",
    async ({ version, node }) => {
      const name = `ci-${version.split(".")[0]}`;
      const { code, stdout, stderr } = await send({ node, env: { BRIDGE_MACHINE_ID: name, HOME: unwritableHome() } });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^Stored on the bridge for mac \(id /);
      expect(await stored(name)).toEqual(["build red"]);
    },
  );

  it.skipIf(!canBeUnknown)("reaches the bridge as an unknown user without a home (needs root)", async () => {
    const { code, stderr } = await send({ uid: UNKNOWN_USER, env: { BRIDGE_MACHINE_ID: "container" } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await stored("container")).toEqual(["build red"]);
  });

  it("writes nothing into the job's folder if HOME is empty", async () => {
    expect((await send({ env: { BRIDGE_MACHINE_ID: "empty", HOME: "" } })).code).toBe(0);
    expect(await stored("empty")).toEqual(["build red"]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("names the sender after the host without BRIDGE_MACHINE_ID, and says so", async () => {
    const env = { BRIDGE_MACHINE_ID: "", BRIDGE_PROJECT: "photon", HOME: unwritableHome() };
    const { code, stdout, stderr } = await send({ env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Stored/);
    expect(stderr).toMatch(/^photon: Sent as [^\n]*BRIDGE_MACHINE_ID[^\n]*\n$/);
    expect(stderr).toContain(`Sent as ${machineFromHost()}/photon,`);
    expect(await stored(`${machineFromHost()}/photon`)).toEqual(["build red"]);
    const json = await send({ env, flags: ["--json"] });
    expect(JSON.parse(json.stdout)).toMatchObject({
      state: "stored",
      from: `${machineFromHost()}/photon`,
      isHostName: true,
    });
    expect(json.stderr).toBe("");
  });

  it("fails if the bridge is away and nothing can be saved, and queues the message if it can", async () => {
    const away = { BRIDGE_WORKER_URL: "http://127.0.0.1:1" };
    const lost = await send({ env: { ...away, HOME: unwritableHome() } });
    expect(lost).toMatchObject({ code: 1, stdout: "" });
    expect(lost.stderr).toMatch(/^photon: Not sent, .*cannot be reached.*could not be kept on this machine either/);
    const home = join(folder, "home");
    mkdirSync(home);
    await bridge.kill();
    const kept = await send({ env: { HOME: home, PHOTON_HOME: home }, flags: ["--json"] });
    expect(kept.code).toBe(0);
    expect(JSON.parse(kept.stdout)).toMatchObject({ state: "queued", waiting: 1 });
    expect(readdirSync(join(home, "outbox"))).toHaveLength(1);
    await bridge.restart();
    expect((await send({ env: { PHOTON_HOME: home, BRIDGE_MACHINE_ID: "later" } })).code).toBe(0);
    expect(readdirSync(join(home, "outbox"))).toEqual([]);
    expect(await stored("later")).toEqual(["build red"]);
  });

  it("fails if the bridge refuses the key and nothing can be saved", async () => {
    const { code, stdout, stderr } = await send({
      env: { BRIDGE_API_KEY: "wrong-key-0123456789", HOME: unwritableHome() },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("Not sent");
  });
});
