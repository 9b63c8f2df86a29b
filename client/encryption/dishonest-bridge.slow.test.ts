import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { encryptedPart, encryptedText } from "../../contract/encrypted.ts";
import type { MachineList } from "../../contract/machine-list.ts";
import { MAX_CONTENT_BYTES, Message, MessageDraft } from "../../contract/message.ts";
import { Members, TEST_BRIDGE } from "../../test/support/machines/members.ts";
import { photonPaths } from "../disk/paths.ts";
import type { OwnKeys } from "../machines/machine-keys.ts";
import { saveMachineList } from "../machines/machine-list-file.ts";
import { Membership } from "../machines/membership.ts";
import { signText } from "../machines/node-crypto.ts";
import { receive } from "../trust/receive.ts";
import { decryptWith, encryptFor } from "./age.ts";
import { openMessage } from "./decrypt-message.ts";
import { encryptMessage, receiversOf } from "./encrypt-message.ts";
import { formatSigned, parseSigned, textToSign } from "./signed-message.ts";

const AT = Date.parse("2026-11-23T10:00:00.000Z");
const ID = "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11";

let machineList: MachineList;
let mac: OwnKeys;
let pc: OwnKeys;
let box: OwnKeys;
beforeAll(async () => {
  const members = new Members();
  mac = await members.found("mac");
  pc = await members.join("pc", mac);
  box = await members.join("box", mac);
  machineList = members.machineList;
});

function noBridge(): never {
  throw new Error("The bridge is not needed here.");
}

interface Encrypted {
  readonly by?: OwnKeys;
  readonly fields?: Record<string, unknown>;
}

/** An encrypted message from mac to pc, as the bridge returns it. */
async function encrypted({ by = mac, fields = {} }: Encrypted = {}): Promise<Message> {
  const draft = MessageDraft.parse({
    ...{ id: ID, from: "mac/photon", to: "pc/photon", project: "photon", kind: "task", replyTo: randomUUID() },
    ...{ session: "s-1", hops: 2, content: "the words", tags: ["a tag"], work: { branch: "main", files: 2 } },
    ...fields,
  });
  const receivers = receiversOf(machineList, draft.to, by.fingerprint) ?? [];
  const order = Object.fromEntries(receivers.map(({ fingerprint }) => [fingerprint, 1]));
  const encryption = {
    machineList,
    keys: by,
    receivers,
    order,
    author: "person",
    sentAt: AT,
    work: draft.work,
  } as const;
  const { content, tags, ...rest } = await encryptMessage({ ...draft, id: draft.id ?? ID }, encryption);
  return Message.parse({ ...rest, content, tags, timestamp: new Date(AT).toISOString(), read: false });
}

const open = (message: Message, keys = pc, as: MachineList = machineList) => openMessage(message, as, keys);

describe("an encrypted message", () => {
  it("is decrypted completely by its recipient and its sender, and by no other machine", async () => {
    const message = await encrypted();
    expect(JSON.stringify(message)).not.toMatch(/the words|a tag/);
    for (const keys of [pc, mac]) {
      expect(await open(message, keys)).toMatchObject({
        state: "verified",
        signed: { content: "the words", tags: ["a tag"], author: "person" },
        sender: { name: "mac" },
      });
    }
    expect(await open(message, box)).toMatchObject({
      state: "unreadable",
      why: expect.stringContaining("other machines"),
    });
  });

  it.each([
    ["plain text", "x"],
    ["line ends", "a line\n"],
    ["quotes", '"\\'],
    ["characters of four bytes", "😀"],
    ["control characters", "\u0000\u0001\u001f"],
  ])("holds 256 KiB of %s, or is refused before it leaves", async (_, unit) => {
    const content = unit.repeat(Math.floor(MAX_CONTENT_BYTES / Buffer.byteLength(unit)));
    const outcome = await encrypted({ fields: { content } }).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "too_large" });
    else expect(await open(Message.parse(outcome))).toMatchObject({ state: "verified", signed: { content } });
  });

  it("is not a text that only starts like one", async () => {
    expect(await open(Message.parse({ ...(await encrypted()), content: "photon-sealed-1\nabc" }))).toBeNull();
  });
});

