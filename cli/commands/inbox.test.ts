import { describe, expect, it } from "vitest";
import { photonOnMac } from "../../test/support/cli/photon-on-mac.ts";

const mac = photonOnMac();
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

describe("photon inbox", () => {
  it("lists the unread messages, newest first, one line each, and marks none read", async () => {
    mac.bridge.receive({ content: "old", timestamp: minutesAgo(200) });
    mac.bridge.receive({ content: "seen", read: true });
    mac.bridge.receive({ content: "for another project", to: "mac/lamp" });
    mac.bridge.receive({ content: "# Tests\n\nare green", kind: "task", tags: ["ci", "x"], timestamp: minutesAgo(5) });
    const { code, stdout, stderr } = await mac.run(["inbox"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "2 unread messages for mac/photon:",
      "00000000-0000-4000-8000-000000000004  task  pc/photon  5 min  [unverified] # Tests are green #ci #x",
      "00000000-0000-4000-8000-000000000001  note  pc/photon    3 h  [unverified] old",
      "",
      "photon read 00000000-0000-4000-8000-000000000004  reads a message",
      "photon read --all                                 marks all read",
      "",
    ]);
    expect(mac.bridge.messages.filter(({ read }) => read)).toHaveLength(1);
  });

  it("tells the sender that a message was shown whose whole text is in the list, but not for a program", async () => {
    mac.bridge.receive({ content: "short" });
    mac.bridge.receive({ content: "words ".repeat(40) });
    await mac.run(["inbox", "--json"]);
    expect(mac.bridge.shown).toEqual([]);
    await mac.run(["inbox"]);
    await mac.run(["inbox"]);
    expect(mac.bridge.shown).toEqual(["00000000-0000-4000-8000-000000000001"]);
  });

  it("shows the first eight characters of an id if they identify the message", async () => {
    mac.bridge.receive({ id: "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11" });
    mac.bridge.receive({ id: "81b0c7e2-6a43-4c5e-9a55-2b1d0e6a7c11" });
    const { stdout } = await mac.run(["inbox"]);
    expect(stdout).toMatch(/^81b0c7e2 {2}note/m);
    expect(stdout).not.toContain("6a43");
  });

  it("includes read messages with --all, and says how many are unread", async () => {
    mac.bridge.receive({ content: "seen", read: true });
    mac.bridge.receive({ content: "new" });
    const { stdout } = await mac.run(["inbox", "--all"]);
    expect(stdout).toContain("2 messages for mac/photon, 1 unread:");
    expect(stdout).toContain("seen");
  });

  it("says so if nothing is unread, or if nothing matches", async () => {
    expect((await mac.run(["inbox"])).stdout).toMatch(/^No unread messages for mac\/photon\./);
    mac.bridge.receive({ kind: "note" });
    expect((await mac.run(["inbox", "--kind", "task"])).stdout).toContain("No matching");
  });

  it("filters by sender, tag, kind and project, independent of the folder", async () => {
    mac.bridge.receive({ content: "one", from: "mini", tags: ["ci"] });
    mac.bridge.receive({ content: "two", kind: "task" });
    mac.bridge.receive({ content: "three", to: "mac/lamp", project: "lamp" });
    const contents = async (...flags: string[]) => {
      const { messages } = JSON.parse((await mac.run(["inbox", "--json", ...flags])).stdout);
      return messages.map(({ content }: { content: string }) => content);
    };
    expect(await contents("--from", "mini")).toEqual(["one"]);
    expect(await contents("--tag", "ci")).toEqual(["one"]);
    expect(await contents("--kind", "task")).toEqual(["two"]);
    expect(await contents("--project", "lamp")).toEqual(["three"]);
  });

  it("reads as many pages as the limit needs, and says how to go on to the next ones", async () => {
    for (let count = 0; count < 130; count++) mac.bridge.receive({});
    const limited = await mac.run(["inbox", "--limit", "120"]);
    expect(limited.stdout).toMatch(/^130 unread messages for mac\/photon, 1 to 120, newest first:\n/);
    expect(limited.stdout).toContain("\nphoton inbox --page 2 ");
    expect(limited.stdout.match(/^0{8}-/gm)).toHaveLength(120);
    const next = await mac.run(["inbox", "--limit", "120", "--page", "2"]);
    expect(next.stdout).toMatch(/^Unread messages for mac\/photon, 121 to 130, newest first:\n/);
    expect(next.stdout).not.toContain("--page");
    expect(next.stdout.match(/^0{8}-\S+/gm)?.at(-1)).toBe("00000000-0000-4000-8000-000000000001");
    expect((await mac.run(["inbox", "--page", "9"])).stdout).toMatch(/^No more unread messages/);
    const all = await mac.run(["inbox", "--limit", "200", "--json"]);
    expect(JSON.parse(all.stdout)).toMatchObject({ count: 130, isMore: false });
  });

  it("leaves out the messages of the session that runs it", async () => {
    mac.bridge.receive({ from: "mac/photon", session: "session-7" });
    const env = { CLAUDE_CODE_SESSION_ID: "session-7" };
    expect((await mac.run(["inbox"], { env })).stdout).toContain("No unread");
    expect((await mac.run(["inbox"])).stdout).toContain("1 unread message for");
  });

  it("prevents foreign text from acting on the terminal, in text and in JSON", async () => {
    const nasty = "a\u001b[2J\u001b]0;owned\u0007\u202eb\u200b\u{e0041}\u009bc";
    mac.bridge.receive({ content: `${nasty}\r\nsecond`, tags: [nasty] });
    const hidden = /(?![\n])[\p{Cc}\p{Default_Ignorable_Code_Point}]/u;
    const { stdout } = await mac.run(["inbox"]);
    expect(stdout).not.toMatch(hidden);
    expect(stdout.split("\n\n")[0]?.split("\n")).toHaveLength(2);
    const json = await mac.run(["inbox", "--json"]);
    expect(json.stdout).not.toMatch(hidden);
    expect(JSON.parse(json.stdout).messages[0]).toMatchObject({ content: `${nasty}\r\nsecond`, tags: [nasty] });
  });

  it("says what to do if the bridge is away", async () => {
    await mac.bridge.stop();
    expect(await mac.run(["inbox"])).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^photon: .* cannot be reached: .*photon doctor.*\n$/),
    });
    const json = await mac.run(["inbox", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({ error: expect.stringContaining("cannot be reached"), code: "offline" });
    expect(json).toMatchObject({ code: 1, stderr: "" });
  });
});
