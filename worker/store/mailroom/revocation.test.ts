import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { systemAmbient } from "../../ambient.ts";
import { createApp } from "../../app.ts";
import { requestTo } from "../../testing/bridge.ts";
import { extend, found, joined } from "../../testing/fleet.ts";

beforeEach(() => reset());

it("on the live bridge a machine that was taken out is out at once, also for a Worker that was not told", async () => {
  const mac = await found();
  const pc = await joined("pc", mac);
  const other = createApp(systemAmbient());
  const ask = async () =>
    (
      await other.fetch(
        requestTo("GET", "/unread?reader=pc", { headers: { authorization: `Bearer ${pc.machineKey}` } }),
        env,
      )
    ).status;
  expect(await ask()).toBe(200);
  await extend(mac, { type: "revoke", machine: pc.fingerprint });
  expect(await ask()).toBe(401);
});