describe("a text that would take long to decrypt", () => {
  it("is rejected without trying, if it names thousands of recipients", async () => {
    const message = await encrypted();
    const whole = Buffer.from(encryptedPart(message.content) ?? "", "base64");
    const end = whole.indexOf("\n--- ");
    const [stanza = ""] = /-> X25519 \S+\n\S+\n/.exec(whole.toString("latin1")) ?? [];
    const many = Buffer.concat([
      whole.subarray(0, end + 1),
      Buffer.from(stanza.repeat(5_000)),
      whole.subarray(end + 1),
    ]);
    expect(stanza.length).toBeGreaterThan(50);
    const opened = await open({ ...message, content: encryptedText(many.toString("base64")) });
    expect(opened).toMatchObject({ state: "unreadable", why: "damaged or cut short on its way" });
  });
});

describe("a dishonest bridge is found out", () => {
  it.each([
    ["id", { id: randomUUID() }],
    ["sender", { from: "box/photon" }],
    ["sender's project", { from: "mac/other" }],
    ["receiver", { to: "pc" }],
    ["receiver, to everyone", { to: null }],
    ["project", { project: null }],
    ["kind", { kind: "handover" }],
    ["thread", { replyTo: randomUUID() }],
    ["thread, taken away", { replyTo: undefined }],
    ["session", { session: "s-2" }],
    ["count of answers", { hops: 0 }],
    ["branch", { work: { branch: "evil", files: 2 } }],
    ["number of files", { work: { branch: "main", files: 3 } }],
    ["work, taken away", { work: undefined }],
  ])("when it changes the %s", async (_, change) => {
    const changed = await open({ ...(await encrypted()), ...change } as Message);
    expect(changed?.state).toBe("forged");
    expect(JSON.stringify(changed)).not.toContain("the words");
  });

  it("when it puts the text of one message into another", async () => {
    const [first, second] = [await encrypted(), await encrypted({ fields: { id: randomUUID() } })];
    expect((await open({ ...second, content: first.content }))?.state).toBe("forged");
  });

  it("when it cuts a message short, anywhere", async () => {
    const message = await encrypted({ fields: { content: "x".repeat(200_000) } });
    const bytes = Buffer.from(encryptedPart(message.content) ?? "", "base64");
    const places = [
      0,
      1,
      100,
      200,
      400,
      65_536,
      65_552,
      131_200,
      bytes.length - 17,
      bytes.length - 16,
      bytes.length - 1,
    ];
    for (const place of places) {
      const content = encryptedText(bytes.subarray(0, place).toString("base64"));
      expect(await open({ ...message, content }), String(place)).toMatchObject({ state: "unreadable" });
    }
  });

  it("when it signs messages itself or with a made-up machine", async () => {
    const stranger = await new Members().found("mac");
    const message = await encrypted();
    const text = parseSigned(
      Buffer.from(
        await decryptWith(pc.identity, Buffer.from(encryptedPart(message.content) ?? "", "base64")),
      ).toString(),
    );
    const body = text?.body ?? "";
    const signature = signText(stranger.signing, textToSign(body));
    for (const by of [mac.fingerprint, stranger.fingerprint]) {
      const forged = await encryptFor([pc.recipient], Buffer.from(formatSigned({ by, signature, body })));
      const content = encryptedText(Buffer.from(forged).toString("base64"));
      expect(await open({ ...message, content })).toMatchObject({ state: "forged" });
    }
  });

  it("when a recipient encrypts a message again for a machine that it was not for", async () => {
    const message = await encrypted();
    const plain = await decryptWith(pc.identity, Buffer.from(encryptedPart(message.content) ?? "", "base64"));
    const content = encryptedText(Buffer.from(await encryptFor([box.recipient], plain)).toString("base64"));
    expect(await open({ ...message, content }, box)).toMatchObject({
      state: "forged",
      why: expect.stringContaining("did not encrypt it for"),
    });
  });

  it("when a machine sends in the name of another", async () => {
    const message = await encrypted({ by: box, fields: { from: "mac/photon" } });
    expect(await open(message)).toMatchObject({ state: "forged", why: expect.stringContaining("another machine") });
  });

  it("when it delivers new messages of a revoked machine, whatever their time", async () => {
    const members = new Members(AT - 60_000);
    const owner = await members.found("mac");
    const lost = await members.join("pc", owner);
    const before = members.machineList;
    await members.add(owner, { type: "revoke", machine: lost.fingerprint });
    const draft = MessageDraft.parse({ id: ID, from: "pc", to: "mac", content: "still me" });
    const receivers = receiversOf(before, "mac", lost.fingerprint) ?? [];
    const order = Object.fromEntries(receivers.map(({ fingerprint }) => [fingerprint, 1]));
    const encryption = {
      machineList: before,
      keys: lost,
      receivers,
      order,
      author: "agent",
      sentAt: AT,
      work: undefined,
    } as const;
    const out = await encryptMessage({ ...draft, id: ID }, encryption);
    const message = Message.parse({ ...out, timestamp: new Date(AT).toISOString(), read: false });
    const home = mkdtempSync(join(tmpdir(), "photon encryption "));
    const receivedBy = async (machine: string, as: MachineList) => {
      const paths = photonPaths({ PHOTON_HOME: join(home, machine) });
      saveMachineList(paths, TEST_BRIDGE, { machineList: as, checkedAt: Date.now(), seen: [] });
      const membership = new Membership(paths, owner, () => noBridge(), Date.now);
      return (await receive(paths, membership, [message]))[0]?.origin;
    };
    expect(await receivedBy("late", members.machineList)).toMatchObject({
      state: "unverified",
      remarks: [expect.stringContaining("revoked")],
    });
    expect(await receivedBy("early", before)).toMatchObject({ state: "verified" });
    expect(await receivedBy("early", members.machineList), "what was opened in time").toMatchObject({
      state: "verified",
    });
    rmSync(home, { recursive: true });
  });
});

