// hooks/send-arguments.ts
var EVERYONE = "everyone";
var OPTIONS = ["--kind", "--tag", "--reply-to"];
var QUOTES = { '"': '"', "'": "'", "\u201C": "\u201D" };
function parseSendArguments(typed) {
  const words = splitWords(typed);
  const to = words[0];
  if (!to || to.isQuoted || to.value.startsWith("-")) return { ok: false, problem: "The machine is missing." };
  const leading = takeOptions(words.slice(1));
  if (!leading.ok) return leading;
  const body = leading.rest;
  const first = body[0];
  if (!first) return { ok: false, problem: "The text is missing." };
  let content;
  const options = leading.options;
  if (first.isQuoted && (body.length === 1 || body[1]?.value.startsWith("--"))) {
    const trailing = takeOptions(body.slice(1));
    if (!trailing.ok) return trailing;
    const stray = trailing.rest[0];
    if (stray) return { ok: false, problem: `"${stray.value}" after the text is not an option.` };
    options.push(...trailing.options);
    content = first.value;
  } else {
    const trailing = takeLastOptions(body);
    options.push(...trailing.options);
    const last = trailing.rest.at(-1);
    content = last ? typed.slice(first.start, last.end) : "";
  }
  if (content.trim() === "") return { ok: false, problem: "The text is missing." };
  const input = { content };
  if (to.value.toLowerCase() !== EVERYONE) input.to = to.value;
  for (const { name, value } of options) {
    if (name === "--kind") input.kind = value;
    if (name === "--reply-to") input.reply_to = value;
    if (name === "--tag") input.tags = [...input.tags ?? [], value];
  }
  return { ok: true, input };
}
function takeOptions(words) {
  const options = [];
  let rest = words;
  for (; ; ) {
    const word = rest[0];
    const name = word && !word.isQuoted ? OPTIONS.find((known) => isOption(word, known)) : void 0;
    if (!word || !name) return { ok: true, options, rest };
    const isJoined = word.value.length > name.length;
    const value = isJoined ? word.value.slice(name.length + 1) : rest[1]?.value;
    if (!value) return { ok: false, problem: `${name} needs a value.` };
    options.push({ name, value });
    rest = rest.slice(isJoined ? 1 : 2);
  }
}
function takeLastOptions(words) {
  for (let at = 1; at < words.length; at += 1) {
    const tail = takeOptions(words.slice(at));
    if (tail.ok && tail.options.length > 0 && tail.rest.length === 0) {
      return { options: tail.options, rest: words.slice(0, at) };
    }
  }
  return { options: [], rest: words };
}
function isOption(word, name) {
  return word.value === name || word.value.startsWith(`${name}=`);
}
function splitWords(text) {
  const words = [];
  let at = 0;
  for (; ; ) {
    while (at < text.length && isSpace(text[at])) at += 1;
    if (at >= text.length) return words;
    const word = quotedWord(text, at) ?? plainWord(text, at);
    words.push(word);
    at = word.end;
  }
}
function plainWord(text, start) {
  let end = start;
  while (end < text.length && !isSpace(text[end])) end += 1;
  return { value: text.slice(start, end), isQuoted: false, start, end };
}
function quotedWord(text, start) {
  const close = QUOTES[text[start] ?? ""];
  if (close === void 0) return null;
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const next = text[at + 1];
    if (close === '"' && text[at] === "\\" && (next === '"' || next === "\\")) {
      value += next;
      at += 1;
    } else if (text[at] === close && (next === void 0 || isSpace(next))) {
      return { value, isQuoted: true, start, end: at + 1 };
    } else {
      value += text[at];
    }
  }
  return null;
}
function isSpace(character) {
  return character !== void 0 && /\s/.test(character);
}

// hooks/register.ts
var SERVER = "plugin:photon:photon";
var SEND_USAGE = [
  'Usage: /photon-send <to> "text" [--kind task] [--tag name] [--reply-to id]',
  "<to> is a machine (pc), a machine in a project (pc/photon), every machine in a project (*/photon), or everyone."
].join("\n");
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
  { name: "photon-inbox", description: "Photon: show unread messages", argumentHint: "[all] [machine]" },
  { name: "photon-status", description: "Photon: show unread messages, the outbox, and whether the bridge answers" },
  {
    name: "photon-handover",
    description: "Photon: hand this session's work over to another machine",
    argumentHint: "[machine] [--as-is]"
  },
  { name: "photon-resume", description: "Photon: resume the newest handover", argumentHint: "[machine] [--here]" },
  { name: "photon-setup", description: "Photon: explain how to set this machine up" }
];
function register(on) {
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
    if (!parsed.ok) return { text: `${parsed.problem}
${SEND_USAGE}`, exitCode: 2 };
    return callTool($, "send_message", { ...parsed.input });
  });
  on("command.run", { command: "photon-inbox" }, async ($, event) => {
    const words = event.args.split(/\s+/).filter((word) => word !== "");
    const machine = words.find((word) => word !== "all");
    return callTool($, "read_messages", {
      unread_only: !words.includes("all"),
      ...machine === void 0 ? {} : { from_machine: machine }
    });
  });
  on("command.run", { command: "photon-status" }, async ($) => callTool($, "check_messages", {}));
  on("command.run", { command: "photon-handover" }, async ($, event) => {
    const words = event.args.split(/\s+/).filter((word) => word !== "");
    if (!words.includes("--as-is")) return startTurn($, isInteractive, "photon:handover", event.args);
    const to = words.find((word) => word !== "--as-is" && word.toLowerCase() !== "everyone");
    return callTool($, "hand_over", { send: true, ...to === void 0 ? {} : { to } });
  });
  on(
    "command.run",
    { command: "photon-resume" },
    async ($, event) => startTurn($, isInteractive, "photon:resume", event.args)
  );
  on("command.run", { command: "photon-setup" }, async ($) => ({
    text: [
      "Set Photon up in a terminal of your own, outside this conversation.",
      "If another machine of yours has joined your bridge, run `photon invite` there, and here with the line it prints:",
      `  node "${$.plugin.root}/bin/photon" join <line>`,
      "On the first machine:",
      `  node "${$.plugin.root}/bin/photon" setup`,
      "Then start a new session. Never type the line or the key into the conversation."
    ].join("\n")
  }));
}
function showMail($) {
  let shown = "";
  let isAsking = false;
  $.clock.every(LOOK_EVERY_MS, async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      const reply = await $.mcp.call(SERVER, "check_messages", { glance: true });
      const text = reply.content.flatMap((block) => block.type === "text" ? [block.text] : []).join("");
      const { entry, toast, notify } = glanceOf(text);
      if (entry !== shown) $.ui.status(entry === "" ? void 0 : entry);
      shown = entry;
      if (toast !== "") $.ui.toast(toast);
      if (notify !== "") $.ui.notify(notify);
    } catch {
    } finally {
      isAsking = false;
    }
  });
}
function glanceOf(text) {
  const said = Object(JSON.parse(text));
  const textOf = (name) => typeof said[name] === "string" ? said[name] : "";
  return { entry: textOf("entry"), toast: textOf("toast"), notify: textOf("notify") };
}
function startTurn($, isInteractive, command, args) {
  if (!isInteractive) return { text: `Run /${command} instead: this command needs a turn of Claude.`, exitCode: 2 };
  void $.clock.after(TURN_DELAY_MS, () => void $.command.run({ command, args }));
  return { text: `/${command}` };
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
