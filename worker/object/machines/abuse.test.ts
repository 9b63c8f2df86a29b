import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { ROUTES } from "../../contract/api.ts";
import type { AuditEntry } from "../../contract/roster.ts";
import { systemAmbient } from "../ambient.ts";
import { createApp } from "../app.ts";
import { call, problemOf, requestTo, storedKeys } from "../testing/bridge.ts";
import { callAs, extend, found, joined } from "../testing/fleet.ts";
import type { JoiningMachine } from "../testing/joining-machine.ts";
import { QUOTA_BYTES } from "./quota.ts";

beforeEach(() => reset());

const registry = () => env.REGISTRY.getByName("registry");

async function logOf(
  machine: JoiningMachine,
  query = "",
): Promise<{ entries: AuditEntry[]; cursor?: string | undefined }> {
  return ROUTES.auditLog.answer.parse(await (await callAs(machine, "GET", `/log${query}`)).json());
}

describe("the audit list", () => {
  it("says who did what, newest first, page after page, and never a key, a secret or a text", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    await extend(pc, { type: "rename", name: "desk" });
    const wrong = { authorization: `Bearer photon_${"x".repeat(43)}`, "cf-connecting-ip": "198.51.100.7" };
    await call("GET", "/unread?reader=pc", { headers: wrong });
    await callAs(pc, "POST", "/messages", { content: "the text of a message", from: "desk" });
    await callAs(mac, "DELETE", "/messages?confirm=true");
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    await extend(mac, { type: "lock" });
    const { entries } = await logOf(mac);
    expect(entries.map(({ what, by, about }) => [what, by, about])).toEqual([
      ["locked", "mac", undefined],
      ["revoked", "mac", "desk"],
      ["cleared", "mac", undefined],
      ["failed_key", undefined, undefined],
      ["renamed", "pc", "desk"],
      ["joined", "pc", "invited by mac"],
      ["invited", "mac", "a machine"],
      ["founded", "mac", undefined],
    ]);
    expect(entries[3]).toMatchObject({ address: "198.51.100.7" });
    const said = JSON.stringify(entries);
    for (const secret of ["xxxx", "the text", mac.machineKey, pc.machineKey]) expect(said).not.toContain(secret);

    const first = await logOf(mac, "?limit=5");
    const rest = await logOf(mac, `?limit=5&cursor=${first.cursor}`);
    expect([...first.entries, ...rest.entries]).toEqual(entries);
    expect(rest.cursor).toBeUndefined();
  });

  it("lists two hundred wrong keys of a day, and then says that there are more", async () => {
    const mac = await found();
    for (let tries = 0; tries < 205; tries++) await registry().ask("failedKey", ["198.51.100.8"]);
    const pages = [await logOf(mac, "?limit=100")];
    for (let { cursor } = pages[0] ?? {}; cursor; cursor = pages.at(-1)?.cursor) {
      pages.push(await logOf(mac, `?limit=100&cursor=${cursor}`));
    }
    const failed = pages.flatMap(({ entries }) => entries).filter(({ what }) => what === "failed_key");
    expect(failed).toHaveLength(201);
    expect(failed[0]?.about).toContain("not listed");
    expect(failed[1]?.about).toBeUndefined();
  });
});

describe("the quota of a machine", () => {
  const body = (from: string) => ({ content: "x".repeat(1000), from });

  it("refuses what would be too much, stores nothing of it, and leaves other machines alone", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    await registry().ask("spend", [pc.fingerprint, QUOTA_BYTES - 1500, 60]);
    expect((await callAs(pc, "POST", "/messages", body("pc"))).status).toBe(201);
    const before = await storedKeys();
    expect(await problemOf(await callAs(pc, "POST", "/messages", body("pc")))).toMatchObject({
      status: 507,
      code: "quota_exceeded",
    });
    const bytes = new Uint8Array(1000);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const capsule = new Request(`https://bridge.example/capsules/${sha}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${pc.machineKey}`, "content-type": "application/octet-stream" },
      body: bytes,
    });
    expect((await createApp(systemAmbient()).fetch(capsule, env)).status).toBe(507);
    expect(await storedKeys()).toEqual(before);
    expect((await callAs(mac, "POST", "/messages", body("mac"))).status).toBe(201);
    expect((await call("POST", "/messages", { body: body("lamp") })).status).toBe(201);
  });
});

describe("rates", () => {
  const app = createApp(systemAmbient());
  const never = (limited: readonly string[]) => ({
    limit: async ({ key = "" }: { key?: string }) => ({ success: !limited.includes(key) }),
  });

  it("are counted for each key: whoever asks too often is refused alone", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    const bindings = { ...env, REQUESTS: never([pc.fingerprint]) };
    const ask = ({ machineKey, name }: JoiningMachine) =>
      app.fetch(
        requestTo("GET", `/unread?reader=${name}`, { headers: { authorization: `Bearer ${machineKey}` } }),
        bindings,
      );
    expect((await ask(mac)).status).toBe(200);
    const refused = await ask(pc);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: "rate_limited" });
  });

  it("of joining are counted for each address, before the registry is asked", async () => {
    const bindings = { ...env, JOINS: never(["198.51.100.9"]) };
    const { REGISTRY: _, ...withoutRegistry } = bindings;
    const look = (address: string, on: typeof withoutRegistry) =>
      app.fetch(requestTo("GET", `/invites/${"0".repeat(32)}`, { headers: { "cf-connecting-ip": address } }), on);
    expect((await look("198.51.100.9", withoutRegistry)).status).toBe(429);
    expect((await look("198.51.100.10", bindings)).status).toBe(403);
  });
});
