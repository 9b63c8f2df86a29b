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
  it("is told by every tool what is missing and where to go, and keeps what is sent", async () => {
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
      expect(text).toMatch(/^Not set up: This machine does not know the bridge's address .*Run \/photon:setup\./);
    }
    const sent = await server.call("send_message", { content: "hi", to: "pc" });
    expect(sent.isError).toBe(false);
    expect(sent.text).toMatch(/^Queued on this machine \(1 waiting\), not sent yet: Not set up: /);
    expect(outbox()).toHaveLength(1);
    expect((await server.call("check_messages")).text).toContain("Messages waiting on this machine until then: 1.");
  });

  it("works from the next call on when `photon setup` has written the file, and follows it when it changes", async () => {
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

  it("is told which value cannot be used, without the value", async () => {
    await start({ ...macEnv(home.path, "ftp://secret.example") });
    const { text } = await server.call("check_messages");
    expect(text).toContain("The bridge's address from the environment is not a web address.");
    expect(text).not.toContain("secret");
  });
});
