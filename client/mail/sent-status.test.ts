import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptedBridge } from "../../test/support/scripted-bridge.ts";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { saveMachines } from "../machines/machines-cache.ts";
import { loadConfig } from "../settings/config.ts";
import { failureLine, unreportedFailures } from "./failure-line.ts";
import { Mailbox } from "./mailbox.ts";
import { noteFailureTold, readFailed } from "./outbox-folder.ts";
import { readSent } from "./sent-log.ts";
import { receivers, recipientsLine, sentStatus } from "./sent-status.ts";

let home: string;
let paths: Paths;
let bridge: ScriptedBridge;
let mailbox: Mailbox;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "photon sent "));
  paths = photonPaths({ PHOTON_HOME: home });
  bridge = await ScriptedBridge.start();
  const env = {
    BRIDGE_WORKER_URL: bridge.url,
    BRIDGE_API_KEY: "key",
    BRIDGE_MACHINE_ID: "mac",
    BRIDGE_PROJECT: "photon",
  };
  mailbox = new Mailbox(loadConfig({ env, paths, folder: home }), paths);
});
afterEach(async () => {
  await mailbox.close();
  await bridge.stop();
  rmSync(home, { recursive: true, force: true });
});

const status = (limit = 10, now = Date.now()) => sentStatus(mailbox, paths, limit, now);

describe("the status of sent messages", () => {
  it("begins with the queued messages, newest first, and shows the receipts of the others", async () => {
    const { id } = await mailbox.outbox.send({ content: "one\nwith a second line", to: "pc" });
    await mailbox.outbox.send({ content: "two", to: "linux" });
    await bridge.stop();
    await mailbox.outbox.send({ content: "three", to: "pc" });
    await mailbox.outbox.send({ content: "four" });
    expect(await status()).toMatchObject([
      { preview: "four", to: null, state: "queued", line: "queued on this machine" },
      { preview: "three", to: "pc", state: "queued" },
    ]);
    await bridge.restart();
    bridge.receive({ from: "linux" });
    bridge.messages = bridge.messages.map((message) =>
      message.id === id ? { ...message, receipts: [{ machine: "pc", readAt: message.timestamp }] } : message,
    );
    expect(await status()).toMatchObject([
      { preview: "four", state: "queued" },
      { preview: "three", state: "queued" },
      { preview: "two", state: "stored", line: expect.stringMatching(/^linux: stored, last seen /) },
      { preview: "one with a second line", state: "stored", line: expect.stringMatching(/^pc: read \d\d:\d\d$/) },
    ]);
    expect(await status(1)).toMatchObject([{ preview: "four" }]);
  });

  it("says why a message is gone: it expired or was deleted", async () => {
    await mailbox.outbox.send({ content: "short", to: "pc", expiresInSeconds: 60 });
    await mailbox.outbox.send({ content: "long", to: "pc" });
    await mailbox.outbox.send({ content: "work", to: "pc", kind: "handover" });
    await mailbox.clear();
    const inAnHour = Date.now() + 60 * 60_000;
    expect(await status(10, inAnHour)).toMatchObject([
      { preview: "work", state: "deleted", line: "replaced by a newer one, or deleted" },
      { preview: "long", state: "deleted", line: "deleted on the bridge" },
      {
        preview: "short",
        state: "expired",
        line: expect.stringMatching(/^expired .*: its sender set this time$/),
      },
    ]);
    const inAMonth = Date.now() + 31 * 24 * 60 * 60_000;
    expect((await status(10, inAMonth))[1]).toMatchObject({
      state: "expired",
      line: expect.stringContaining("30 days"),
    });
  });

  it("begins a handover with its goal, not with the headings of its page, queued or stored", async () => {
    const content = "# Handover: shop\n\n## Goal\n\n> Fix the parser\n\n## Git\n\nBranch `main`\n";
    await bridge.stop();
    await mailbox.outbox.send({ content, to: "pc", kind: "handover" });
    expect(await status()).toMatchObject([{ state: "queued", preview: "Fix the parser" }]);
    await bridge.restart();
    await mailbox.outbox.flush();
    expect(await status()).toMatchObject([{ state: "stored", preview: "Fix the parser" }]);
    await mailbox.outbox.send({ content: "# Handover: shop\n\n## Git\n\nBranch `main`", to: "pc", kind: "handover" });
    expect((await status())[0]?.preview).toBe("Branch `main`");
  });

  it("lists each message once, and skips an incomplete line", async () => {
    await mailbox.outbox.send({ content: "one", to: "pc" });
    const [file = ""] = readdirSync(paths.log);
    appendFileSync(join(paths.log, file), 'sent {"id":"half');
    await mailbox.outbox.send({ content: "two", to: "pc" });
    expect(readSent(paths).map(({ preview }) => preview)).toEqual(["two", "one"]);
  });
});

describe("the machines that receive a message", () => {
  const questions = () => bridge.requests.filter(({ url }) => url === "/machines").length;
  const seenAt = new Date().toISOString();

  it("are asked for again if the cached ones lack the recipient, which may have joined just now", async () => {
    saveMachines(paths, [{ machine: "box", seenAt }]);
    bridge.receive({ from: "pc" });
    for (let times = 0; times < 2; times++) {
      expect(await recipientsLine(mailbox, "PC/photon", Date.now())).toMatch(/^PC: stored, last seen /);
      expect(questions()).toBe(1);
    }
  });

  it("are known by their former names, also from the cache", async () => {
    saveMachines(paths, [{ machine: "bureau", seenAt, formerNames: ["desk"] }]);
    for (const to of ["bureau", "desk/photon"]) {
      expect(await recipientsLine(mailbox, to, Date.now())).toMatch(/^bureau: stored, last seen /);
    }
    expect(questions()).toBe(0);
  });

  it("are asked for only for this machine's own messages; without the bridge, the cached ones are used", async () => {
    bridge.receive({ from: "pc" });
    const own = { from: "Mac/photon", to: "pc" };
    expect(await receivers(mailbox, paths, [{ from: "pc", to: "box" }])).toEqual([]);
    expect(questions()).toBe(0);
    expect(await receivers(mailbox, paths, [own])).toMatchObject([{ machine: "pc" }]);
    await bridge.stop();
    expect(await receivers(mailbox, paths, [own, { from: "mac", to: "box" }])).toMatchObject([{ machine: "pc" }]);
  });
});

describe("a message the bridge refuses permanently", () => {
  it("is reported once, with the reason, and does not block the rest", async () => {
    await bridge.stop();
    await mailbox.outbox.send({ content: "poison", to: "pc" });
    await bridge.restart();
    bridge.behaviour = "refuses the message";
    await mailbox.outbox.flush(); // in the background: the failure is not reported
    bridge.behaviour = "normal";
    const failed = unreportedFailures(paths);
    expect(failureLine(failed, "photon")).toBe(
      "Photon: a message to pc could not be delivered: The bridge refused it because it is too large. See `photon failed`.",
    );
    for (const failure of failed) noteFailureTold(failure);
    expect(unreportedFailures(paths)).toEqual([]);
    expect(readFailed(paths)).toHaveLength(1);
    expect(await mailbox.outbox.send({ content: "next" })).toMatchObject({ state: "stored" });
  });

  it("is reported by the send itself if that send failed", async () => {
    bridge.behaviour = "refuses the message";
    expect(await mailbox.outbox.send({ content: "poison", to: "pc" })).toMatchObject({ state: "failed" });
    expect(unreportedFailures(paths)).toEqual([]);
  });
});
