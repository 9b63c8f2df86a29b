import { reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { ROUTES } from "../../../contract/api.ts";
import { encryptedText } from "../../../contract/encrypted.ts";
import { call } from "../../../test/support/worker/bridge.ts";
import { callAs, extend, found, joined } from "../../../test/support/worker/fleet.ts";
import type { JoiningMachine } from "../../../test/support/worker/joining-machine.ts";

const ENCRYPTED = encryptedText("QUFBQQ==");

let mac: JoiningMachine;

beforeEach(async () => {
  await reset();
  mac = await found();
});

async function send(to: string | null, more: object = {}): Promise<string> {
  const response = await callAs(mac, "POST", "/messages", { content: ENCRYPTED, from: "mac/shop", to, ...more });
  return ROUTES.sendMessage.answer.parse(await response.json()).id;
}

async function unread(machine: JoiningMachine, reader: string, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${machine.machineKey}`;
  return call("GET", `/unread?reader=${reader}`, { headers: { authorization, ...headers } });
}

async function summary(machine: JoiningMachine, reader: string) {
  return ROUTES.unread.answer.parse(await (await unread(machine, reader)).json());
}

async function listed(machine: JoiningMachine, query: string): Promise<string[]> {
  const response = await callAs(machine, "GET", `/messages?${query}`);
  return ROUTES.listMessages.answer.parse(await response.json()).messages.map(({ id }) => id);
}

describe("encrypted broadcasts from before a machine joined", () => {
  it("are neither counted nor listed for it, also after a rename; everything else is", async () => {
    await send(null);
    await send("*/shop");
    await send(null, { kind: "handover" });
    const byName = await send("pc"); // for a machine of this name, whichever keys it has
    const plain = await send(null, { content: "hello" });
    const pc = await joined("pc", mac);
    const later = await send("*/shop");
    for (const name of ["pc", "desk"]) {
      if (name === "desk") expect((await extend(pc, { type: "rename", name })).status).toBe(201);
      expect(await summary(pc, `${name}/shop`)).toMatchObject({ unread: 3, handovers: 0 });
      for (const query of [`reader=${name}/shop`, `reader=${name}&unread=true`, `reader=${name}&from=mac`])
        expect(await listed(pc, query)).toEqual([later, plain, byName]);
    }
    expect(await listed(mac, "from=mac&limit=100")).toHaveLength(6);
  });

  it("leave the counts that a machine had under the shared key, although no message came in between", async () => {
    await send(null);
    const before = await call("GET", "/unread?reader=pc");
    expect(ROUTES.unread.answer.parse(await before.json())).toMatchObject({ unread: 1 });
    const pc = await joined("pc", mac);
    const response = await unread(pc, "pc", { "if-none-match": before.headers.get("etag") ?? "" });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ unread: 0 });
  });

  it("are told apart by the bridge's order of messages, not by a clock", async () => {
    const last = await send("mac");
    const { timestamp } = ROUTES.getMessage.answer.parse(await (await callAs(mac, "GET", `/messages/${last}`)).json());
    const pc = await joined("pc", mac);
    const first = await send(null);
    expect(await listed(pc, "reader=pc")).toEqual([first]);
    const { machines } = ROUTES.machines.answer.parse(await (await callAs(mac, "GET", "/machines")).json());
    const { mailSince = "" } = machines.find(({ machine }) => machine === "pc") ?? {};
    expect(Date.parse(mailSince)).toBe(Date.parse(timestamp) + 1);
  });
});
