import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { createApp } from "./app.ts";
import type { Env } from "./env.ts";
import { requestTo } from "./testing/bridge.ts";
import { extend, found, joined } from "./testing/fleet.ts";
import type { JoiningMachine } from "./testing/joining-machine.ts";
import { manualAmbient } from "./testing/manual-ambient.ts";

beforeEach(() => reset());

/** Another place of the same bridge: it knows what it has asked the registry, and hears of nothing else. */
function elsewhere(bindings: Env = env) {
  const ambient = manualAmbient(Date.now());
  const app = createApp(ambient);
  const ask = async (key: string, reader: string) => {
    const headers = { authorization: `Bearer ${key}` };
    return (await app.fetch(requestTo("GET", `/unread?reader=${reader}`, { headers }), bindings)).status;
  };
  return { ambient, ask, asMachine: ({ machineKey, name }: JoiningMachine) => ask(machineKey, name) };
}

describe("a Worker that was not told", () => {
  it("believes a machine's key for half a minute after it was taken out, and not a second longer", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    const other = elsewhere();
    expect(await other.asMachine(pc)).toBe(200);
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    other.ambient.time += 29_000;
    expect(await other.asMachine(pc)).toBe(200);
    other.ambient.time += 2_000;
    expect(await other.asMachine(pc)).toBe(401);
  });

  it("takes the shared key for half a minute after it was locked", async () => {
    const mac = await found();
    const other = elsewhere();
    expect(await other.ask(env.BRIDGE_API_KEY, "lamp")).toBe(200);
    await extend(mac, { type: "lock" });
    other.ambient.time += 31_000;
    expect(await other.ask(env.BRIDGE_API_KEY, "lamp")).toBe(401);
  });

  it("knows a machine that joins from its first request on, also when it came too early", async () => {
    const mac = await found();
    const other = elsewhere();
    const pc = await joined("pc", mac);
    expect(await other.ask(`${pc.machineKey.slice(0, -2)}AA`, "pc")).toBe(401);
    expect(await other.asMachine(pc)).toBe(200);
  });

  it("lets nobody in while the registry cannot be asked", async () => {
    const mac = await found();
    const broken = { getByName: () => ({ ask: async () => Promise.reject(new Error("overloaded")) }) };
    const { ask, asMachine } = elsewhere({ ...env, REGISTRY: Object.assign(Object.create(env.REGISTRY), broken) });
    expect([await asMachine(mac), await ask(env.BRIDGE_API_KEY, "lamp")]).toEqual([503, 503]);
  });
});

describe("a Worker without a registry", () => {
  it("has the shared key alone, and no list", async () => {
    const mac = await found();
    const { REGISTRY: _, ...bindings } = env;
    const { ask, asMachine } = elsewhere(bindings);
    expect([await ask(env.BRIDGE_API_KEY, "mac"), await asMachine(mac)]).toEqual([200, 401]);
    const app = createApp(manualAmbient(Date.now()));
    expect((await app.fetch(requestTo("GET", "/roster"), bindings)).status).toBe(404);
  });
});
