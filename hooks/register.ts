// The mod: the bare commands /photon-send, /photon-inbox, … in the client. It runs in the client's own sandbox, without Node,
// and only in clients that have mods; in others, the prefixed commands of commands/ do the same. The client analyses the
// built file: `register` must stay a function declaration, and `$` may be passed only to functions in this file.
import type { EngineInterface, On } from "claude-code";

const SERVER = "plugin:photon:photon";

/** How long to wait for the server of a session that has just started, in milliseconds. */
const SERVER_START_MS = 3_000;
const SERVER_POLL_MS = 100;

/** The client starts a turn only after the command that requests it has returned; this many milliseconds later is enough. */
const TURN_DELAY_MS = 20;

/** How often the session's own server is asked for unread mail, in milliseconds. This uses no network. */
const LOOK_EVERY_MS = 1_500;

/** What the mod knows about its session. */
interface Session {
  /** The unread count under the prompt; empty: none. */
  entry: string;
  /** As the hint line last said, which the client draws again at each change. */
  isWorking: boolean;
  /** A text that starts a turn waits for the client, for example while a dialog is open. */
  isTurnWaiting: boolean;
}

const COMMANDS = [
  {
    name: "photon-send",
    description: "Photon: send a message to another machine",
    argumentHint: '<to> "text" [--kind task]',
  },
  {
    name: "photon-inbox",
    description: "Photon: show unread messages",
    argumentHint: "[all] [machine] | <id> | done all",
  },
  { name: "photon-status", description: "Photon: show unread messages, the outbox, and whether the bridge answers" },
  {
    name: "photon-handover",
    description: "Photon: hand this session's work over to another machine",
    argumentHint: "[machine] [--as-is]",
  },
  {
    name: "photon-resume",
    description: "Photon: resume the newest handover",
    argumentHint: "[machine] [--here] | --list",
  },
  { name: "photon-setup", description: "Photon: show how to set this machine up" },
] as const;

/** The output of a command. `exitCode` is for a headless run that consists of this command. */
interface Printed {
  readonly text: string;
  readonly exitCode?: number;
}

export function register(on: On): void {
  let isInteractive = false;
  const session: Session = { entry: "", isWorking: false, isTurnWaiting: false };

  on("session.start", async ($, event, next) => {
    const result = await next(event);
    isInteractive = event.isInteractive;
    if (isInteractive) watchMail($, session);
    for (const command of COMMANDS) await $.command.register(command);
    return result;
  });

  // A plugin's own status line (`$.ui.status`) has a warning sign in front.
  on("ui.render", { component: "PromptHint" }, (_, event, next) => {
    const { isWorking, tail = "" } = event.props;
    session.isWorking = isWorking;
    if (session.entry === "") return next(event);
    const all = [tail, `photon: ${session.entry}`].filter((part) => part !== "");
    return next({ ...event, props: { ...event.props, tail: all.join(" · ") } });
  });

  // One registration for each, because the client reads the names from the file.
  on("command.run", { command: "photon-send" }, async ($, event) => screenOf($, event, isInteractive));
  on("command.run", { command: "photon-inbox" }, async ($, event) => screenOf($, event, isInteractive));
  on("command.run", { command: "photon-status" }, async ($, event) => screenOf($, event, isInteractive));
  on("command.run", { command: "photon-setup" }, async ($, event) => screenOf($, event, isInteractive));

  on("command.run", { command: "photon-handover" }, async ($, event) => {
    return event.args.split(/\s+/).includes("--as-is")
      ? screenOf($, event, isInteractive)
      : startTurn($, isInteractive, "photon:handover", event.args);
  });

  on("command.run", { command: "photon-resume" }, async ($, event) =>
    event.args.split(/\s+/).includes("--list")
      ? screenOf($, event, isInteractive)
      : startTurn($, isInteractive, "photon:resume", event.args),
  );
}

/** What a command needs to know of the client's event. Older clients have fewer fields. */
interface CommandEvent {
  readonly command: string;
  readonly args: string;
  readonly origin?: { readonly kind: string } | undefined;
  readonly presentation?: { readonly columns?: number | undefined } | undefined;
}

