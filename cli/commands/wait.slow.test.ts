import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCli, buildCli, type Outcome, runCommand } from "../../test/support/cli/built-cli.ts";
import { RunningCli } from "../../test/support/cli/running-cli.ts";
import { RealBridge, type TestMachine } from "../../test/support/real-bridge.ts";

let bridge: RealBridge;
let cli: BuiltCli;
let pc: TestMachine;
beforeAll(async () => {
  bridge = await RealBridge.start();
  cli = await buildCli();
  pc = bridge.machine("pc");
});
afterAll(async () => {
  await bridge.stop();
  cli.remove();
});

const wait = ({ env }: TestMachine, ...flags: string[]) => runCommand(["wait", ...flags], { env });

/** Sends until the command has a message: nothing shows when a waiting command has begun. */
async function answered(waiting: Promise<Outcome>, send: () => Promise<unknown>) {
  const timer = setInterval(() => void send(), 500);
  try {
    return await waiting;
  } finally {
    clearInterval(timer);
  }
}

describe("photon wait", () => {
  it("waits for a new message, shows all of it, and leaves it unread but marked as shown", async () => {
    const mac = bridge.machine("mac", { project: "one" });
    await pc.mailbox.outbox.send({ to: "mac/one", content: "before" });
    const { code, stdout, stderr } = await answered(wait(mac, "--from", "pc", "--timeout", "1m"), async () => {
      await pc.mailbox.outbox.send({ to: "mac/one", content: "line\n\u001b[2Jtwo", kind: "task" });
      await mac.mailbox.unread.fetch(); // as a session that is open here does
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [, short = "none"] = /--reply-to (\S+)/.exec(stdout) ?? [];
    const { messages } = await mac.mailbox.inbox.list({ unread: "true" });
    const { id = "" } = messages.find((message) => message.id.startsWith(short)) ?? {};
    expect(stdout).toMatch(
      /^task from pc\/photon to mac\/one\n\d\d:\d\d, just now\nUNVERIFIED .*\nanswer: photon send pc\/photon/,
    );
    expect(stdout).toMatch(/\n\n {2}line\n {2}two\n$/);
    expect(await pc.mailbox.inbox.get(id)).toMatchObject({
      receipts: [{ machine: "mac", shownAt: expect.any(String) }],
    });
    expect((await mac.mailbox.inbox.list({ unread: "true" })).messages.map((message) => message.id)).toContain(id);
  });

  it("accepts an unread message with --unread, the oldest match first, as one JSON document", async () => {
    const mac = bridge.machine("mac", { project: "two" });
    for (const content of ["a", "b"]) await pc.mailbox.outbox.send({ to: "mac/two", content, tags: ["x"] });
    await pc.mailbox.outbox.send({ to: "mac/two", content: "c", kind: "task" });
    const outcome = await wait(mac, "--unread", "--tag", "x", "--json");
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ content: "a", tags: ["x"], from: "pc/photon", read: false });
    const task = await wait(mac, "--unread", "--kind", "task", "--json");
    expect(JSON.parse(task.stdout)).toMatchObject({ content: "c" });
  });

  it("ends with 3 if none arrived in time, after one last check", async () => {
    const mac = bridge.machine("mac", { project: "three" });
    expect(await wait(mac, "--timeout", "1s")).toEqual({
      code: 3,
      stdout: "",
      stderr: expect.stringMatching(/^photon: .* in time\.\n$/),
    });
    const json = await wait(mac, "--timeout", "1s", "--json");
    expect(JSON.parse(json.stdout)).toEqual({ error: expect.any(String), code: "timeout" });
    expect(json).toMatchObject({ code: 3, stderr: "" });
    // Nothing polls in between: only the last check can find it.
    const last = wait(mac, "--timeout", "6s");
    setTimeout(() => void pc.mailbox.outbox.send({ to: "mac/three", content: "just in time" }), 3_000);
    expect(await last).toMatchObject({ code: 0, stdout: expect.stringContaining("just in time") });
  });

  it("finds the answer in a thread, even one that is already there, and nothing else from that machine", async () => {
    const mac = bridge.machine("mac", { project: "photon" });
    const { id } = await mac.mailbox.outbox.send({ to: "pc", content: "run it", kind: "task" });
    const step = await pc.mailbox.outbox.send({ to: "mac", content: "I am on it", replyTo: id });
    await mac.mailbox.receipts.markRead([step.id]);
    const other = await pc.mailbox.outbox.send({ to: "mac", content: "another matter" });
    await pc.mailbox.outbox.send({ to: "mac", content: "an answer to that", replyTo: other.id, kind: "reply" });
    await pc.mailbox.outbox.send({ to: "mac", content: "done", replyTo: step.id, kind: "reply" });
    const outcome = await wait(mac, "--thread", id, "--unread", "--kind", "reply", "--json", "--timeout", "20s");
    expect(JSON.parse(outcome.stdout)).toMatchObject({ content: "done" });

    const { code, stdout } = await answered(
      wait(mac, "--thread", id.slice(0, 13), "--json", "--timeout", "1m"),
      async () => {
        await pc.mailbox.outbox.send({ to: "mac", content: "no", replyTo: other.id });
        await pc.mailbox.outbox.send({ to: "mac", content: "and more", replyTo: step.id });
        await mac.mailbox.unread.fetch();
      },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ content: "and more" });
  });

  it("fails with 1, not 3, if the bridge cannot be reached", async () => {
    const mac = bridge.machine("mac", { url: "http://127.0.0.1:1" });
    const { code, stdout, stderr } = await wait(mac, "--timeout", "2s");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/cannot be reached: .*\. Still waiting.*\n.*cannot be reached/s);
  });

  it("ends with 130 at Ctrl-C, without a message", async () => {
    const mac = bridge.machine("mac", { project: "four" });
    const running = new RunningCli(cli.script, ["wait"], mac.env);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await running.end()).toEqual({ code: 130, stdout: "", stderr: "" });
  });

  it.each([
    ["a time without a unit", ["--timeout", "10"], "like 30s, 10m or 2h"],
    ["no time at all", ["--timeout", "0s"], "from 1 second"],
    ["more than a week", ["--timeout", "8d"], "to 7 days"],
    ["a thread that is not an id", ["--thread", "that one"], "not a message id"],
    ["an unknown kind", ["--kind", "bogus"], "Allowed choices are note, task, reply, handover"],
    ["a text", ["hello"], "too many arguments"],
  ])("refuses %s as wrong usage", async (_, flags, sentence) => {
    const { code, stdout, stderr } = await wait(bridge.machine("mac"), ...flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
  });
});
