import { createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Machine } from "./support/machine.ts";
import { eventually } from "./support/process.ts";
import { lineAtStart } from "./support/session.ts";
import { ALLOWED, makeWorld, TOOL, type World } from "./support/world.ts";

let world: World;
let mac: Machine;

beforeAll(async () => {
  world = await makeWorld();
  mac = await world.readyMachine("mac");
});
afterAll(() => world.end());

describe("while the bridge is down", () => {
  beforeAll(() => world.bridge.stop());

  it("a session starts, gets a one-line notice, and its messages are queued", async () => {
    const session = await mac.say("tell pc", {
      args: ALLOWED,
      model: [{ tool: `${TOOL}send_message`, input: { content: "while it was down", to: "pc" } }, "It waits."],
    });
    expect(session).toMatchObject({ code: 0, result: "It waits." });
    expect(lineAtStart(session)).toBe("Photon: the bridge cannot be reached.");
    expect(session.requests[0]?.text).not.toContain("the bridge cannot be reached");
    expect(session.requests[1]?.toolResults).toEqual([expect.stringContaining("Queued on this machine (1 waiting)")]);
    expect(session.hooks.filter(({ outcome }) => outcome !== "success")).toEqual([]);
  });

  it("the next session shows the number of queued messages", async () => {
    const session = await mac.say('/photon-send pc "and a second one"');
    expect(session.result).toMatch(/Queued on this machine for pc, not sent yet \(id \w{8}, 2\s+waiting\)/);
    expect(lineAtStart(session)).toBe("Photon: the bridge cannot be reached; 1 message waits on this machine.");
  });
});

describe("once the bridge is back", () => {
  beforeAll(() => world.bridge.start());

  it("the next session delivers the queued messages, in order and once", async () => {
    expect((await mac.say("hello")).code).toBe(0);
    const messages = await eventually("two messages on the bridge", async () => {
      const stored = await world.bridge.messages();
      return stored.length >= 2 ? stored : null;
    });
    expect(messages.map(({ content }) => content).reverse()).toEqual(["while it was down", "and a second one"]);
    const { result } = await mac.say("/photon-status");
    expect(result).toMatch(/^ *outbox +empty/m);
    expect(await world.bridge.messages()).toHaveLength(2);
  });
});

describe("while the bridge accepts connections and never answers", () => {
  const sockets = new Set<Socket>();
  let silent: Server;

  beforeAll(async () => {
    silent = createServer((socket) => {
      sockets.add(socket.on("error", () => {}));
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    mac.env.BRIDGE_WORKER_URL = `http://127.0.0.1:${address.port}`;
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it("the hook at a session's start is stopped by its budget, not by the client, and the session continues", async () => {
    const session = await mac.say("hello");
    expect(session).toMatchObject({ code: 0, result: "Done." });
    expect(sockets.size).toBeGreaterThan(0);
    // If the client stopped the hook, it would have no output and another outcome.
    expect(session.hooks.find(({ event }) => event === "SessionStart")).toMatchObject({ outcome: "success" });
    expect(lineAtStart(session)).toBe("Photon: the bridge cannot be reached.");
  });
});
