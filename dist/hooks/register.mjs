// hooks/register.ts
var SERVER = "plugin:photon:photon";
var SERVER_START_MS = 3e3;
var SERVER_POLL_MS = 100;
var TURN_DELAY_MS = 20;
var LOOK_EVERY_MS = 1500;
var COMMANDS = [
  {
    name: "photon-send",
    description: "Photon: send a message to another machine",
    argumentHint: '<to> "text" [--kind task]'
  },
  {
    name: "photon-inbox",
    description: "Photon: show unread messages",
    argumentHint: "[all] [machine] | <id> | done all"
  },
  { name: "photon-status", description: "Photon: show unread messages, the outbox, and whether the bridge answers" },
  {
    name: "photon-handover",
    description: "Photon: hand this session's work over to another machine",
    argumentHint: "[machine] [--as-is]"
  },
  {
    name: "photon-resume",
    description: "Photon: resume the newest handover",
    argumentHint: "[machine] [--here] | --list"
  },
  { name: "photon-setup", description: "Photon: show how to set this machine up" }
];
function register(on) {
  let isInteractive = false;
  const session = { entry: "", isWorking: false, isTurnWaiting: false };
  on("session.start", async ($, event, next) => {
    const result = await next(event);
    isInteractive = event.isInteractive;
    if (isInteractive) watchMail($, session);
    for (const command of COMMANDS) await $.command.register(command);
    return result;
  });
  on("ui.render", { component: "PromptHint" }, (_, event, next) => {
    const { isWorking, tail = "" } = event.props;
    session.isWorking = isWorking;
    if (session.entry === "") return next(event);
    const all = [tail, `photon: ${session.entry}`].filter((part) => part !== "");
    return next({ ...event, props: { ...event.props, tail: all.join(" \xB7 ") } });
  });
  on("command.run", { command: "photon-send" }, async ($, event) => screenOf($, event, isInteractive));
  on("command.run", { command: "photon-inbox" }, async ($, event) => screenOf($, event, isInteractive));
  on("command.run", { command: "photon-status" }, async ($, event) => screenOf($, event, isInteractive));
  on("command.run", { command: "photon-setup" }, async ($, event) => screenOf($, event, isInteractive));
  on("command.run", { command: "photon-handover" }, async ($, event) => {
    return event.args.split(/\s+/).includes("--as-is") ? screenOf($, event, isInteractive) : startTurn($, isInteractive, "photon:handover", event.args);
  });
  on(
    "command.run",
    { command: "photon-resume" },
    async ($, event) => event.args.split(/\s+/).includes("--list") ? screenOf($, event, isInteractive) : startTurn($, isInteractive, "photon:resume", event.args)
  );
}
var TYPED = ["composer", "bridge", "person"];
async function screenOf($, event, isInteractive) {
  const { command, args, origin, presentation } = event;
  const isTyped = isInteractive && TYPED.includes(origin?.kind ?? "");
  const display = JSON.stringify({ command, args, columns: presentation?.columns, isTyped });
  const { text, exitCode } = await callTool($, "check_messages", { display });
  if (exitCode !== void 0) return { text, exitCode };
  const screen = Object(JSON.parse(text));
  return { text: String(screen.text), exitCode: Number(screen.exitCode) };
}
function watchMail($, session) {
  let isAsking = false;
  $.clock.every(LOOK_EVERY_MS, async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      const display = session.isWorking || session.isTurnWaiting ? "busy" : "idle";
      const reply = await $.mcp.call(SERVER, "check_messages", { display });
      const text = reply.content.flatMap((block) => block.type === "text" ? [block.text] : []).join("");
      const { entry, toast, notify, wake } = glanceOf(text);
      if (entry !== session.entry) {
        session.entry = entry;
        $.ui.invalidate("ui.render");
      }
      if (toast !== "") $.ui.toast(toast);
      if (notify !== "") $.ui.notify(notify);
      if (wake !== "") void startWakeTurn($, session, wake);
    } catch {
    } finally {
      isAsking = false;
    }
  });
}
async function startWakeTurn($, session, text) {
  session.isTurnWaiting = true;
  try {
    await $.prompt.submit({ text });
  } catch {
  } finally {
    session.isTurnWaiting = false;
  }
}
function glanceOf(text) {
  const said = Object(JSON.parse(text));
  const textOf = (name) => typeof said[name] === "string" ? said[name] : "";
  return { entry: textOf("entry"), toast: textOf("toast"), notify: textOf("notify"), wake: textOf("wake") };
}
function startTurn($, isInteractive, command, args) {
  if (!isInteractive) return { text: `Run /${command} instead: this command needs a turn of Claude.`, exitCode: 2 };
  void $.clock.after(TURN_DELAY_MS, () => void $.command.run({ command, args }));
  return { text: `Claude takes it from here, with /${command}.` };
}
async function callTool($, tool, input) {
  for (let waitedMs = 0; ; waitedMs += SERVER_POLL_MS) {
    try {
      const reply = await $.mcp.call(SERVER, tool, input);
      const text = reply.content.flatMap((block) => block.type === "text" ? [block.text] : []).join("\n");
      return reply.isError ? { text, exitCode: 1 } : { text };
    } catch (error) {
      const isNotConnected = String(error).includes("no connected MCP tool");
      if (!isNotConnected) return { text: `Photon's server did not answer: ${String(error)}`, exitCode: 1 };
      if (waitedMs >= SERVER_START_MS) {
        return { text: "Photon's server is not connected; /mcp shows why. Nothing was done.", exitCode: 1 };
      }
      await $.clock.sleep(SERVER_POLL_MS);
    }
  }
}
export {
  register
};
