import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { ROUTES } from "../../../contract/api.ts";
import type { AuditEntry } from "../../../contract/machine-list.ts";
import { bridgeObject, call, problemOf, requestTo, stored } from "../../../test/support/worker/bridge.ts";
import { callAs, extend, found, joined } from "../../../test/support/worker/fleet.ts";
import type { JoiningMachine } from "../../../test/support/worker/joining-machine.ts";
import { createApp } from "../../app.ts";
import { Database } from "../database.ts";
import { AuditLog } from "./audit-log.ts";
import { QUOTA_BYTES, Quota } from "./quota.ts";

beforeEach(() => reset());

async function logOf(
  machine: JoiningMachine,
  query = "",
): Promise<{ entries: AuditEntry[]; cursor?: string | undefined }> {
  return ROUTES.auditLog.answer.parse(await (await callAs(machine, "GET", `/log${query}`)).json());
}

describe("the audit log", () => {
  it("lists who did what, newest first, in pages, and never a key, a secret or a text", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    await extend(pc, { type: "rename", name: "desk" });
    const wrong = { authorization: `Bearer photon_${"x".repeat(43)}`, "cf-connecting-ip": "198.51.100.7" };
    await call("GET", "/unread?reader=pc", { headers: wrong });
    await callAs(pc, "POST", "/messages", { content: "the text of a message", from: "desk" });
    await callAs(mac, "DELETE", "/messages?confirm=true");
    await extend(mac, { type: "revoke", machine: pc.fingerprint });
    await callAs(pc, "GET", "/unread?reader=desk");
    await extend(mac, { type: "lock" });
    const { entries } = await logOf(mac);
    expect(entries.map(({ what, by, about }) => [what, by, about])).toEqual([
      ["locked", "mac", undefined],
      ["failed_key", "desk", undefined], // its old key
      ["revoked", "mac", "desk"],
      ["cleared", "mac", undefined],
      ["failed_key", undefined, undefined],
      ["renamed", "pc", "desk"],
      ["joined", "pc", "invited by mac"],
      ["invited", "mac", "a machine"],
      ["founded", "mac", undefined],
    ]);
    expect(entries[4]).toMatchObject({ address: "198.51.100.7" });
    const said = JSON.stringify(entries);
    for (const secret of ["xxxx", "the text", mac.machineKey, pc.machineKey]) expect(said).not.toContain(secret);

    const first = await logOf(mac, "?limit=5");
    const rest = await logOf(mac, `?limit=5&cursor=${first.cursor}`);
    expect([...first.entries, ...rest.entries]).toEqual(entries);
    expect(rest.cursor).toBeUndefined();
  });

  it("lists twenty requests by strangers per day, and then says that there are more", async () => {
    const mac = await found();
    for (let times = 0; times < 25; times++) await bridgeObject().noteWrongKey("198.51.100.8");
    const { entries } = await logOf(mac, "?limit=100");
    const failed = entries.filter(({ what }) => what === "failed_key");
    expect(failed).toHaveLength(20);
    expect(failed[0]?.about).toContain("not listed");
    expect(failed[1]?.about).toBeUndefined();
  });

  it("keeps an entry for 400 days, however many strangers add", async () => {
    await runInDurableObject(bridgeObject(), (_, { storage }) => {
      const log = new AuditLog(new Database(storage.sql));
      const day = 24 * 60 * 60_000;
      log.add({ what: "joined", by: "mac" }, 0);
      for (let at = 1; at <= 390; at++) for (let i = 0; i < 30; i++) log.addStranger({ what: "failed_key" }, at * day);
      const whats = () => storage.sql.exec<{ what: string }>("SELECT what FROM audit").toArray();
      expect(whats().filter(({ what }) => what === "joined")).toHaveLength(1);
      log.add({ what: "locked" }, 401 * day);
      expect(whats().filter(({ what }) => what === "joined")).toHaveLength(0);
    });
  });
});

describe("the quota of a machine", () => {
  const body = (from: string) => ({ content: "x".repeat(1000), from });
  const bytes = new Uint8Array(1000);
  const put = async ({ machineKey }: JoiningMachine) => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const request = new Request(`https://bridge.example/capsules/${sha}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${machineKey}`, "content-type": "application/octet-stream" },
      body: bytes,
    });
    return createApp(Date.now).fetch(request, env);
  };
  /** Makes the machine look as if it had stored this many bytes. */
  const spend = ({ fingerprint }: JoiningMachine, spent: number) =>
    runInDurableObject(bridgeObject(), (_, { storage }) =>
      new Quota(new Database(storage.sql)).spendMessage(fingerprint, spent, 60, Date.now()),
    );

  it("refuses messages and capsules beyond it, stores nothing of them, and does not affect other machines", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    await spend(pc, QUOTA_BYTES - 1500);
    expect((await callAs(pc, "POST", "/messages", body("pc"))).status).toBe(201);
    const before = await stored();
    expect(await problemOf(await callAs(pc, "POST", "/messages", body("pc")))).toMatchObject({
      status: 507,
      code: "quota_exceeded",
    });
    expect((await put(pc)).status).toBe(507);
    expect(await stored()).toEqual(before);
    expect((await callAs(mac, "POST", "/messages", body("mac"))).status).toBe(201);
    expect((await call("POST", "/messages", { body: body("lamp") })).status).toBe(201);
  });

  it("counts a repeated message or capsule part once, so that retries are not refused", async () => {
    const pc = await found("pc");
    await spend(pc, QUOTA_BYTES - 2500);
    const draft = { ...body("pc"), id: "10000000-0000-4000-8000-000000000001" };
    for (let times = 0; times < 4; times++) {
      expect((await callAs(pc, "POST", "/messages", draft)).status).toBe(times === 0 ? 201 : 200);
      expect((await put(pc)).status).toBe(201);
    }
  });

  it("is free again after stored data expired", async () => {
    await runInDurableObject(bridgeObject(), (_, { storage }) => {
      const quota = new Quota(new Database(storage.sql));
      const day = 24 * 60 * 60_000;
      quota.spendMessage("pc", QUOTA_BYTES, 24 * 60 * 60, 0);
      expect(() => quota.spendMessage("pc", 1, 60, day)).toThrow("256 MB");
      expect(() => quota.spendMessage("pc", QUOTA_BYTES, 60, 2 * day)).not.toThrow();
    });
  });
});

describe("rates", () => {
  const app = createApp(Date.now);
  const never = (limited: readonly string[]) => ({
    limit: async ({ key = "" }: { key?: string }) => ({ success: !limited.includes(key) }),
  });

  it("are counted per key: only the key that is used too often is refused", async () => {
    const mac = await found();
    const pc = await joined("pc", mac);
    const bindings = { ...env, REQUESTS: never([pc.keyHash()]) };
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

  it("of joins are counted per address, before the object is asked", async () => {
    const bindings = { ...env, JOINS: never(["198.51.100.9"]) };
    const { BRIDGE: _, ...withoutObject } = bindings;
    const look = (address: string, on: typeof withoutObject) =>
      app.fetch(requestTo("GET", `/invites/${"0".repeat(32)}`, { headers: { "cf-connecting-ip": address } }), on);
    expect((await look("198.51.100.9", withoutObject)).status).toBe(429);
    expect((await look("198.51.100.10", bindings)).status).toBe(403);
  });
});
