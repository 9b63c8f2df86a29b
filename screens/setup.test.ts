import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { photonPaths } from "../client/disk/paths.ts";
import { Mailbox } from "../client/mail/mailbox.ts";
import { loadConfig } from "../client/settings/config.ts";
import { RealBridge, type TestMachine } from "../test/support/real-bridge.ts";
import { setupScreen } from "./setup.ts";
import { statusScreen } from "./status.ts";
import { BARE_COMMANDS, PLAIN, type Viewer } from "./viewer.ts";

const PROGRAM = 'node "/plugins/photon/bin/photon"';
let bridge: RealBridge;
let folder: string;
beforeAll(async () => {
  bridge = await RealBridge.start();
  folder = mkdtempSync(join(tmpdir(), "photon setup "));
});
afterAll(async () => {
  await bridge.stop();
  rmSync(folder, { recursive: true });
});

const viewer = (machine: Omit<TestMachine, "config">): Viewer => ({
  ...{ mailbox: machine.mailbox, config: machine.mailbox.config, paths: machine.paths, env: machine.env, folder },
  ...{ session: null, isForClaude: false, isMarkdown: true, columns: 78, style: PLAIN, commands: BARE_COMMANDS },
});
const setup = async (machine: Omit<TestMachine, "config">) =>
  (await setupScreen(viewer(machine), PROGRAM)).text.replaceAll("\n", " ");

/** The order in which the ways are named. */
const JOIN_THEN_SETUP = /photon invite.*photon join <line>.*photon setup/;

describe("how to set this machine up", () => {
  it("names the invitation first on a machine that is not set up", async () => {
    const env = { PHOTON_HOME: join(folder, "new"), BRIDGE_MACHINE_ID: "new" };
    const paths = photonPaths(env);
    const text = await setup({ env, paths, mailbox: new Mailbox(loadConfig({ env, paths, folder }), paths) });
    expect(text).toMatch(/^Not set up: This machine has no bridge/);
    expect(text).toMatch(JOIN_THEN_SETUP);
    expect(text).toContain(`\`photon\` stands for:   ${PROGRAM}`);
    expect(text).toContain("Never type the line or the key into the conversation");
  });

  it("names it first on a machine with the shared key", async () => {
    const text = await setup(bridge.machine("shared"));
    expect(text).toMatch(/^This machine is set up: shared uses the shared key of /);
    expect(text).toMatch(JOIN_THEN_SETUP);
    expect(await setup(bridge.machine("typo", { key: "not-the-key" }))).toMatch(/does not accept the key.*photon join/);
  });

  it("never sends a machine that has joined to the shared key, also if it was revoked", async () => {
    const mac = await bridge.member("mac");
    const pc = await bridge.member("pc", { by: mac });
    expect(await setup(pc)).toMatch(/^This machine is set up: pc has joined .*`photon invite`/);
    expect(await setup(pc)).not.toContain("photon setup");
    expect((await statusScreen(viewer(pc))).text).toMatch(/^ *bridge .* answers, joined$/m);
    await mac.mailbox.membership?.extend({ type: "revoke", machine: pc.mailbox.membership?.keys.fingerprint ?? "" });
    const revoked = await setup(pc);
    expect(revoked).toMatch(
      /no longer accepts pc: it was revoked there\. .*another name: .*photon join <line> --machine/,
    );
    expect(revoked).not.toContain("photon setup");
    const status = await statusScreen(viewer(pc));
    expect(status.text).not.toContain("joined");
    expect(status.json).toMatchObject({ joined: false });
    expect(status.text.replace(/\n */g, " ")).toContain("no longer accepts this machine: it was revoked there");
  });
});
