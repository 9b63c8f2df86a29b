// npm run demo: the product's main job with the real parts, on this machine alone. Exits 1 and names the step that failed.
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../client/bridge/api-client.ts";
import { Machine } from "./demo/machine.ts";
import { makeProject, writeTranscript } from "./demo/project.ts";
import { expect, Story } from "./demo/story.ts";
import { type RunningBridge, startBridge } from "./local-bridge.ts";
import { usersNode } from "./users-node.ts";

/** The handover leaves in a process of its own after the hook; this is how long it may take to arrive. */
const ARRIVAL_MS = 5_000;
const POLL_MS = 25;

const TASK = "Please run the Windows tests of branch crlf.";
const NOTE = "Release 0.1 goes out on Friday.";
const ANSWER = "Two fail: path.test.ts, crlf.test.ts. Both are fixed on crlf.";
const LAST_WORDS = "Line endings are normalised. Next: run the tests on Windows.";

const story = new Story();
const temp = mkdtempSync(join(tmpdir(), "photon demo "));
const machines: Machine[] = [];
let bridge: RunningBridge | undefined;

// Ctrl-C too. The bridge ends with this process, and the servers when their stdin does.
const tidyUp = () => rmSync(temp, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
process.on("exit", tidyUp);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void interrupted());

/** Whatever still writes goes first: it would make its folder anew, or keep it from being removed. */
async function interrupted(): Promise<void> {
  const ended = [...machines.map((machine) => machine.stop()), bridge?.close()];
  await Promise.race([Promise.allSettled(ended), sleep(5_000)]);
  // What a hook has started may write once more; it finds no bridge, and ends.
  for (let tries = 0; tries < 8; tries++) {
    tidyUp();
    await sleep(250);
  }
  process.exit(1);
}

try {
  await play();
} catch (error) {
  story.fail(error);
  process.exitCode = 1;
} finally {
  await Promise.all(machines.map((machine) => machine.stop()));
  await bridge?.close();
}

async function play(): Promise<void> {
  story.chapter("Photon: two machines and a bridge, all on this computer");
  const running = await story.step("bridge", "the Worker starts in workerd, with KV on this disk", () =>
    startBridge({ port: 0, data: join(temp, "bridge"), key: randomBytes(32).toString("base64url") }),
  );
  bridge = running;
  const [mac, pc] = [machine("mac", running), machine("pc", running)];

  story.chapter("mac leaves a task. pc is switched off.");
  await startServer(mac);
  const sent = await story.step("mac", "send_message: a task for pc", () =>
    mac.call("send_message", { to: "pc", kind: "task", content: TASK }),
  );
  expect(sent.startsWith("Stored on the bridge"), sent);
  story.quote(sent.split(" (id")[0] ?? "");
  await story.step("mac", "send_message: a note for everyone", async () => {
    const said = await mac.call("send_message", { content: NOTE });
    expect(said.startsWith("Stored on the bridge"), said);
  });

  story.chapter("Later, pc is switched on and starts a session.");
  const line = await story.step("pc", "the SessionStart hook looks into the mailbox", async () => {
    let said = "";
    // The hook gives the bridge 0.8 seconds, which a busy machine may need for more than that: then the next start says it.
    for (let starts = 0; starts < 3 && !/2 unread/.test(said); starts++) {
      const { systemMessage } = await pc.hook("session-start.cjs", { source: "startup" });
      said = String(systemMessage);
    }
    expect(/2 unread/.test(said), `The hook said ${said}.`);
    return said;
  });
  story.quote(line);
  await startServer(pc);
  const task = await story.step("pc", "read_messages: each body fenced, as data", async () => {
    const inbox = await pc.call("read_messages", { unread_only: true });
    expect(inbox.includes(TASK) && inbox.includes(NOTE), inbox);
    return idBefore(inbox, TASK);
  });
  story.quote(TASK);
  await story.step("pc", "send_message: the answer", async () => {
    const said = await pc.call("send_message", { to: "mac", reply_to: task, content: ANSWER });
    expect(said.startsWith("Stored on the bridge"), said);
  });
  await story.step("pc", "mark_read: finished, on pc alone", async () => {
    const said = await pc.call("mark_read", { message_id: task });
    expect(said.startsWith("Marked read on pc"), said);
  });

  story.chapter("mac has the answer, and sees that its task was read.");
  await story.step("mac", "read_messages: the answer, to its task", async () => {
    const inbox = await mac.call("read_messages", { unread_only: true });
    expect(inbox.includes(ANSWER) && inbox.includes(`in reply to ${task}`), inbox);
  });
  story.quote(ANSWER);
  story.quote(await story.step("mac", "the task's receipts, from the bridge", () => receiptsOf(task, running)));

  story.chapter("mac's session ends. What it leaves waits for pc.");
  const ending = { transcript_path: writeTranscript(temp, mac.folder), cwd: mac.folder };
  await story.step("mac", "the Stop hook drafts, from transcript and git", async () => {
    await mac.hook("stop.cjs", { ...ending, last_assistant_message: LAST_WORDS });
    expect(mac.draft().includes(LAST_WORDS), "It kept no draft.");
  });
  await story.step("mac", "the SessionEnd hook hands it over, and is gone", () =>
    mac.hook("session-end.cjs", { ...ending, reason: "other" }),
  );
  const handover = await story.step("pc", "read_messages: the handover is there", () =>
    arrival(() => pc.call("read_messages", { kind: "handover" }), LAST_WORDS),
  );
  story.quote(between(handover, "Claude's last answer:", "## Open"));
  await emptied(join(temp, "mac", "home", "outbox")); // what delivers it notes that before it ends
  story.end("Sent, announced, read, answered, marked, handed over");
}

/** Waits until nothing is in a folder any more, or it is gone. Five seconds at most: it is only for tidying up. */
async function emptied(folder: string): Promise<void> {
  for (let step = 0; step < 100 && existsSync(folder) && readdirSync(folder).length > 0; step++) await sleep(50);
}

function machine(name: string, { url, key }: RunningBridge): Machine {
  const home = join(temp, name, "home");
  const folder = makeProject(join(temp, name));
  const made = new Machine({ name, home, folder, bridge: { url, key }, node: usersNode() });
  machines.push(made);
  return made;
}

function startServer(machine: Machine): Promise<void> {
  return story.step(machine.name, "Claude Code starts Photon's MCP server", async () => {
    const tools = await machine.start();
    expect(tools.includes("send_message"), `It has only the tools ${tools.join(", ")}.`);
  });
}

/** The id in the last header before a text. */
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

/** The lines between two headings; to the end when the second is not there. */
function between(text: string, from: string, to: string): string {
  const rest = text.slice(text.indexOf(from));
  const end = rest.indexOf(to);
  return end === -1 ? rest : rest.slice(0, end);
}

async function arrival(look: () => Promise<string>, expected: string): Promise<string> {
  const end = performance.now() + ARRIVAL_MS;
  for (;;) {
    const text = await look();
    if (text.includes(expected)) return text;
    expect(performance.now() < end, `It did not arrive within ${ARRIVAL_MS / 1000} s. read_messages said: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
