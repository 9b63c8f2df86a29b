import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writePrivateJson } from "../client/disk/private-file.ts";
import { UNKNOWN_ID } from "../test/support/mac-with-bridge.ts";
import { ScriptedBridge } from "../test/support/scripted-bridge.ts";
import { macEnv, ServerProcess, temporaryHome } from "../test/support/server-process.ts";

let bridge: ScriptedBridge;
let home: ReturnType<typeof temporaryHome>;
let server: ServerProcess;

beforeEach(async () => {
  bridge = await ScriptedBridge.start();
  home = temporaryHome();
});
afterEach(async () => {
  await server.stop();
  await bridge.stop();
  home.remove();
});

const start = async (env: Record<string, string>) => {
  server = await ServerProcess.start(env);
};
const outbox = () => {
  const folder = join(home.path, "outbox");
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe("a machine that is not set up", () => {
  it("hears from every tool what is missing and what to do, and keeps sent messages", async () => {
    await start({ PHOTON_HOME: home.path, BRIDGE_MACHINE_ID: "mac" });
    for (const [name, args] of [
      ["check_messages", {}],
      ["read_messages", {}],
      ["mark_read", { message_id: UNKNOWN_ID }],
      ["clear_messages", { confirm: true }],
      ["hand_over", {}],
    ] as const) {
      const { text, isError } = await server.call(name, args);
      expect(isError).toBe(true);
      expect(text).toMatch(/^Not set up: .*no bridge.*\/photon:setup/);
    }
    const sent = await server.call("send_message", { content: "hi", to: "pc" });
    expect(sent.isError).toBe(false);
    expect(sent.text).toMatch(/^Queued on this machine \(1 waiting\), not sent yet: Not set up: /);
    expect(outbox()).toHaveLength(1);
    expect((await server.call("check_messages")).text).toContain("1 message stays on this machine");
  });

  it("works from the next call after `photon setup` on, and follows later changes of the settings", async () => {
    await start({ PHOTON_HOME: home.path, BRIDGE_PROJECT: "photon" });
    await server.call("send_message", { content: "hi", to: "pc" });
    const write = (machineId: string) =>
      writePrivateJson(join(home.path, "config.json"), { workerUrl: bridge.url, apiKey: "k", machineId });
    write("laptop");
    expect((await server.call("check_messages")).text).toContain("This is machine laptop, project photon");
    expect(bridge.messages).toMatchObject([{ content: "hi" }]);
    write("renamed-laptop");
    expect((await server.call("check_messages")).text).toContain("This is machine renamed-laptop");
  });

  it("names the invalid setting, without its value", async () => {
    await start({ ...macEnv(home.path, "ftp://secret.example") });
    const { text } = await server.call("check_messages");
    expect(text).toMatch(/address from the environment/);
    expect(text).not.toContain("secret");
  });
});
