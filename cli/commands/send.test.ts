import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
const ID = "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11";

describe("photon send", () => {
  it("sends a message with all options, and says that the bridge has stored it", async () => {
    const flags = ["--kind", "task", "--tag", "ci", "--tag", "bench", "--reply-to", ID, "--expires", "2h"];
    const { code, stdout, stderr } = await mac.run(["send", "pc/photon", "run", "the benchmarks", ...flags]);
    const [stored] = mac.bridge.messages;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Stored on the bridge for pc/photon (id ${stored?.id.slice(0, 8)}).\npc: stored`);
    expect(stored).toMatchObject({
      content: "run the benchmarks",
      from: "mac/photon",
      to: "pc/photon",
      project: "photon",
      kind: "task",
      tags: ["ci", "bench"],
      replyTo: ID,
      expiresInSeconds: 7200,
    });
  });

  it("suggests another name if no machine has this one, and stores the message anyway", async () => {
    mac.bridge.receive({ from: "box" });
    expect((await mac.run(["send", "boxx", "hi"])).stdout).toContain("did you mean box?");
    expect(mac.bridge.messages).toMatchObject([{ to: "boxx" }, { from: "box" }]);
  });

  it("asks about a project that is almost one of this machine's, and stores the message anyway", async () => {
    for (const to of ["pc/phton", "*/phton"]) {
      const { code, stdout } = await mac.run(["send", to, "hi"]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Stored on the bridge") });
      expect(stdout).toContain("This machine knows no project phton; did you mean photon?");
    }
    for (const to of ["pc", "pc/Photon", "pc/elsewhere"])
      expect((await mac.run(["send", to, "hi"])).stdout).not.toContain("did you mean photon");
    await mac.bridge.stop();
    expect((await mac.run(["send", "pc/phton", "hi"])).stdout).toMatch(/^Queued.*\n.*did you mean photon\?$/m);
  });

  it("sends a message to everyone to every machine in every project", async () => {
    await mac.run(["send", "everyone", "hi"]);
    expect(mac.bridge.messages).toMatchObject([{ to: null, project: null, kind: "note" }]);
  });

  it("reads the text from a pipe without the line end of echo, and changes nothing else in it", async () => {
    await mac.run(["send", "pc"], { stdin: "Grüße\n\n\tende 👋\n" });
    expect(mac.bridge.messages).toMatchObject([{ content: "Grüße\n\n\tende 👋" }]);
  });

  it("replies to a message by the beginning of its id, even in another project", async () => {
    mac.bridge.receive({ id: ID, to: "mac/other" });
    await mac.run(["send", "pc", "-r", "5F0F4B", "done"]);
    expect(mac.bridge.messages[0]).toMatchObject({ kind: "reply", replyTo: ID });
  });

  it("masks what looks like a secret before saving the message, and says what, where, and how to send it anyway", async () => {
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
    expect(everyFile()).not.toContain(token); // the log of sent messages does not have it either

    const inSession = await mac.run(["send", "pc", "--allow", allow, token], { env: { CLAUDECODE: "1" } });
    expect(inSession).toMatchObject({ code: 1, stderr: expect.stringContaining("for a person") });
    expect((await mac.run(["send", "pc", "--allow", "all", token])).code).toBe(2);
    expect((await mac.run(["send", "pc", "--allow", allow, token])).stderr).toBe("");
    expect(mac.bridge.messages.map(({ content }) => content)).toEqual([
      token,
      "first\n[a GitHub token, left out by Photon]",
    ]);
  });

  it("accepts a text that looks like an option after two dashes", async () => {
    await mac.run(["send", "pc", "--", "--json is a flag"]);
    expect(mac.bridge.messages).toMatchObject([{ content: "--json is a flag" }]);
  });

  it("explains how to send a text that looks like an option", async () => {
    const sentence = `photon: unknown option '-1 is right' (photon send --help; a text that begins with a dash: photon send <to> -- "-…")\n`;
    expect(await mac.run(["send", "pc", "-1 is right"])).toEqual({ code: 2, stdout: "", stderr: sentence });
    expect((await mac.run(["inbox", "-1 is right"])).stderr).not.toContain("a dash");
    await mac.run(["send", "pc", "--", "-1 is right"]);
    expect(mac.bridge.messages).toMatchObject([{ content: "-1 is right" }]);
  });

  it("names the session that runs it, so that its own message does not count as unread for it", async () => {
    await mac.run(["send", "mac", "note to the next session"], { env: { CLAUDE_CODE_SESSION_ID: "session-7" } });
    expect(mac.bridge.messages).toMatchObject([{ session: "session-7" }]);
  });

  it("succeeds, keeps the message and says queued, not stored, if the bridge cannot be reached", async () => {
    await mac.bridge.stop();
    const { code, stdout, stderr } = await mac.run(["send", "pc", "hi"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Queued on this machine for pc, not sent yet \(id [0-9a-f]{8}, 1 waiting\)\.\n$/);
    expect(stderr).toContain(mac.bridge.url);
    const [file = ""] = mac.files("outbox");
    expect(readFileSync(join(mac.home, "outbox", file), "utf8")).toContain('"content": "hi"');
  });

  it.each(["bridge away", "quota", "portal"])(
    "fails in CI if the message is only queued (%s), unless --queue",
    async (why) => {
      if (why === "bridge away") await mac.bridge.stop();
      else mac.bridge.behaviour = why === "quota" ? "has spent its quota" : "answers garbage";
      const inCi = (...args: string[]) => mac.run(["send", "pc", "hi", ...args], { env: { CI: "true" } });
      const { code, stdout, stderr } = await inCi();
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^photon: Not sent: [^\n]* only queued on this machine[^\n]* --queue\.\n$/);
      const json = await inCi("--json");
      expect(JSON.parse(json.stdout)).toMatchObject({ state: "queued", waiting: 2 });
      expect(json.code).toBe(1);
      expect(await inCi("--queue")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Queued/) });
      expect((await mac.run(["send", "pc", "hi"], { env: { CI: "false" } })).code).toBe(0);
      expect(mac.files("outbox")).toHaveLength(4);
    },
  );

  it.each<Record<string, string>>([{}, { CI: "true" }])(
    "fails without settings and with a refused key, --queue or not (%o)",
    async (env) => {
      const unset = await mac.run(["send", "pc", "hi", "--queue"], {
        env: { ...env, BRIDGE_API_KEY: "", BRIDGE_WORKER_URL: "" },
      });
      expect(unset).toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringMatching(/^photon: Not sent: .*photon setup/),
      });
      mac.bridge.behaviour = "refuses the key";
      const refused = await mac.run(["send", "pc", "hi", "--queue"], { env });
      expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("photon join") });
      expect(mac.files("outbox")).toHaveLength(2);
    },
  );

  it("delivers queued messages first", async () => {
    await mac.bridge.stop();
    await mac.run(["send", "pc", "one"]);
    await mac.bridge.restart();
    await mac.run(["send", "pc", "two"]);
    expect(mac.bridge.messages.map(({ content }) => content)).toEqual(["two", "one"]);
    expect(mac.files("outbox")).toEqual([]);
  });

  it("fails with the reason if the bridge refuses the message permanently", async () => {
    mac.bridge.behaviour = "refuses the message";
    const { code, stdout, stderr } = await mac.run(["send", "pc", "hi"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^photon: Not sent, and Photon will not retry: .* too large\.\n$/);
    expect(mac.files("outbox")).toEqual([expect.stringMatching(/\.refused\.json$/)]);
  });

  it("prints the same as one JSON document with --json", async () => {
    const stored = JSON.parse((await mac.run(["send", "pc", "hi", "--json"])).stdout);
    const [message] = mac.bridge.messages;
    expect(stored).toEqual({
      state: "stored",
      recipients: expect.stringMatching(/^pc: stored/),
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
    ["a reply to something that is not an id", ["pc", "hi", "--reply-to", "that one"], "not a message id"],
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
    ["bytes that are not UTF-8", Buffer.from([0x68, 0xff, 0xfe]), 2, "not UTF-8"],
    ["only a line end", "\n", 2, "nothing to send"],
    ["more than a message can hold", "é".repeat(128 * 1024 + 1), 1, "larger than 262144 bytes"],
  ])("refuses %s from a pipe", async (_, stdin, exitCode, sentence) => {
    const { code, stderr } = await mac.run(["send", "pc"], { stdin });
    expect(stderr).toContain(sentence);
    expect(code).toBe(exitCode);
    expect(mac.files("outbox")).toEqual([]);
  });

  it("accepts a message of the maximum size from a pipe", async () => {
    const stdin = `${"é".repeat(128 * 1024)}\n`;
    expect((await mac.run(["send", "pc"], { stdin })).code).toBe(0);
    expect(mac.bridge.messages[0]?.content).toHaveLength(128 * 1024);
  });
});
