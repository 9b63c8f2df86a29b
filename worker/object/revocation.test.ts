import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, it, vi } from "vitest";
import { LIVE_CLOSE } from "../../../contract/live.ts";
import { systemAmbient } from "../../ambient.ts";
import { createApp } from "../../app.ts";
import { requestTo } from "../../testing/bridge.ts";
import { extend, found, joined } from "../../testing/fleet.ts";
import type { JoiningMachine } from "../../testing/joining-machine.ts";

beforeEach(() => reset());

it("a machine that was taken out hears nothing more, and the others open their line again", async () => {
  const mac = await found();
  const pc = await joined("pc", mac);
  const app = createApp(systemAmbient());
  const line = ({ machineKey, name }: JoiningMachine) => {
    const headers = { authorization: `Bearer ${machineKey}`, upgrade: "websocket" };
    return app.fetch(requestTo("GET", `/live?machine=${name}`, { headers }), env);
  };
  const closed: number[] = [];
  for (const machine of [mac, pc]) {
    const { webSocket } = await line(machine);
    webSocket?.accept();
    webSocket?.addEventListener("close", ({ code }) => closed.push(code));
  }
  await extend(mac, { type: "revoke", machine: pc.fingerprint });
  await vi.waitFor(() => expect(closed).toEqual([LIVE_CLOSE.reopen, LIVE_CLOSE.reopen]));
  expect([(await line(mac)).status, (await line(pc)).status]).toEqual([101, 401]);
});

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
