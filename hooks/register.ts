// The mod: the bare commands /photon-send, /photon-inbox, … in the client. It runs in the client's own sandbox, without
// Node, and only where the client has mods; without it the prefixed commands of commands/ do the same. The client scans
// the built file: `register` has to stay a function declaration, and `$` goes only to functions declared in this file.
import type { EngineInterface, On } from "claude-code";
// Without an extension: the client's own type check, which the end-to-end tests run on this file, refuses `.ts` here.
import { parseSendArguments } from "./send-arguments";

const SERVER = "plugin:photon:photon";

const SEND_USAGE = [
  'Usage: /photon-send <to> "text" [--kind task] [--tag name] [--reply-to id]',
  "<to> is a machine (pc), a machine in a project (pc/photon), every machine in a project (*/photon), or everyone.",
].join("\n");

/** How long a session that has just started is waited for until its server answers, in milliseconds. */
const SERVER_START_MS = 3_000;
const SERVER_POLL_MS = 100;

/** The client starts a turn only once the command that asks for it has answered, in milliseconds after it. */
const TURN_DELAY_MS = 20;

/** How often the session's own server is asked what waits, in milliseconds: nothing leaves the machine. */
const LOOK_EVERY_MS = 1_500;

const COMMANDS = [
  {
    name: "photon-send",
    description: "Photon: send a message to another machine",
    argumentHint: '<to> "text" [--kind task]',
  },
  { name: "photon-inbox", description: "Photon: show unread messages", argumentHint: "[all] [machine]" },
  { name: "photon-status", description: "Photon: show what waits and whether the bridge answers" },
  {
    name: "photon-handover",
    description: "Photon: hand this session's work over",
    argumentHint: "[machine] [--as-is]",
  },
  { name: "photon-resume", description: "Photon: resume the newest handover", argumentHint: "[machine] [--here]" },
  { name: "photon-setup", description: "Photon: how to set this machine up" },
] as const;

/** What a command prints. `exitCode` is for a headless run that was only this command. */
interface Printed {
  readonly text: string;
  readonly exitCode?: number;
}

export function register(on: On): void {
  let isInteractive = false;

  on("session.start", async ($, event, next) => {
    const result = await next(event);
    isInteractive = event.isInteractive;
    if (isInteractive) showMail($);
    for (const command of COMMANDS) await $.command.register(command);
    return result;
  });

  on("command.run", { command: "photon-send" }, async ($, event) => {
    const parsed = parseSendArguments(event.args);
    if (!parsed.ok) return { text: `${parsed.problem}\n${SEND_USAGE}`, exitCode: 2 };
    return callTool($, "send_message", { ...parsed.input });
  });

  on("command.run", { command: "photon-inbox" }, async ($, event) => {
    const words = event.args.split(/\s+/).filter((word) => word !== "");
    const machine = words.find((word) => word !== "all");
    return callTool($, "read_messages", {
      unread_only: !words.includes("all"),
      ...(machine === undefined ? {} : { from_machine: machine }),
    });
  });

  on("command.run", { command: "photon-status" }, async ($) => callTool($, "check_messages", {}));

  on("command.run", { command: "photon-handover" }, async ($, event) => {
    const words = event.args.split(/\s+/).filter((word) => word !== "");
    if (!words.includes("--as-is")) return startTurn($, isInteractive, "photon:handover", event.args);
    const to = words.find((word) => word !== "--as-is" && word.toLowerCase() !== "everyone");
    return callTool($, "hand_over", { send: true, ...(to === undefined ? {} : { to }) });
  });

  on("command.run", { command: "photon-resume" }, async ($, event) =>
    startTurn($, isInteractive, "photon:resume", event.args),
  );

  on("command.run", { command: "photon-setup" }, async ($) => ({
    text: [
      "Photon needs the address of your bridge and its key, outside this conversation:",
      `  in a terminal:  node "${$.plugin.root}/dist/photon.mjs" setup`,
      "  or here:        /plugin configure photon@photon",
      "Then start a new session. Never type the key into the conversation.",
    ].join("\n"),
  }));
}

/** Keeps an entry under the prompt, and tells the person of what comes. Costs no tokens; Claude hears at the next prompt. */
function showMail($: EngineInterface): void {
  let shown = "";
  let isAsking = false;
  $.clock.every(LOOK_EVERY_MS, async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      const reply = await $.mcp.call(SERVER, "check_messages", { glance: true });
      const text = reply.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");
      const { entry, toast, notify } = glanceOf(text);
      if (entry !== shown) $.ui.status(entry === "" ? undefined : entry); // an empty text would leave our name there
      shown = entry;
      if (toast !== "") $.ui.toast(toast);
      if (notify !== "") $.ui.notify(notify);
    } catch {
      // the server is not there yet, or not any more; /mcp shows why
    } finally {
      isAsking = false;
    }
  });
}

/** What the server says is to be drawn; empty texts for what it does not say. */
function glanceOf(text: string): { entry: string; toast: string; notify: string } {
  const said: Record<string, unknown> = Object(JSON.parse(text));
  const textOf = (name: string) => (typeof said[name] === "string" ? said[name] : "");
  return { entry: textOf("entry"), toast: textOf("toast"), notify: textOf("notify") };
}

/** Only Claude can do it: runs the prefixed command, which the person then sees as if typed. */
function startTurn($: EngineInterface, isInteractive: boolean, command: string, args: string): Printed {
  // A headless run ends with this command, before the turn could start.
  if (!isInteractive) return { text: `Run it as /${command}: it needs a turn of Claude.`, exitCode: 2 };
  void $.clock.after(TURN_DELAY_MS, () => void $.command.run({ command, args }));
  return { text: `/${command}` };
}

async function callTool($: EngineInterface, tool: string, input: Record<string, unknown>): Promise<Printed> {
  for (let waitedMs = 0; ; waitedMs += SERVER_POLL_MS) {
    try {
      const reply = await $.mcp.call(SERVER, tool, input);
      const text = reply.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
      return reply.isError ? { text, exitCode: 1 } : { text };
    } catch (error) {
      // Only this refusal proves that nothing was called; anything else must not be tried again.
      const isNotConnected = String(error).includes("no connected MCP tool");
      if (!isNotConnected) return { text: `Photon's server did not answer: ${String(error)}`, exitCode: 1 };
      if (waitedMs >= SERVER_START_MS) {
        return { text: "Photon's server is not connected; /mcp shows why. Nothing was done.", exitCode: 1 };
      }
      await $.clock.sleep(SERVER_POLL_MS);
    }
  }
}
