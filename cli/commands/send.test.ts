import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
const ID = "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11";

describe("photon send", () => {
  it("leaves a message with everything the flags say, and tells that the bridge stored it", async () => {
    const flags = ["--kind", "task", "--tag", "ci", "--tag", "bench", "--reply-to", ID, "--expires", "2h"];
    const { code, stdout, stderr } = await mac.run(["send", "pc/photon", "run", "the benchmarks", ...flags]);
    const [stored] = mac.bridge.messages;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      `Stored on the bridge for pc/photon (id ${stored?.id}).\npc: stored, not seen on this bridge yet\n`,
    );
    expect(stored).toMatchObject({
      ...{ content: "run the benchmarks", from: "mac/photon", to: "pc/photon", project: "photon" },
      ...{ kind: "task", tags: ["ci", "bench"], replyTo: ID, expiresInSeconds: 7200 },
    });
  });

  it("asks whether another name was meant when nobody has this one; it is stored all the same", async () => {
    mac.bridge.receive({ from: "box" });
    expect((await mac.run(["send", "boxx", "hi"])).stdout).toContain("not seen on this bridge yet (did you mean box?)");
    expect(mac.bridge.messages).toMatchObject([{ to: "boxx" }, { from: "box" }]);
  });

  it("to everyone is for every machine in every project", async () => {
    await mac.run(["send", "everyone", "hi"]);
    expect(mac.bridge.messages).toMatchObject([{ to: null, project: null, kind: "note" }]);
  });

  it("takes the text from a pipe, without the line end of echo, and keeps its lines and letters", async () => {
    await mac.run(["send", "pc"], { stdin: "Grüße\n\n\tende 👋\n" });
    expect(mac.bridge.messages).toMatchObject([{ content: "Grüße\n\n\tende 👋" }]);
  });

  it("is a reply to what the beginning of an id names, in whatever project that is", async () => {
    mac.bridge.receive({ id: ID, to: "mac/other" });
    await mac.run(["send", "pc", "-r", "5F0F4B", "done"]);
    expect(mac.bridge.messages[0]).toMatchObject({ kind: "reply", replyTo: ID });
  });

  it("leaves out what looks like a secret before it is kept, and says which, where and how to let it pass", async () => {
    const token = `${"gh"}p_${"aB3dE6gH9j".repeat(4).slice(0, 36)}`;
    const everyFile = () => execFileSync("grep", ["-rh", "", mac.home], { encoding: "utf8" });
    await mac.bridge.stop();
    const { code, stdout, stderr } = await mac.run(["send", "pc", "-t", token], { stdin: `first\n${token}` });
    expect({ code, queued: stdout.startsWith("Queued") }).toEqual({ code: 0, queued: true });
    const [, allow = ""] = /a GitHub token \(line 2, ([0-9a-f]{8})\), .*--allow/.exec(stderr) ?? [];
    expect(allow).not.toBe("");
    expect(stdout + stderr).not.toContain(token);
    expect(everyFile()).toContain("first\\n[a GitHub token, left out by Photon]");
    expect(everyFile()).not.toContain(token);

    await mac.bridge.restart();
    rmSync(join(mac.home, "cache.json"));
    await mac.run(["flush"]);
    const status = await mac.run(["status"]);
    expect(status.stdout).toContain("first [a GitHub token, left out by Photon]");
    expect(everyFile()).not.toContain(token); // nor has the list of what was sent

    const inSession = await mac.run(["send", "pc", "--allow", allow, token], { env: { CLAUDECODE: "1" } });
    expect(inSession).toMatchObject({ code: 1, stderr: expect.stringContaining("for a person") });
    expect((await mac.run(["send", "pc", "--allow", "all", token])).code).toBe(2);
    expect((await mac.run(["send", "pc", "--allow", allow, token])).stderr).toBe("");
    expect(mac.bridge.messages.map(({ content }) => content)).toEqual([
      token,
      "first\n[a GitHub token, left out by Photon]",
    ]);
  });

  it("takes a text that looks like a flag after two dashes", async () => {
    await mac.run(["send", "pc", "--", "--json is a flag"]);
    expect(mac.bridge.messages).toMatchObject([{ content: "--json is a flag" }]);
  });

  it("says how to send a text that looks like a flag", async () => {
    const sentence = `photon: unknown option '-1 is right' (photon send --help; a text that begins with a dash: photon send <to> -- "-…")\n`;
    expect(await mac.run(["send", "pc", "-1 is right"])).toEqual({ code: 2, stdout: "", stderr: sentence });
    expect((await mac.run(["inbox", "-1 is right"])).stderr).not.toContain("a dash");
    await mac.run(["send", "pc", "--", "-1 is right"]);
    expect(mac.bridge.messages).toMatchObject([{ content: "-1 is right" }]);
  });

  it("names the session that runs it, whose own message is not news to it", async () => {
    await mac.run(["send", "mac", "note to the next session"], { env: { CLAUDE_CODE_SESSION_ID: "session-7" } });
    expect(mac.bridge.messages).toMatchObject([{ session: "session-7" }]);
  });

  it("says queued, not stored, when the bridge is away, keeps the message, and succeeds", async () => {
    await mac.bridge.stop();
    const { code, stdout, stderr } = await mac.run(["send", "pc", "hi"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Queued on this machine for pc, not sent yet \(id .{36}, 1 waiting\)\.\n$/);
    expect(stderr).toContain(mac.bridge.url);
    const [file = ""] = mac.files("outbox");
    expect(readFileSync(join(mac.home, "outbox", file), "utf8")).toContain('"content": "hi"');
  });

  it("delivers what waited first", async () => {
    await mac.bridge.stop();
    await mac.run(["send", "pc", "one"]);
    await mac.bridge.restart();
    await mac.run(["send", "pc", "two"]);
    expect(mac.bridge.messages.map(({ content }) => content)).toEqual(["two", "one"]);
    expect(mac.files("outbox")).toEqual([]);
  });

  it("fails, with the reason, when the bridge refuses the message for good", async () => {
    mac.bridge.behaviour = "refuses the message";
    const { code, stdout, stderr } = await mac.run(["send", "pc", "hi"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe("photon: Not sent, and it will not be: The bridge refused it because it is too large.\n");
    expect(mac.files("outbox")).toEqual([expect.stringMatching(/\.refused\.json$/)]);
  });

  it("tells a program the same as one document", async () => {
    const stored = JSON.parse((await mac.run(["send", "pc", "hi", "--json"])).stdout);
    const [message] = mac.bridge.messages;
    expect(stored).toEqual({
      state: "stored",
      recipients: "pc: stored, not seen on this bridge yet",
      id: message?.id,
      from: "mac/photon",
      isHostName: false,
      to: "pc",
      timestamp: message?.timestamp,
    });
    mac.bridge.behaviour = "refuses the key";
    const kept = await mac.run(["--json", "send", "pc", "hi"]);
    expect(JSON.parse(kept.stdout)).toMatchObject({
      state: "queued",
      code: "unauthorized",
      to: "pc",
      waiting: 1,
      reason: expect.stringContaining("key"),
    });
    expect(kept).toMatchObject({ code: 1, stderr: "" });
    mac.bridge.behaviour = "refuses the message";
    const failed = await mac.run(["send", "pc", "hi", "--json"]);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      state: "failed",
      code: "refused",
      error: expect.stringContaining("too large"),
    });
    expect(failed.code).toBe(1);
  });

  it.each([
    ["a malformed address", ["my pc", "hi"], "must be `machine`"],
    ["everyone by a star", ["*", "hi"], "must be `machine`"],
    ["an unknown kind", ["pc", "hi", "--kind", "order"], "task, reply"],
    ["a handover", ["pc", "hi", "--kind", "handover"], "task, reply"],
    ["an empty tag", ["pc", "hi", "--tag", ""], "must not be empty"],
    ["a time without a unit", ["pc", "hi", "--expires", "2"], "like 30m, 2h or 7d"],
    ["a time over 30 days", ["pc", "hi", "--expires", "31d"], "to 30 days"],
    ["a reply to no id", ["pc", "hi", "--reply-to", "that one"], "no message id"],
    ["no text", ["pc"], "nothing to send"],
    ["no receiver", [], "missing required argument"],
  ])("refuses %s as wrong usage, and keeps nothing", async (_, args, sentence) => {
    const { code, stdout, stderr } = await mac.run(["send", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).toMatch(/^photon: [^\n]* \(photon send --help\)\n$/);
    expect(mac.bridge.requests).toEqual([]);
    expect(mac.files("outbox")).toEqual([]);
  });

  it.each([
    ["bytes that are no text", Buffer.from([0x68, 0xff, 0xfe]), 2, "not UTF-8"],
    ["nothing but a line end", "\n", 2, "nothing to send"],
    ["more than a message holds", "é".repeat(128 * 1024 + 1), 1, "larger than 262144 bytes"],
  ])("refuses %s from a pipe", async (_, stdin, exitCode, sentence) => {
    const { code, stderr } = await mac.run(["send", "pc"], { stdin });
    expect(stderr).toContain(sentence);
    expect(code).toBe(exitCode);
    expect(mac.files("outbox")).toEqual([]);
  });

  it("takes the longest message there is, from a pipe", async () => {
    const stdin = `${"é".repeat(128 * 1024)}\n`;
    expect((await mac.run(["send", "pc"], { stdin })).code).toBe(0);
    expect(mac.bridge.messages[0]?.content).toHaveLength(128 * 1024);
  });
});
