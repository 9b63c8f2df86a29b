import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Message } from "../../contract/message.ts";
import { type BuiltCli, buildCli } from "../../test/support/cli/built-cli.ts";
import { RunningCli } from "../../test/support/cli/running-cli.ts";
import { FaultyNetwork } from "../../test/support/faulty-network.ts";
import { RealBridge, type TestMachine } from "../../test/support/real-bridge.ts";

/** More than twice the polling interval of 30 seconds. */
const SLOW = { timeout: 100_000 };

let bridge: RealBridge;
let network: FaultyNetwork;
let cli: BuiltCli;
let pc: TestMachine;
beforeAll(async () => {
  bridge = await RealBridge.start();
  network = await FaultyNetwork.start(bridge.url);
  cli = await buildCli();
  pc = bridge.machine("pc");
});
const started: RunningCli[] = [];
afterEach(async () => {
  network.heal();
  for (const running of started.splice(0)) await running.end("SIGKILL");
});
afterAll(async () => {
  await network.stop();
  await bridge.stop();
  cli.remove();
});

function watch({ env }: TestMachine, ...flags: string[]): RunningCli {
  const running = new RunningCli(cli.script, ["watch", ...flags], env);
  started.push(running);
  return running;
}

/** As a session that is open here does. */
const sessionAsks = ({ mailbox }: TestMachine) => mailbox.unread.fetch();

describe("photon watch", { timeout: 20_000 }, () => {
  it("shows each new message once, as one clean line", async () => {
    const mac = bridge.machine("mac", { project: "one" });
    await pc.mailbox.outbox.send({ to: "mac/one", content: "before" });
    const running = watch(mac);
    await running.says("Watching for mail to mac/one");
    const content = "build\nis \u001b[2Jred\u202e \u009b31mnow\u200b";
    await pc.mailbox.outbox.send({ to: "mac/one", content, kind: "task", tags: ["ci", "\u0007bell"] });
    await sessionAsks(mac);
    await running.says("build");
    await pc.mailbox.outbox.send({ to: "*/one", content: "second" });
    await sessionAsks(mac);
    await running.says("second");
    const { code, stdout, stderr } = await running.end();
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/^photon: Watching for mail[^\n]*\n$/),
    });
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d {2}[0-9a-f]{8} {2}task {6}pc\/photon → mac\/one {3}\[unverified\] build is red now #ci #␇bell$/,
      ),
      expect.stringMatching(/ {2}note {6}pc\/photon → \*\/one {5}\[unverified\] second$/),
      "",
    ]);
  });

  it("finds mail without an open session, and marks messages neither shown nor read", SLOW, async () => {
    const mac = bridge.machine("mac", { project: "alone" });
    const running = watch(mac, "--json");
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // it prints nothing to wait for
    const { id } = await pc.mailbox.outbox.send({ to: "mac/alone", content: "hello" });
    await running.says("hello");
    expect((await running.end()).code).toBe(130);
    const { messages } = await mac.mailbox.inbox.list({ unread: "true" }, "mac/alone");
    expect(messages.map((message) => message.id)).toContain(id);
    expect((await pc.mailbox.inbox.get(id)).receipts).toEqual([]);
  });

  it("prints whole messages as one JSON document per line, and with --unread the unread ones first", async () => {
    const mac = bridge.machine("mac", { project: "json" });
    for (const content of ["one\n\u001b[2J", "two"])
      await pc.mailbox.outbox.send({ to: "mac/json", content, kind: "task" });
    await pc.mailbox.outbox.send({ to: "mac/json", content: "a note" });
    const running = watch(mac, "--json", "--unread", "--kind", "task", "--from", "pc");
    await running.says("two");
    const { stdout, stderr } = await running.end("SIGTERM");
    expect(stderr).toBe("");
    expect(stdout).not.toContain("\u001b");
    const messages = stdout
      .trimEnd()
      .split("\n")
      .map((line) => Message.parse(JSON.parse(line)));
    expect(messages).toMatchObject([
      { content: "one\n\u001b[2J", from: "pc/photon", to: "mac/json", kind: "task", read: false },
      { content: "two" },
    ]);
    expect((await running.ended).code).toBe(143);
  });

  it("leaves out what this machine sends, except with --all", async () => {
    const mac = bridge.machine("mac", { project: "own" });
    const [plain, all] = [watch(mac), watch(mac, "--all")];
    await Promise.all([plain.says("Watching"), all.says("Watching")]);
    await mac.mailbox.outbox.send({ to: "mac/own", content: "to myself" });
    await pc.mailbox.outbox.send({ to: "mac/own", content: "to you" });
    await sessionAsks(mac);
    await Promise.all([plain.says("to you"), all.says("to you")]);
    expect(plain.stdout).not.toContain("to myself");
    expect(all.stdout).toContain("to myself");
  });

  it("says once that the bridge is away, and misses no message that arrived in the meantime", SLOW, async () => {
    const mac = bridge.machine("mac", { project: "away", url: network.url });
    network.treat = () => ({ instead: "cut" });
    const running = watch(mac);
    await running.says("Still watching; Photon retries");
    await pc.mailbox.outbox.send({ to: "mac/away", content: "meanwhile" });
    network.heal();
    await running.says("meanwhile");
    network.treat = () => ({
      instead: { status: 503, body: '{"error":"Its quota is spent.","code":"store_unavailable"}' },
    });
    await pc.mailbox.outbox.send({ to: "mac/away", content: "once more" }); // with an open socket nothing else makes it ask
    await running.says("cannot use its store at the moment. Still watching");
    network.heal();
    await running.says("once more");
    const { stdout, stderr } = await running.end();
    expect(stdout.match(/meanwhile|once more/g)).toEqual(["meanwhile", "once more"]);
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringContaining("cannot be reached"),
      "photon: The bridge answers again.",
      expect.stringContaining("Watching for mail to mac/away"),
      expect.stringContaining("cannot use its store"),
      "photon: The bridge answers again.",
    ]);
  });

  it("ends immediately at Ctrl-C, even during a request", async () => {
    const mac = bridge.machine("mac", { project: "hangs", url: network.url });
    const never = new Promise<void>(() => undefined);
    const asked = new Promise<void>((resolve) => {
      network.treat = () => {
        resolve();
        return { before: () => never };
      };
    });
    const running = watch(mac);
    await asked;
    expect(await running.end()).toEqual({ code: 130, stdout: "", stderr: "" });
  });

  it("fails if the bridge refuses the key, and on a machine that is not set up", async () => {
    const stranger = bridge.machine("mac", { key: "wrong-key-0123456789" });
    const refused = await watch(stranger).ended;
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("photon setup") });
    const unset = await watch({ ...stranger, env: { ...stranger.env, BRIDGE_API_KEY: "" } }, "--json").ended;
    expect(unset).toMatchObject({ code: 1, stderr: "" });
    expect(
      unset.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ code: "not_set_up" }]);
  });
});
