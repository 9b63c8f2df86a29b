import { readdirSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { encryptedPart } from "../../contract/encrypted.ts";
import manifest from "../../package.json" with { type: "json" };
import type { Machine } from "./support/machine.ts";
import { lineAtStart } from "./support/session.ts";
import { ALLOWED, makeWorld, TOOL, type World } from "./support/world.ts";

let world: World;
let mac: Machine;

beforeAll(async () => {
  world = await makeWorld();
  mac = await world.machine("mac");
});
afterAll(() => world.end());

async function validate(target: string, cwd: string): Promise<void> {
  const { code, stdout, stderr } = await mac.claude(["plugin", "validate", "--strict", target], cwd);
  expect({ target, code, said: code === 0 ? "" : stdout + stderr }).toEqual({ target, code: 0, said: "" });
}

describe("the plugin as the client sees it", () => {
  it("passes the client's own strict validation, as a marketplace and as a plugin", async () => {
    await validate(".", world.repository);
    await validate(".claude-plugin/plugin.json", world.repository);
  });

  it("has a mod whose source matches the client's types", async () => {
    // The client checks all files in a mod's folder against its sandbox, so the mod's file is copied on its own.
    const folder = join(world.folder, "mod alone");
    await mkdir(join(folder, "hooks"), { recursive: true });
    await cp(join(world.repository, ".claude-plugin"), join(folder, ".claude-plugin"), { recursive: true });
    await cp(join(world.repository, "hooks/register.ts"), join(folder, "hooks/register.ts"));
    await writeFile(join(folder, "hooks/hooks.json"), JSON.stringify({ modules: ["./register.ts"] }));
    await validate(".", folder);
  });

  it("costs a session at most 150 tokens before its first use", async () => {
    const details = await mac.mustClaude(["plugin", "details", "photon@photon"]);
    const tokens = /Always-on:\s+~(\d+) tok/.exec(details)?.[1];
    expect(Number(tokens)).toBeLessThanOrEqual(150);
    expect(details).toMatch(/Hooks \(6\) +SessionStart, UserPromptSubmit, Stop, StopFailure, PreCompact, SessionEnd/);
    expect(details).toMatch(/Skills \(6\) +handover, inbox, resume, send, setup, status/);
  });

  it("asks for nothing when it is installed", async () => {
    const [plugin] = z.array(z.looseObject({})).parse(JSON.parse(await mac.mustClaude(["plugin", "list", "--json"])));
    expect(plugin).toMatchObject({ id: "photon@photon", enabled: true });
    expect(plugin).not.toHaveProperty("hasUserConfig");
  });

  it("is seen by the doctor in the client's own files: installed, switched off and on, run in place, gone", async () => {
    /** The `photon` of mac, for a user whose home is another. */
    const doctor = async (home = mac.home) => {
      const { stdout } = await mac.photon(["doctor", "--json"], "", { HOME: home });
      return z.looseObject({ plugin: z.looseObject({}) }).parse(JSON.parse(stdout)).plugin;
    };
    const asInstalled = { installed: true, enabled: true, version: manifest.version, folder: mac.pluginFolder };
    expect(await doctor()).toMatchObject(asInstalled);
    await mac.mustClaude(["plugin", "disable", "photon@photon"]);
    expect(await doctor()).toMatchObject({ installed: true, enabled: false });
    await mac.mustClaude(["plugin", "enable", "photon@photon"]);
    expect(await doctor()).toMatchObject(asInstalled);

    const other = await world.machine("other");
    await other.mustClaude(["plugin", "uninstall", "photon@photon"]);
    await other.mustClaude(["plugin", "marketplace", "remove", "photon"]);
    expect(await doctor(other.home)).toMatchObject({ installed: false, enabled: false });
    await other.mustClaude(["plugin", "marketplace", "add", world.repository]);
    await other.mustClaude(["plugin", "install", "photon@photon"]);
    expect(await doctor(other.home)).toMatchObject({ ...asInstalled, folder: join(world.repository, "dist") });
  });

  it("is installed as a copy of dist/ alone, and the client fetches no packages for it", () => {
    const paths = readdirSync(join(mac.home, ".claude"), { recursive: true, encoding: "utf8" });
    expect(paths.filter((path) => path.endsWith("node_modules"))).toEqual([]);
    expect(paths).toContain(join(mac.pluginFolder, "server.mjs").slice(join(mac.home, ".claude/").length));
  });
});

describe("a session on a machine that is not set up", () => {
  it("works, shows once how to set up, and its tools say what to do", async () => {
    const session = await mac.say("hello", {
      args: ALLOWED,
      model: [{ tool: `${TOOL}check_messages`, input: {} }, "Hello to you."],
    });
    expect(session).toMatchObject({ code: 0, result: "Hello to you." });
    expect(session.servers).toMatchObject([{ name: "plugin:photon:photon", status: "connected" }]);
    expect(lineAtStart(session)).toMatch(/^Photon is not set up on this machine yet.*\/photon:setup/);
    expect(session.requests[1]?.toolResults).toEqual([expect.stringContaining("/photon:setup")]);
    expect(session.hooks.filter(({ outcome }) => outcome !== "success")).toEqual([]);

    expect(lineAtStart(await mac.say("hello again"))).toBeNull();
  });

  it("queues messages, and delivers them once the machine is set up", async () => {
    const session = await mac.say('/photon-send everyone "sent too early"');
    expect(session.result?.replace(/\s+/g, " ")).toMatch(/Not sent: .* The message stays on this machine/);
    expect(await world.bridge.messages()).toEqual([]);

    const { code, stderr } = await mac.photon(
      ["setup", "--url", world.bridge.url, "--key-stdin", "--machine", "mac"],
      world.key,
    );
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    await mac.say("/photon-status");
    const messages = await world.bridge.messages();
    expect(messages).toMatchObject([{ from: "mac/demo", to: null }]);
    expect(encryptedPart(messages[0]?.content ?? "")).not.toBeNull(); // setup made it a machine that encrypts
    expect((await mac.photon(["status"])).stdout).toMatch(/^ *outbox +empty/m);
    expect((await mac.photon(["doctor"])).stdout).toMatch(/^ok +hooks +last ran /m);
  });
});
