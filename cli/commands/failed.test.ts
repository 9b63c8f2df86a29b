import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
const failed = async () => JSON.parse((await mac.run(["failed", "--json"])).stdout);

/** Sends a message that the bridge refuses for ever. @returns its id */
async function refusedMessage(text: string): Promise<string> {
  mac.bridge.behaviour = "refuses the message";
  const { code, stdout } = await mac.run(["send", "pc", text, "--json"]);
  expect(code).toBe(1);
  mac.bridge.behaviour = "normal";
  return JSON.parse(stdout).id ?? (await failed()).messages[0].id;
}

/** Changes the only file of the outbox. */
function change(change: (entry: Record<string, unknown>) => object): void {
  const [name = ""] = mac.files("outbox");
  const file = join(mac.home, "outbox", name);
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")))));
}

describe("photon failed", () => {
  it("lists nothing while messages only wait for the bridge", async () => {
    await mac.bridge.stop();
    await mac.run(["send", "pc", "it waits"]);
    const { code, stdout } = await mac.run(["failed"]);
    expect({ code, isNone: stdout.startsWith("None") }).toEqual({ code: 0, isNone: true });
    expect(await failed()).toEqual({ count: 0, messages: [] });
  });

  it("lists a refused message with its reason and beginning, and what to do", async () => {
    const id = await refusedMessage("run the benchmarks");
    const { code, stdout } = await mac.run(["failed"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${id.slice(0, 8)}  to pc, just now, "run the benchmarks"\n +refused: `));
    expect(stdout).toContain("photon failed retry <id>");
    expect(await failed()).toMatchObject({ count: 1, messages: [{ id, to: "pc", state: "refused" }] });
  });

  it("sends one again under the same id, and keeps the others", async () => {
    const first = await refusedMessage("one");
    await refusedMessage("two");
    const { code, stdout } = await mac.run(["failed", "retry", first.slice(0, 8)]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1 message sent.\n" });
    expect(mac.bridge.messages).toMatchObject([{ id: first, content: "one" }]);
    expect((await failed()).messages).toMatchObject([{ content: "two" }]);
  });

  it("fails with the reason if it is refused again, or cannot be sent now", async () => {
    const id = await refusedMessage("one");
    mac.bridge.behaviour = "refuses the message";
    const again = await mac.run(["failed", "retry", "--all"]);
    expect(again).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(id.slice(0, 8)) });
    await mac.bridge.stop();
    const away = await mac.run(["failed", "retry", "--all"]);
    expect(away).toMatchObject({ code: 1, stdout: "1 message queued again, not sent yet.\n" });
    expect(away.stderr).toContain("cannot be reached");
  });

  it("lists what was written for another bridge, and sends it to this one under the present name", async () => {
    await mac.bridge.stop();
    await mac.run(["send", "pc", "from before"]);
    await mac.bridge.restart();
    change((entry) => ({
      ...entry,
      workerUrl: "https://old.example",
      draft: { ...Object(entry.draft), from: "vm/app" },
    }));
    expect((await failed()).messages).toMatchObject([
      { state: "held", reason: expect.stringContaining("https://old.example") },
    ]);
    expect((await mac.run(["failed", "retry", "--all"])).code).toBe(2); // no terminal to ask at
    expect((await mac.run(["failed", "retry", "--all", "--yes"], { env: { BRIDGE_API_KEY: "" } })).code).toBe(1);
    expect(mac.bridge.messages).toEqual([]);
    expect((await mac.run(["failed", "retry", "--all", "--yes"])).code).toBe(0);
    expect(mac.bridge.messages).toMatchObject([{ content: "from before", from: "mac/app" }]);
    expect(mac.files("outbox")).toEqual([]);
  });

  it("never sends unencrypted what must be encrypted", async () => {
    await mac.bridge.stop();
    await mac.run(["send", "pc", "a secret plan"]);
    await mac.bridge.restart();
    change((entry) => ({ ...entry, mustEncrypt: true }));
    expect((await mac.run(["failed", "retry", "--all"])).code).toBe(1);
    expect(mac.bridge.messages).toEqual([]);
    expect((await failed()).messages).toMatchObject([{ state: "held" }]);
  });

  it("calls a message held that the bridge does not accept for now, as `photon status` does", async () => {
    await mac.bridge.stop();
    await mac.run(["send", "pc", "under an old name"]);
    change((entry) => ({ ...entry, forbidden: "The name belongs to another machine." }));
    expect((await failed()).messages).toMatchObject([{ state: "held" }]);
    const { stdout } = await mac.run(["status"]);
    expect(stdout).toContain("held     1 message is held here: The name belongs to another machine.");
    expect(stdout).not.toContain("retries");
  });

  it("drops one, after asking a person", async () => {
    const id = await refusedMessage("one");
    await refusedMessage("two");
    expect((await mac.run(["failed", "drop", id])).code).toBe(2); // no terminal to ask at
    expect((await mac.run(["failed", "drop", id, "--yes"])).stdout).toBe("Removed 1 message.\n");
    expect((await failed()).messages).toMatchObject([{ content: "two" }]);
    const inSession = { env: { CLAUDECODE: "1" } };
    for (const verb of ["drop", "retry"]) {
      expect((await mac.run(["failed", verb, "--all"], inSession)).stderr).toContain("for a person");
    }
    expect((await failed()).count).toBe(1);
  });

  it.each([
    ["no id", [], "--all"],
    ["an unknown id", ["12345678"], "no message"],
  ])("refuses %s as wrong usage", async (_, ids, sentence) => {
    await refusedMessage("one");
    for (const verb of ["drop", "retry"]) {
      const { code, stderr } = await mac.run(["failed", verb, ...ids]);
      expect({ code, isSaid: stderr.includes(sentence) }).toEqual({ code: 2, isSaid: true });
    }
  });
});