/** Random cases of each kind per run. */
const RUNS = 500;

describe("anything in place of an encrypted message", () => {
  const never = async (content: string) => {
    const message = { ...(await base), content };
    const opened = await open(message);
    if (opened !== null) expect(["forged", "unreadable"]).toContain(opened.state);
  };
  let base: Promise<Message>;
  beforeAll(() => {
    base = encrypted();
  });

  it(`never decrypts and never throws: ${RUNS} random texts after the mark`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.base64String()), (text) =>
        never(encryptedText(text)),
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  it(`never decrypts: ${RUNS} changed messages`, async () => {
    const bytes = Buffer.from(encryptedPart((await base).content) ?? "", "base64");
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(40),
        async (at, flip, cut) => {
          const changed = Buffer.from(bytes);
          changed[at] = (changed[at] ?? 0) ^ flip;
          await never(
            encryptedText(changed.subarray(0, changed.length - (cut % 2 === 0 ? 0 : cut)).toString("base64")),
          );
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  it(`never counts as signed: ${RUNS} unsigned texts that were encrypted`, async () => {
    const text = parseSigned(
      Buffer.from(
        await decryptWith(pc.identity, Buffer.from(encryptedPart((await base).content) ?? "", "base64")),
      ).toString(),
    );
    const whole = formatSigned(text ?? { by: "", signature: "", body: "" });
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .tuple(fc.nat(whole.length - 1), fc.string({ maxLength: 4 }))
        .map(([at, put]) => whole.slice(0, at) + put + whole.slice(at + 1)),
    );
    await fc.assert(
      fc.asyncProperty(
        texts.filter((each) => each !== whole),
        async (each) => {
          const content = encryptedText(
            Buffer.from(await encryptFor([pc.recipient], Buffer.from(each))).toString("base64"),
          );
          await never(content);
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 60_000);
});
