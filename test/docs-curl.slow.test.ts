import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../client/disk/sha256-hex.ts";
import { followed } from "../client/machines/follow-entries.ts";
import { inviteKeys, newInvitation } from "../client/machines/invite-line.ts";
import { foundMachineList } from "../client/machines/join-bridge.ts";
import { newKeys, type OwnKeys, publicKeysOf } from "../client/machines/machine-keys.ts";
import { signedEntry } from "../client/machines/signed-entry.ts";
import { MessagePage, ROUTES, type Route, UnreadSummary } from "../contract/api.ts";
import type { MachineListEntry } from "../contract/machine-list.ts";
import { EMPTY_MACHINE_LIST } from "../contract/machine-list.ts";
import { RealBridge, type TestMachine } from "./support/real-bridge.ts";

const has = (program: string) => spawnSync(program, ["--version"]).status === 0;
const hasCurl = has("curl");
const hasJq = has("jq");

const api = readFileSync(new URL("../docs/reference/api.md", import.meta.url), "utf8");
/** Of the message that the examples speak of. */
const KNOWN_ID = "4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10";

/** The lines of the code blocks under a heading, with continued lines joined. */
function commandsUnder(heading: string): string[] {
  const start = api.indexOf(`\n${heading}\n`);
  expect(start, `${heading} is missing`).not.toBe(-1);
  const text = api.slice(start + heading.length + 2).split(/^#{2,3} /m)[0] ?? "";
  const blocks = [...text.matchAll(/^```\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  return blocks.flatMap((block) => block.trimEnd().split(/(?<!\\)\n/));
}

let bridge: RealBridge;
let mac: TestMachine;
let pc: TestMachine;
let folder: string;
const running: ChildProcess[] = [];
beforeEach(async () => {
  // A new one each time, because messages of the last half minute would delay the notification.
  bridge = await RealBridge.start();
  mac = bridge.machine("mac");
  pc = bridge.machine("pc");
  folder = mkdtempSync(join(tmpdir(), "photon curl "));
});
afterEach(async () => {
  for (const { pid } of running.splice(0)) if (pid !== undefined && isAlive(-pid)) process.kill(-pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
  await bridge.stop();
});

/** As a person would: in a shell of its own, with the variables that the page names. */
function shell(command: string, env: Readonly<Record<string, string>> = {}) {
  const { KEY = bridge.key } = env;
  const child = spawn("sh", ["-c", command], {
    cwd: folder,
    detached: true,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      BRIDGE: bridge.url,
      KEY,
      AUTH: `Authorization: Bearer ${KEY}`,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text) => {
      said[name] += text;
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code, ...said }));
  return { said, ended };
}

/** The message in the examples. */
async function seed(content: string): Promise<void> {
  await bridge.api.call("sendMessage", { body: { id: KNOWN_ID, content, from: "pc", to: "mac" } });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The data in the examples of joining: an open invitation and a signed entry. */
async function joiningFor(name: string): Promise<Readonly<Record<string, string>>> {
  if (!/POST \/roster|\/invites\//.test(name)) return {};
  const entryFile = (entry: MachineListEntry, { machineKey }: OwnKeys) =>
    writeFileSync(join(folder, "entry.json"), JSON.stringify({ entry, keyHash: sha256Hex(machineKey) }));
  const [founder, joiner] = [await newKeys(bridge.url), await newKeys(bridge.url)];
  const now = Date.now();
  const found = { type: "found", machine: publicKeysOf(founder, "mac") } as const;
  if (name === "POST /roster") {
    entryFile(signedEntry(EMPTY_MACHINE_LIST, found, { by: founder, now }), founder);
    return {};
  }
  await foundMachineList(bridge.api, {
    keys: founder,
    name: "mac",
    paths: { machineList: join(folder, "machine-list.json") },
  });
  const api = bridge.client(founder.machineKey);
  const invitation = newInvitation(bridge.url);
  const invite = inviteKeys(invitation);
  const change = { type: "invite", invite: invitation.id, key: invite.publicKey, owner: false } as const;
  const expiresAt = new Date(now + 60_000).toISOString();
  const first = await followed(EMPTY_MACHINE_LIST, (await api.call("machineList")).entries);
  const entry = signedEntry(first, { ...change, expiresAt }, { by: founder, inviteKeys: invite, now });
  await api.call("extendMachineList", { body: { entry } });
  const joins = { type: "join", invite: invitation.id, machine: publicKeysOf(joiner, "pc") } as const;
  entryFile(signedEntry(await followed(first, [entry]), joins, { by: joiner, inviteKeys: invite, now }), joiner);
  return { INVITE: invitation.id };
}

/** Shortens the half minute: the command runs unchanged, with another `sleep` on its PATH. */
function quickSleep(): { PATH: string } {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "sleep"), `#!/bin/sh\ntest "$1" = 30 && exec /bin/sleep 0.2\n`);
  chmodSync(join(bin, "sleep"), 0o755);
  return { PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
}

describe.skipIf(!hasCurl)("the shell lines of docs/reference/api.md (skipped where curl is not installed)", () => {
  const [send = "", sendPiped = "", inbox = "", read = "", watch = "", wait = "", ...more] =
    commandsUnder("## From a shell");

  it("are six, each on one line", () => {
    expect(more).toEqual([]);
    for (const line of [send, sendPiped, inbox, read, watch, wait]) expect(line).toMatch(/\bcurl -fsS .*\$AUTH/);
  });

  it("send a message", async () => {
    expect(await shell(send).ended).toMatchObject({ code: 0, stderr: "" });
    const { messages } = await bridge.api.call("listMessages", { query: {} });
    expect(messages).toMatchObject([{ content: "build red", from: "ci", to: "mac", kind: "task" }]);
  });

  it.skipIf(!hasJq)("send piped input (skipped where jq is not installed)", async () => {
    expect(await shell(sendPiped).ended).toMatchObject({ code: 0, stderr: "" });
    const { messages } = await bridge.api.call("listMessages", { query: {} });
    expect(messages).toMatchObject([{ content: "build red", from: "ci", to: "mac", kind: "task" }]);
  });

  it("fail if the bridge refuses", async () => {
    expect((await shell(send, { KEY: "wrong-key-0123456789" }).ended).code).toBe(22);
  });

  it("show unread messages, and mark them read", async () => {
    await seed("hello");
    const shown = MessagePage.parse(JSON.parse((await shell(inbox).ended).stdout));
    expect(shown.messages).toMatchObject([{ content: "hello", read: false }]);
    expect(await shell(read).ended).toMatchObject({ code: 0, stdout: '{"marked":1}' });
    expect(MessagePage.parse(JSON.parse((await shell(inbox).ended).stdout)).messages).toEqual([]);
  });

  it("watch: show unread messages, and then only new ones", async () => {
    const { said } = shell(watch, quickSleep());
    await vi.waitFor(() => expect(said.stdout).toContain('"unread":0'), { timeout: 5_000 });
    await pc.mailbox.outbox.send({ to: "mac", content: "new" });
    await vi.waitFor(() => expect(said.stdout).toContain('"unread":1'), { timeout: 10_000 });
    const summaries = said.stdout.split(/(?<=\})(?=\{"unread)/).map((text) => UnreadSummary.parse(JSON.parse(text)));
    expect(summaries.map(({ unread }) => unread)).toEqual([0, 1]);
    expect(said.stderr).toBe("");
  });

  it("wait for a message from one machine, and show it", async () => {
    await mac.mailbox.outbox.send({ to: "mac", content: "not from pc" });
    const { said, ended } = shell(wait, quickSleep());
    await vi.waitFor(() => expect(existsSync(join(folder, "told"))).toBe(true), { timeout: 5_000 });
    await pc.mailbox.outbox.send({ to: "*/photon", content: "from pc" });
    expect((await ended).code).toBe(0);
    expect(MessagePage.parse(JSON.parse(said.stdout)).messages).toMatchObject([{ content: "from pc" }]);
  }, 60_000);

  it.each(
    Object.values(ROUTES)
      .map((route): [string, Route] => [`${route.method} ${route.path}`, route])
      .filter(([name]) => commandsUnder(`### ${name}`).length > 0),
  )("call %s as its example says", async (name, route) => {
    const isCapsule = name.includes("capsules");
    if (isCapsule) writeFileSync(join(folder, "work.capsule"), name);
    // The example of reading a message needs the one that an earlier example stored.
    const before = name.startsWith("GET /capsules") ? commandsUnder("### PUT /capsules/:sha256") : [];
    await seed("hello");
    const commands = [...before, ...commandsUnder(`### ${name}`)];
    const { said, ended } = shell(commands.join("\n"), await joiningFor(name));
    if (name === "GET /live") {
      // It runs as long as the machine listens.
      await vi.waitFor(() => expect(said.stdout).toMatch(/^HTTP\/1\.1 101 .*"type":"changed"/s), { timeout: 5_000 });
      return;
    }
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    if (route.bytes === "answer") {
      expect(readFileSync(join(folder, "work.capsule"), "utf8")).toBe(name);
      return;
    }
    expect(route.answer.safeParse(JSON.parse(stdout)).error).toBeUndefined();
  });
});
