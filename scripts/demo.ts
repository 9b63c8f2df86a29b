// npm run demo: shows what Photon does, with its real parts, on this machine only. On failure, exits 1 and names the step.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../client/bridge/api-client.ts";
import { Machine } from "./demo/machine.ts";
import { makeProject, writeTranscript } from "./demo/project.ts";
import { expect, Story } from "./demo/story.ts";
import { type RunningBridge, startBridge } from "./local-bridge.ts";
import { StartedProcesses } from "./started-processes.ts";
import { usersNode } from "./users-node.ts";

/** Limit for the handover to arrive. A background process sends it after the hook has ended. */
const ARRIVAL_MS = 5_000;
const POLL_MS = 25;

const TASK = "Please run the Windows tests of branch crlf.";
const NOTE = "Release 0.1 goes out on Friday.";
const ANSWER = "Two fail: path.test.ts, crlf.test.ts. Both are fixed on crlf.";
const LAST_WORDS = "Line endings are normalised. Next: run the tests on Windows.";

const story = new Story();
const temp = mkdtempSync(join(tmpdir(), "photon demo "));
const started = new StartedProcesses(join(temp, "started-processes"));
const machines: Machine[] = [];
let bridge: RunningBridge | undefined;

process.on("exit", () => rmSync(temp, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupted);

/** Stops the machines: the current step fails, and the demo ends as after any other failure. */
function interrupted(): void {
  isInterrupted = true;
  process.exitCode = 1;
  for (const machine of machines) void machine.stop();
}

try {
  await play();
} catch (error) {
  if (!isInterrupted) story.fail(error);
  process.exitCode = 1;
} finally {
  await Promise.all(machines.map((machine) => machine.stop()));
  // Before the folder is removed: a process started by a hook would create it again. The bridge still answers it.
  await started.ended();
  await bridge?.close();
}

async function play(): Promise<void> {
  story.chapter("Photon: two machines and a bridge, all on this computer");
  const running = await story.step("bridge", "starts the Worker in workerd, with KV on this disk", () =>
    startBridge({ port: 0, data: join(temp, "bridge"), key: randomBytes(32).toString("base64url") }),
  );
  bridge = running;
  const [mac, pc] = [machine("mac", running), machine("pc", running)];

  story.chapter("mac leaves a task. pc is switched off.");
  await startServer(mac);
  const sent = await story.step("mac", "send_message: sends a task to pc", () =>
    mac.call("send_message", { to: "pc", kind: "task", content: TASK }),
  );
  expect(sent.startsWith("Stored on the bridge"), sent);
  story.quote(sent.split(" (id")[0] ?? "");
  await story.step("mac", "send_message: sends a note to everyone", async () => {
    const said = await mac.call("send_message", { content: NOTE });
    expect(said.startsWith("Stored on the bridge"), said);
  });

  story.chapter("Later, pc is switched on and Claude Code starts.");
  const line = await story.step("pc", "the SessionStart hook checks the mailbox", async () => {
    let said = "";
    // The hook waits 0.8 seconds for the bridge. On a busy machine that may be too short; the next start shows the messages.
    for (let starts = 0; starts < 3 && !/2 unread/.test(said); starts++) {
      const { systemMessage } = await pc.hook("session-start.cjs", { source: "startup" });
      said = String(systemMessage);
    }
    expect(/2 unread/.test(said), `The hook said ${said}.`);
    return said;
  });
  story.quote(line);
  await startServer(pc);
  const task = await story.step("pc", "read_messages: shows each message as fenced data", async () => {
    const inbox = await pc.call("read_messages", { unread_only: true });
    expect(inbox.includes(TASK) && inbox.includes(NOTE), inbox);
    return idBefore(inbox, TASK);
  });
  story.quote(TASK);
  await story.step("pc", "send_message: sends the answer", async () => {
    const said = await pc.call("send_message", { to: "mac", reply_to: task, content: ANSWER });
    expect(said.startsWith("Stored on the bridge"), said);
  });
  await story.step("pc", "mark_read: marks the task as done on pc", async () => {
    const said = await pc.call("mark_read", { message_id: task });
    expect(said.startsWith("Marked read on pc"), said);
  });

  story.chapter("mac gets the answer and sees that pc read its task.");
  await story.step("mac", "read_messages: shows the answer to its task", async () => {
    const inbox = await mac.call("read_messages", { unread_only: true });
    expect(inbox.includes(ANSWER) && inbox.includes(`in reply to ${task}`), inbox);
  });
  story.quote(ANSWER);
  story.quote(await story.step("mac", "asks the bridge for the receipts of the task", () => receiptsOf(task, running)));

  story.chapter("The session on mac ends. Its handover waits for pc.");
  const ending = { transcript_path: writeTranscript(temp, mac.folder), cwd: mac.folder };
  await story.step("mac", "the Stop hook drafts a handover", async () => {
    await mac.hook("stop.cjs", { ...ending, last_assistant_message: LAST_WORDS });
    expect(mac.draft().includes(LAST_WORDS), "The hook saved no draft.");
  });
  await story.step("mac", "the SessionEnd hook publishes it in the background", () =>
    mac.hook("session-end.cjs", { ...ending, reason: "other" }),
  );
  const handover = await story.step("pc", "read_messages: shows the handover", () =>
    arrival(() => pc.call("read_messages", { kind: "handover" }), LAST_WORDS),
  );
  for (const [from, to] of [
    ["## Goal", "## State"],
    ["Claude's last answer:", "## Open"],
  ] as const) {
    const section = between(handover, from, to);
    expect(section !== "", `The handover has no section ${from}: ${handover}`);
    story.quote(section);
  }
  expect(!isInterrupted, "The demo was interrupted.");
  story.end("Sent, announced, read, answered, marked as read, handed over");
}

function machine(name: string, { url, key }: RunningBridge): Machine {
  expect(!isInterrupted, "The demo was interrupted.");
  const home = join(temp, name, "home");
  const folder = makeProject(join(temp, name));
  const made = new Machine({ name, home, folder, bridge: { url, key }, node: usersNode(), started });
  machines.push(made);
  return made;
}

function startServer(machine: Machine): Promise<void> {
  return story.step(machine.name, "Claude Code starts Photon's MCP server", async () => {
    const tools = await machine.start();
    expect(tools.includes("send_message"), `The server has only the tools ${tools.join(", ")}.`);
  });
}

/** The last message id before a text. */
function idBefore(inbox: string, text: string): string {
  const ids = inbox.slice(0, inbox.indexOf(text)).match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g);
  const id = ids?.at(-1);
  expect(id !== undefined, "read_messages showed no id.");
  return id;
}

async function receiptsOf(id: string, { url, key }: RunningBridge): Promise<string> {
  const api = new ApiClient({ workerUrl: url, apiKey: key });
  const { receipts = [] } = await api.call("getMessage", { id, query: { reader: "mac" } });
  await api.close();
  const read = receipts.flatMap(({ machine, readAt }) => (readAt ? [`read on ${machine} at ${readAt}`] : []));
  expect(read.length === 1 && read[0]?.includes("on pc") === true, `The receipts are ${JSON.stringify(receipts)}.`);
  return read.join();
}

/** The text from one heading up to another; empty if one of them is missing. */
function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  return start === -1 || end === -1 ? "" : text.slice(start, end);
}

async function arrival(look: () => Promise<string>, expected: string): Promise<string> {
  const end = performance.now() + ARRIVAL_MS;
  for (;;) {
    const text = await look();
    if (text.includes(expected)) return text;
    expect(
      performance.now() < end,
      `The handover did not arrive within ${ARRIVAL_MS / 1000} s. read_messages returned: ${text}`,
    );
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
