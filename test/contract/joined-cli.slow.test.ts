import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedPart } from "../../contract/encrypted.ts";
import {
  type BuiltCli,
  bareEnv,
  buildCli,
  type Outcome,
  runCommand,
  type Surroundings,
} from "../support/cli/built-cli.ts";
import { hasTmux, Tmux } from "../support/cli/tmux.ts";
import { RealBridge } from "../support/real-bridge.ts";

let cli: BuiltCli;
let bridge: RealBridge;
let folder: string;
/** A project with uncommitted work. */
let repository: string;

const home = (machine: string) => join(folder, machine);
const photon = (machine: string, args: readonly string[], more: Partial<Surroundings> = {}): Promise<Outcome> =>
  runCommand(args, { ...more, env: { PHOTON_HOME: home(machine), BRIDGE_PROJECT: "photon", ...more.env } });
const json = async (machine: string, args: readonly string[]) =>
  JSON.parse((await photon(machine, [...args, "--json"])).stdout);
/** The texts on the bridge, readable with the shared key. */
async function readable(): Promise<string> {
  const { messages } = await bridge.api.call("listMessages", { query: { limit: "100" } });
  return messages.map(({ content }) => (encryptedPart(content) === null ? content : "")).join();
}

beforeAll(async () => {
  [cli, bridge] = await Promise.all([buildCli(), RealBridge.start()]);
  folder = mkdtempSync(join(tmpdir(), "photon joined "));
  repository = join(folder, "repository");
  mkdirSync(repository);
  execFileSync("git", ["init", "-q", repository]);
  writeFileSync(join(repository, "parser.ts"), "export {};\n");
  for (const machine of ["mac", "pc"]) mkdirSync(home(machine));
  const setup = ["setup", "--url", bridge.url, "--key-stdin", "--machine", "mac"];
  expect(await photon("mac", setup, { stdin: bridge.key })).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await bridge.stop();
  cli.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe("the documented steps", () => {
  it("encrypts the first message and the first handover after a machine has joined", async () => {
    const { line } = await json("mac", ["invite"]);
    expect(await photon("pc", ["join", line, "--machine", "pc", "--no-hello"])).toMatchObject({ code: 0 });
    const sent = await photon("mac", ["send", "pc", "the launch code is tulip"]);
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining("\nEncrypted for pc.\n") });
    const handedOver = await photon("mac", ["handover", "--send"], { cwd: repository });
    expect(handedOver).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("\nEncrypted for pc.\nWith a capsule"),
    });
    expect(await json("mac", ["send", "everyone", "tulip"])).toMatchObject({ encryptedFor: ["mac", "pc"] });
    expect(await readable()).not.toMatch(/tulip|parser/);
  }, 60_000);

  it("suggests a similar name for an unknown one, and saves nothing", async () => {
    const outbox = () => readdirSync(join(home("mac"), "outbox"));
    const before = outbox(); // notes of the capsule that was sent
    for (const args of [
      ["send", "cp", "hi"],
      ["handover", "--send", "--to", "cp"],
    ]) {
      const { code, stderr } = await photon("mac", args, { cwd: repository });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("Did you mean pc?") });
    }
    expect(outbox()).toEqual(before);
    expect(before.filter((name) => !/^[0-9a-f]{64}\.(?:stored|sealed\.json)$/.test(name))).toEqual([]);
  });

  it("lets only a person allow unencrypted messages, at a terminal or in a script of their own", async () => {
    const allow = ["machines", "unencrypted", "box", "allow"];
    const inSession = await photon("mac", allow, { env: { CLAUDECODE: "1" } });
    expect(inSession).toMatchObject({ code: 1, stderr: expect.stringContaining("is for a person") });
    const unsure = await photon("mac", allow);
    expect(unsure).toMatchObject({ code: 2, stderr: expect.stringContaining("no terminal to ask at") });
    const notMine = await photon("mac", [...allow, "--yes"], { env: { PHOTON_UNATTENDED: "" } });
    expect(notMine).toMatchObject({ code: 1, stderr: expect.stringContaining("is for a person") });
    expect(await json("mac", ["machines", "unencrypted"])).toEqual({ unencrypted: [] });
    expect(await photon("mac", [...allow, "--yes"])).toMatchObject({ code: 0 });
    expect(await json("mac", ["machines", "unencrypted"])).toEqual({ unencrypted: ["box"] });
    await photon("mac", ["machines", "unencrypted", "box", "refuse"]);
  });

  it.skipIf(!hasTmux)("asks the person first (skipped where tmux is not installed)", async () => {
    const env = { ...bareEnv({ PHOTON_HOME: home("mac") }), PHOTON_HOME: home("mac") };
    const terminal = new Tmux([process.execPath, cli.script, "machines", "unencrypted", "box", "allow"], env);
    try {
      await terminal.shows("Send to box unencrypted?");
      terminal.type("y", "Enter");
      expect(await terminal.exitCode()).toBe(0);
    } finally {
      terminal.close();
    }
    const sent = await photon("mac", ["send", "box", "in the clear"]);
    expect(sent.stdout).toContain("Not encrypted, so the bridge can read it: box has not joined");
    expect(await photon("mac", ["machines", "trust", "pc", "work"])).toMatchObject({ code: 0 }); // the same file
    expect(await json("mac", ["machines", "unencrypted"])).toEqual({ unencrypted: ["box"] });
    await photon("mac", ["machines", "unencrypted", "box", "refuse"]);
    expect(await photon("mac", ["send", "box", "in the clear"])).toMatchObject({ code: 1 });
  });

  it("sends neither the key nor a message to an address that does not belong to the key", async () => {
    const seen: string[] = [];
    const attacker: Server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((resolve) => attacker.listen(0, "127.0.0.1", resolve));
    try {
      const address = attacker.address();
      const env = { BRIDGE_WORKER_URL: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` };
      const sent = await photon("mac", ["send", "pc", "the launch code is tulip"], { env });
      expect(sent.stdout + sent.stderr).toContain("nothing is sent");
      for (const args of [["inbox"], ["flush"], ["doctor"]]) await photon("mac", args, { env });
      expect(seen.filter((request) => request !== "GET /health ")).toEqual([]);
      // With a key that the attacker chose: none of this machine's earlier messages.
      await photon("mac", ["flush"], { env: { ...env, BRIDGE_API_KEY: "x" } });
      expect(seen.filter((request) => request.startsWith("POST"))).toEqual([]);
      const flushed = await json("mac", ["flush"]);
      expect(flushed).toMatchObject({ stored: 1, waiting: 0 });
    } finally {
      attacker.close();
    }
  }, 60_000);

  it.skipIf(!hasTmux)(
    "asks before it removes a machine (skipped where tmux is not installed)",
    async () => {
      const { line } = await json("mac", ["invite"]);
      mkdirSync(home("lamp"));
      expect(await photon("lamp", ["join", line, "--machine", "lamp", "--no-hello"])).toMatchObject({ code: 0 });
      const revoke = ["machines", "revoke", "lamp"];
      const { code, stderr } = await photon("mac", revoke);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("--yes") });
      const env = { ...bareEnv({ PHOTON_HOME: home("mac") }), PHOTON_HOME: home("mac") };
      for (const [answer, exitCode, status] of [
        ["n", 1, 0],
        ["y", 0, 1],
      ] as const) {
        const terminal = new Tmux([process.execPath, cli.script, ...revoke], env);
        try {
          await terminal.shows("Revoke lamp?");
          terminal.type(answer, "Enter");
          expect(await terminal.exitCode(), terminal.screen()).toBe(exitCode);
        } finally {
          terminal.close();
        }
        expect(await photon("lamp", ["inbox"])).toMatchObject({ code: status });
      }
    },
    60_000,
  );

  it("renames a machine that has joined, also by setup, and keeps its other settings", async () => {
    const { line } = await json("mac", ["invite"]);
    await photon("desk", ["join", line, "--machine", "desk", "--no-hello"]);
    const early = await json("mac", ["send", "desk", "to the old name"]);
    await json("mac", ["send", "everyone", "to everyone"]);
    await photon("desk", ["read", (await json("mac", ["send", "desk/photon", "read before"])).id]);
    expect(await photon("desk", ["setup", "--machine", "bureau"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("This machine is bureau."),
    });
    expect(await json("desk", ["status"])).toMatchObject({ machine: "bureau", joined: true });
    expect((await photon("mac", ["machines"])).stdout).toMatch(/bureau.*formerly desk/s);
    await json("mac", ["send", "desk", "later, to the old name"]);
    const { messages } = await json("desk", ["inbox"]);
    const texts = messages.map(({ content }: { content: string }) => content);
    expect(texts.filter((text: string) => !text.includes("joined later"))).toEqual([
      "later, to the old name",
      "to everyone",
      "to the old name",
    ]);
    await photon("desk", ["read", "--all"]); // also what was sent before it joined, and cannot be opened there
    expect((await json("desk", ["status"])).unread).toBe(0);
    expect((await photon("mac", ["read", early.id])).stdout).toMatch(/bureau: .*read/);
    expect((await photon("mac", ["send", "everyone", "who is there?"])).stdout).not.toMatch(/^desk:/m);
    expect(await photon("desk", ["setup", "--machine", "not a name"])).toMatchObject({ code: 2 });
    expect(await json("desk", ["status"])).toMatchObject({ machine: "bureau" });
  });

  it.skipIf(!hasTmux)("asks a new machine for its name (skipped where tmux is not installed)", async () => {
    const { line } = await json("mac", ["invite"]);
    const env = { ...bareEnv({ PHOTON_HOME: home("asked") }), PHOTON_HOME: home("asked") };
    const terminal = new Tmux([process.execPath, cli.script, "join", "--no-hello"], env);
    try {
      await terminal.shows("The line");
      terminal.type(line);
      await terminal.shows("Name of this machine");
      terminal.type("-2"); // after the host's name, which is proposed
      await terminal.shows("Should handovers take your uncommitted and unpushed changes along, encrypted");
      terminal.type("", "Right"); // to No
      terminal.type("");
      await terminal.shows("to the PATH");
      terminal.type("n");
      expect(await terminal.exitCode(), terminal.screen()).toBe(0);
      await terminal.shows("This machine has joined as");
    } finally {
      terminal.close();
    }
    expect(await json("asked", ["status"])).toMatchObject({
      machine: expect.stringMatching(/.-2$/),
      capsule: "explicit",
      workGoesAlong: false,
    });
  });

  it("lists what the bridge forbids, and sends it under another name", async () => {
    const ci = (name: string, args: readonly string[]) =>
      photon("ci", args, {
        env: { BRIDGE_WORKER_URL: bridge.url, BRIDGE_API_KEY: bridge.key, BRIDGE_MACHINE_ID: name },
      });
    expect(await ci("mac", ["send", "everyone", "built"])).toMatchObject({ code: 1 }); // a machine with keys has this name
    expect((await ci("mac", ["failed"])).stdout).toMatch(/to everyone, just now, "built"\n +held: /);
    expect(await ci("ci", ["failed", "retry", "--all"])).toMatchObject({ code: 0, stdout: "1 message sent.\n" });
    expect(await ci("ci", ["failed"])).toMatchObject({ stdout: expect.stringMatching(/^None/) });
  });

  it("leaves: goes from the list, says goodbye, and removes its keys and files but nothing else", async () => {
    const { line } = await json("mac", ["invite"]);
    await photon("guest", ["join", line, "--machine", "guest", "--no-hello"]);
    await photon("guest", ["send", "mac", "before I go"]);
    const others = ["config.json.bak", "log.txt", "not-photons.txt", "sessions.db"];
    for (const name of others) writeFileSync(join(home("guest"), name), "");
    writeFileSync(join(home("guest"), "bridge-key"), "a key");
    expect(await photon("guest", ["leave"])).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    expect(await photon("guest", ["leave", "--yes"], { env: { CLAUDECODE: "1" } })).toMatchObject({ code: 1 });
    expect(await json("guest", ["leave", "--goodbye", "--yes"])).toMatchObject({
      removed: true,
      goodbye: true,
      lost: 0,
    });
    expect(readdirSync(home("guest")).sort()).toEqual(others);
    const { messages } = await json("mac", ["inbox"]);
    expect(messages[0]).toMatchObject({ content: "guest has left this bridge." });
    expect((await photon("mac", ["machines"])).stdout).toMatch(/^Left \(their names stay reserved\): guest$/m);
    expect((await photon("mac", ["log"])).stdout).toMatch(/ guest left$/m);
    expect(await photon("guest", ["status"])).toMatchObject({ code: 1 });
  });

  it("does not let the only owner leave the others behind", async () => {
    const { code, stderr } = await photon("mac", ["leave", "--yes"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("photon machines owner") });
    expect(await photon("mac", ["status"])).toMatchObject({ code: 0 });
  });

  it("says on a removed machine that its key is no longer accepted, keeps the message, and does not say queued", async () => {
    await photon("mac", ["machines", "revoke", "pc", "--yes"]);
    const { code, stdout, stderr } = await photon("pc", ["send", "mac", "hello?"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^photon: Not sent: The bridge does not accept this machine's key.*photon join/);
    const handover = await photon("pc", ["handover", "--send", "--no-capsule"], { cwd: repository });
    expect(handover).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("Not sent: The bridge") });
    expect(readdirSync(join(home("pc"), "outbox")).filter((name) => name.endsWith(".json"))).toHaveLength(2);
  });

  it("does not say handed over while the handover is only queued", async () => {
    await bridge.kill();
    const { code, stdout } = await photon("mac", ["handover", "--send"], { cwd: repository });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Not handed over yet: /) });
    await bridge.restart();
  }, 60_000);
});
