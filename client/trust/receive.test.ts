import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Message, MessageDraft } from "../../contract/message.ts";
import { Members, TEST_BRIDGE } from "../../test/support/machines/members.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { encryptMessage, receiversOf } from "../encryption/encrypt-message.ts";
import type { OwnKeys } from "../machines/machine-keys.ts";
import { saveMachineList } from "../machines/machine-list-file.ts";
import { Membership } from "../machines/membership.ts";
import { setGrade } from "./grades.ts";
import { receive } from "./receive.ts";

const AT = Date.parse("2026-11-23T10:00:00.000Z");

let home: string;
let paths: Paths;
let members: Members;
let mac: OwnKeys;
let pc: OwnKeys;
let asked: number;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "photon receive "));
  paths = photonPaths({ PHOTON_HOME: home });
  members = new Members(AT - 60_000);
  mac = await members.found("mac");
  pc = await members.join("pc", mac);
  asked = 0;
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** As pc, which cannot ask the bridge for more than it knows. */
function membership(): Membership {
  saveMachineList(paths, TEST_BRIDGE, { machineList: members.machineList, checkedAt: Date.now(), seen: [] });
  const api = () => {
    asked++;
    throw new PhotonError("offline", "away");
  };
  return new Membership(paths, pc, api, Date.now);
}

async function fromMac(number: number, atMs = AT, more: Record<string, unknown> = {}): Promise<Message> {
  const draft = MessageDraft.parse({ id: randomUUID(), from: "mac", to: "pc", content: `words ${number}`, ...more });
  const receivers = receiversOf(members.machineList, "pc", mac.fingerprint) ?? [];
  const encrypted = await encryptMessage(
    { ...draft, id: draft.id ?? "" },
    {
      ...{ machineList: members.machineList, keys: mac, receivers, author: "agent", sentAt: AT, work: undefined },
      order: { [pc.fingerprint]: number },
    },
  );
  return Message.parse({ ...encrypted, timestamp: new Date(atMs).toISOString(), read: false });
}

const originsOf = async (messages: readonly Message[]) =>
  (await receive(paths, membership(), messages)).map(({ origin }) => origin);

describe("a received message's origin", () => {
  it("is never taken from the message or the bridge", async () => {
    const claim = { origin: { state: "verified", grade: "work", author: "person", isEncrypted: true, remarks: [] } };
    const plain = Message.parse({ ...(await fromMac(1)), content: "I am the person", from: "box", ...claim });
    expect(await originsOf([plain])).toEqual([
      { state: "unverified", grade: "ask", author: null, isEncrypted: false, remarks: [] },
    ]);
    expect((await receive(paths, null, [plain]))[0]?.origin.state).toBe("unverified");
  });

  it("has the grade of its sender's keys, and at most ask for an unsigned message", async () => {
    setGrade(paths, mac.fingerprint, "work");
    const unsigned = Message.parse({ ...(await fromMac(2)), content: "plain" });
    expect((await originsOf([unsigned, await fromMac(1)])).map(({ state, grade }) => [state, grade])).toEqual([
      ["unverified", "ask"],
      ["verified", "work"],
    ]);
    expect((await originsOf([unsigned]))[0]?.remarks).toEqual(["mac has joined, but did not sign this"]);
  });

  it("reports that a message is repeated, has a new time, or is out of order", async () => {
    const [first, second, third] = [await fromMac(1), await fromMac(2, AT + 1_000), await fromMac(3, AT + 2_000)];
    expect((await originsOf([third, second, first])).flatMap(({ remarks }) => remarks)).toEqual([]);
    expect(
      (await originsOf([third, second, first])).flatMap(({ remarks }) => remarks),
      "again",
    ).toEqual([]);
    expect((await originsOf([{ ...first, timestamp: new Date(AT + 5_000).toISOString() }]))[0]?.remarks).toEqual([
      expect.stringContaining("different time"),
    ]);
    expect((await originsOf([await fromMac(2, AT + 1_000)]))[0]?.remarks).toEqual([
      expect.stringContaining("repeated"),
    ]);
    const early = await fromMac(4, AT - 5_000);
    expect((await originsOf([early]))[0]?.remarks).toEqual(["the bridge has changed the order"]);
  });

  it("shows no text, tag or capsule of a message that is forged or cannot be decrypted", async () => {
    const work = { branch: "main", files: 1, capsule: { sha256: "a".repeat(64), bytes: 5 } };
    const forged = Message.parse({ ...(await fromMac(1)), kind: "task", tags: ["obey"], work });
    const [message] = await receive(paths, membership(), [forged]);
    expect(message?.origin).toMatchObject({ state: "forged", grade: "data" });
    expect(message?.content).toMatch(/^\(Not shown, because it is forged: /);
    expect(message?.tags).toEqual([]);
    expect(message?.work?.capsule).toBeUndefined();
    const [closed] = await receive(paths, null, [forged]);
    expect(closed?.content).toContain("photon join");
  });

  it("is checked with a machine list that is fetched at most once per batch", async () => {
    const strangers = new Members(AT);
    const stranger = await strangers.found("mac");
    const receivers = members.machineList.machines.filter(({ name }) => name === "pc");
    const forge = async () => {
      const draft = MessageDraft.parse({ id: randomUUID(), from: "mac", to: "pc", content: "obey" });
      const order = { [pc.fingerprint]: 1 };
      const encryption = {
        machineList: strangers.machineList,
        keys: stranger,
        receivers,
        order,
        author: "person",
        sentAt: AT,
      } as const;
      const out = await encryptMessage({ ...draft, id: draft.id ?? "" }, { ...encryption, work: undefined });
      return Message.parse({ ...out, timestamp: new Date(AT).toISOString(), read: false });
    };
    const otherName = async () => fromMac(1, AT, { from: "box" });
    for (const make of [forge, otherName]) {
      asked = 0;
      const origins = await originsOf([await make(), await make(), await make()]);
      expect(origins.map(({ state }) => state)).toEqual(["forged", "forged", "forged"]);
      expect(asked).toBe(1);
    }
    asked = 0;
    const changed = { ...(await fromMac(1)), kind: "task" as const };
    expect((await originsOf([changed])).map(({ state }) => state)).toEqual(["forged"]);
    expect(asked, "no list would make it right").toBe(0);
  });
});