/** Where a line was typed by a person: in the terminal, or remotely. A script's line comes from elsewhere. */
const TYPED = ["composer", "bridge", "person"];

/** The screen that the `photon` command prints, made by the session's server. */
async function screenOf($: EngineInterface, event: CommandEvent, isInteractive: boolean): Promise<Printed> {
  const { command, args, origin, presentation } = event;
  const isTyped = isInteractive && TYPED.includes(origin?.kind ?? "");
  const display = JSON.stringify({ command, args, columns: presentation?.columns, isTyped });
  const { text, exitCode } = await callTool($, "check_messages", { display });
  if (exitCode !== undefined) return { text, exitCode };
  const screen: Record<string, unknown> = Object(JSON.parse(text));
  return { text: String(screen.text), exitCode: Number(screen.exitCode) };
}

/**
 * Shows the unread count under the prompt, and toasts for new mail, which costs no tokens: Claude is told at the next prompt.
 * If the person has switched waking on, an idle session gets a turn.
 */
function watchMail($: EngineInterface, session: Session): void {
  let isAsking = false;
  $.clock.every(LOOK_EVERY_MS, async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      const display = session.isWorking || session.isTurnWaiting ? "busy" : "idle";
      const reply = await $.mcp.call(SERVER, "check_messages", { display });
      const text = reply.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("");
      const { entry, toast, notify, wake } = glanceOf(text);
      if (entry !== session.entry) {
        session.entry = entry;
        $.ui.invalidate("ui.render");
      }
      if (toast !== "") $.ui.toast(toast);
      if (notify !== "") $.ui.notify(notify);
      if (wake !== "") void startWakeTurn($, session, wake);
    } catch {
      // the server has not started yet, or has ended; /mcp shows why
    } finally {
      isAsking = false;
    }
  });
}

/**
 * Starts a turn with the server's text, which the client shows and tells Claude as a plugin's message, not as the person's.
 * The server's own hook has the last word when the turn begins.
 */
async function startWakeTurn($: EngineInterface, session: Session, text: string): Promise<void> {
  session.isTurnWaiting = true;
  try {
    await $.prompt.submit({ text });
  } catch {
    // no turn has begun, so the next prompt tells the mail
  } finally {
    session.isTurnWaiting = false;
  }
}

/** What the server wants to show; an empty text for a missing field. */
function glanceOf(text: string): { entry: string; toast: string; notify: string; wake: string } {
  const said: Record<string, unknown> = Object(JSON.parse(text));
  const textOf = (name: string) => (typeof said[name] === "string" ? said[name] : "");
  return { entry: textOf("entry"), toast: textOf("toast"), notify: textOf("notify"), wake: textOf("wake") };
}

/** For commands that need Claude: runs the prefixed command, which the person then sees as if they had typed it. */
function startTurn($: EngineInterface, isInteractive: boolean, command: string, args: string): Printed {
  // A headless run ends with this command, before the turn can start.
  if (!isInteractive) return { text: `Run /${command} instead: this command needs a turn of Claude.`, exitCode: 2 };
  void $.clock.after(TURN_DELAY_MS, () => void $.command.run({ command, args }));
  return { text: `Claude takes it from here, with /${command}.` };
}

async function callTool($: EngineInterface, tool: string, input: Record<string, unknown>): Promise<Printed> {
  for (let waitedMs = 0; ; waitedMs += SERVER_POLL_MS) {
    try {
      const reply = await $.mcp.call(SERVER, tool, input);
      const text = reply.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
      return reply.isError ? { text, exitCode: 1 } : { text };
    } catch (error) {
      // Only this error proves that the tool was not called; after any other, a retry might repeat the action.
      const isNotConnected = String(error).includes("no connected MCP tool");
      if (!isNotConnected) return { text: `Photon's server did not answer: ${String(error)}`, exitCode: 1 };
      if (waitedMs >= SERVER_START_MS) {
        return { text: "Photon's server is not connected; /mcp shows why. Nothing was done.", exitCode: 1 };
      }
      await $.clock.sleep(SERVER_POLL_MS);
    }
  }
}
