// npm run demo: the product's main job with the real parts, on this machine alone. Exits 1 and names the step that failed.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Machine } from "./demo/machine.ts";
import { expect, Story } from "./demo/story.ts";
import { type RunningBridge, startBridge } from "./local-bridge.ts";
import { usersNode } from "./users-node.ts";

const TRANSCRIPT = fileURLToPath(
  new URL("../test/fixtures/transcripts/interactive-tasks-edits.jsonl", import.meta.url),
);

/** The handover leaves in a process of its own after the hook; this is how long it may take to arrive. */
const ARRIVAL_MS = 5_000;
const POLL_MS = 25;

const story = new Story();
const temp = mkdtempSync(join(tmpdir(), "photon demo "));
const machines: Machine[] = [];
let bridge: RunningBridge | undefined;

try {
  await play();
} catch (error) {
  process.stdout.write("\n");
  process.stderr.write(
    `The demo failed at "${story.currentStep}": ${error instanceof Error ? error.message : error}\n`,
  );
  process.exitCode = 1;
} finally {
  for (const machine of machines) await machine.stop().catch(() => undefined);
  await bridge?.close();
  rmSync(temp, { recursive: true, force: true, maxRetries: 5 });
}

async function play(): Promise<void> {
  story.chapter("Photon: two machines, one bridge, all on this computer");
  const key = randomBytes(24).toString("base64url");
  const running = await story.step("bridge", "the Worker starts in workerd, with KV in a temp folder", () =>
    startBridge({ port: 0, data: join(temp, "bridge"), key }),
  );
  bridge = running;
  const mac = machine("mac", running);
  const pc = machine("pc", running);

  story.chapter("mac leaves a task. pc is asleep.");
  await story.step("mac", "Claude Code starts Photon's MCP server", async () => {
    const tools = await mac.start();
    expect(tools.includes("send_message"), `the server has only ${tools.join(", ")}`);
  });
  const sent = await story.step("mac", "send_message to pc: a task", () =>
    mac.call("send_message", {
      to: "pc",
      kind: "task",
      content: "Please run the Windows tests of branch crlf and tell me what fails.",
    }),
  );
  expect(sent.includes("Stored on the bridge"), sent);
  story.quote(sent, 1);
  await story.step("mac", "send_message to everyone: a note", () =>
    mac.call("send_message", { content: "Release 0.1 goes out on Friday." }),
  );

  story.chapter("Two days later, pc starts a session.");
  const announced = await story.step("pc", "SessionStart hook looks into the mailbox", () =>
    pc.hook("session-start.cjs", { hook_event_name: "SessionStart", source: "startup" }),
  );
  const line = String(announced.systemMessage ?? "");
  expect(/2 unread/.test(line), `the hook said ${JSON.stringify(announced)}`);
  story.quote(line);
  await story.step("pc", "Claude Code starts Photon's MCP server", () => pc.start());
  const inbox = await story.step("pc", "read_messages: each body fenced as data", () =>
    pc.call("read_messages", { unread_only: true }),
  );
  expect(inbox.includes("Please run the Windows tests"), inbox);
  const task = idBefore(inbox, "Please run the Windows tests");
  const answered = await story.step("pc", "send_message answers the task", () =>
    pc.call("send_message", {
      to: "mac",
      reply_to: task,
      content: "Two fail: path.test.ts and crlf.test.ts. Both are fixed on crlf.",
    }),
  );
  expect(answered.includes("Stored"), answered);
  await story.step("pc", "mark_read: done with it, on pc alone", () => pc.call("mark_read", { message_id: task }));

  story.chapter("mac sees the answer, and that its task was read.");
  const reply = await story.step("mac", "read_messages", () => mac.call("read_messages", { unread_only: true }));
  expect(reply.includes("Two fail: path.test.ts"), reply);
  story.quote(reply.split("\n").find((text) => text.includes("Two fail")) ?? "");
  const receipt = await story.step("mac", "GET /messages/:id: who read it, and when", () => readReceipt(running, task));
  expect(receipt.includes("pc"), `the receipts were ${receipt}`);
  story.quote(receipt);

  story.chapter("mac's session ends. Its handover waits for pc.");
  const transcript = join(temp, "transcript.jsonl");
  copyFileSync(TRANSCRIPT, transcript);
  await story.step("mac", "Stop hook saves the draft, from transcript and git", () =>
    mac.hook("stop.cjs", {
      hook_event_name: "Stop",
      transcript_path: transcript,
      last_assistant_message: "Line endings are normalised now. Next: run the tests on Windows.",
    }),
  );
  await story.step("mac", "SessionEnd hook publishes it, and is gone", () =>
    mac.hook("session-end.cjs", { hook_event_name: "SessionEnd", reason: "other", transcript_path: transcript }),
  );
  const handover = await story.step("pc", "read_messages: the handover has arrived", () =>
    arrival(() => pc.call("read_messages", { kind: "handover" }), "Line endings are normalised now"),
  );
  story.quote(bodyOf(handover), 6);
  story.end("Sent, announced, read, answered, marked and handed over.");
}

function machine(name: string, running: RunningBridge): Machine {
  const folder = join(temp, name, "photon demo");
  const home = join(temp, name, "home");
  mkdirSync(folder, { recursive: true });
  mkdirSync(home, { recursive: true });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "pipe" });
  git("init", "--quiet", "--initial-branch=crlf");
  // The same project under different paths: both machines know it by its remote.
  git("remote", "add", "origin", "https://example.com/me/lamp.git");
  writeFileSync(join(folder, "notes.md"), "not committed yet\n");
  const session = `demo-${name}`;
  const started = new Machine({ name, home, folder, session, bridge: running, node: usersNode() });
  machines.push(started);
  return started;
}

/** The id in the last header before a text. */
function idBefore(inbox: string, text: string): string {
  const ids = [
    ...inbox.slice(0, inbox.indexOf(text)).matchAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g),
  ];
  const id = ids.at(-1)?.[0];
  expect(id !== undefined, "read_messages shows no id");
  return id;
}

async function readReceipt({ url, key }: RunningBridge, id: string): Promise<string> {
  const response = await fetch(`${url}/messages/${id}?reader=mac`, { headers: { authorization: `Bearer ${key}` } });
  const { receipts } = (await response.json()) as { receipts?: { machine: string; readAt?: string }[] };
  return (receipts ?? []).map(({ machine, readAt }) => `${machine}: read ${readAt ?? "not yet"}`).join(" · ");
}

/** What stands between the marks of the fence. */
function bodyOf(text: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith("<<"));
  return lines.slice(start + 1).join("\n");
}

async function arrival(look: () => Promise<string>, expected: string): Promise<string> {
  const end = performance.now() + ARRIVAL_MS;
  for (;;) {
    const text = await look();
    if (text.includes(expected)) return text;
    expect(performance.now() < end, `it did not arrive within ${ARRIVAL_MS / 1000} s; read_messages said: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
