import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, it, vi } from "vitest";
import { LIVE_CLOSE } from "../../contract/live.ts";
import { requestTo } from "../../test/support/worker/bridge.ts";
import { extend, found, joined } from "../../test/support/worker/fleet.ts";
import type { JoiningMachine } from "../../test/support/worker/joining-machine.ts";
import { createApp } from "../app.ts";

beforeEach(() => reset());

it("a revocation closes the machine's sockets and refuses new ones; other machines' sockets stay open", async () => {
  const mac = await found();
  const pc = await joined("pc", mac);
  const app = createApp(Date.now);
  const line = ({ machineKey, name }: JoiningMachine) => {
    const headers = { authorization: `Bearer ${machineKey}`, upgrade: "websocket" };
    return app.fetch(requestTo("GET", `/live?reader=${name}`, { headers }), env);
  };
  const closed: [string, number][] = [];
  for (const machine of [mac, pc, pc]) {
    const { webSocket } = await line(machine);
    webSocket?.accept();
    webSocket?.addEventListener("close", ({ code }) => void closed.push([machine.name, code]));
  }
  await extend(mac, { type: "revoke", machine: pc.fingerprint });
  await vi.waitFor(() =>
    expect(closed).toEqual([
      ["pc", LIVE_CLOSE.reopen],
      ["pc", LIVE_CLOSE.reopen],
    ]),
  );
  expect([(await line(mac)).status, (await line(pc)).status]).toEqual([101, 401]);
});

it("a revoked machine is refused from its next request on, also at another Worker", async () => {
  const mac = await found();
  const pc = await joined("pc", mac);
  const other = createApp(Date.now);
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
