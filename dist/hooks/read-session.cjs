"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: !0 });
}, __copyProps = (to, from, except, desc) => {
  if (from && typeof from == "object" || typeof from == "function")
    for (let key of __getOwnPropNames(from))
      !__hasOwnProp.call(to, key) && key !== except && __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: !0 }), mod);

// hooks/read-session.ts
var read_session_exports = {};
__export(read_session_exports, {
  NO_FACTS: () => NO_FACTS,
  factsOfSession: () => factsOfSession,
  goalOf: () => goalOf,
  isSubstantial: () => isSubstantial,
  weightOf: () => weightOf,
  withoutPaste: () => withoutPaste
});
module.exports = __toCommonJS(read_session_exports);

// handover/reading/facts-of-session.ts
var import_node_fs5 = require("node:fs");

// client/disk/private-file.ts
var import_node_crypto = require("node:crypto"), import_node_fs = require("node:fs"), import_node_path = require("node:path");

// contract/parse-json.ts
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return;
  }
}

// client/disk/private-file.ts
function writeLosableFile(path, content) {
  let temporary = `${path}.${(0, import_node_crypto.randomBytes)(6).toString("hex")}.tmp`;
  try {
    (0, import_node_fs.mkdirSync)((0, import_node_path.dirname)(path), { recursive: !0, mode: 448 }), (0, import_node_fs.writeFileSync)(temporary, content, { mode: 384, flag: "wx" }), replaceFile(temporary, path);
  } catch {
    (0, import_node_fs.rmSync)(temporary, { force: !0 });
  }
}
function replaceFile(from, to) {
  for (let attempt = 1; ; attempt++)
    try {
      (0, import_node_fs.renameSync)(from, to);
      return;
    } catch (error) {
      if (process.platform !== "win32" || attempt === MAX_REPLACE_ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REPLACE_PAUSE_MS);
    }
}
var MAX_REPLACE_ATTEMPTS = 5, REPLACE_PAUSE_MS = 10;
function readIfThere(path) {
  try {
    return (0, import_node_fs.readFileSync)(path);
  } catch {
    return null;
  }
}
function removeFile(path) {
  (0, import_node_fs.rmSync)(path, { force: !0 });
}
function textField(value, key) {
  let field = recordOf(value)?.[key];
  return typeof field == "string" ? field : void 0;
}
function numberField(value, key) {
  let field = recordOf(value)?.[key];
  return typeof field == "number" && Number.isFinite(field) ? field : void 0;
}
function recordOf(value) {
  return isRecord(value) ? value : void 0;
}
function isRecord(value) {
  return typeof value == "object" && value !== null && !Array.isArray(value);
}

// client/text/clip.ts
function clip(text, maxChars) {
  if (text.length <= maxChars) return text;
  let cut2 = wholeCharacters(text.slice(0, Math.max(0, maxChars - MARK.length))), words = cut2.replace(/(?<!\s)\s+\S*$/, "");
  return `${words.length > cut2.length / 2 ? words : withoutPart(cut2).trimEnd()}${MARK}`.trimStart();
}
function withoutPart(cut2) {
  return cut2.replace(/(?<![!-~])[!-~]+$/, "");
}
var MARK = " \u2026";
function wholeCharacters(text) {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}

// handover/transcript/transcript-line.ts
var HEAD_BYTES = 220, KIND = /^\{"type":"(\w[\w-]*)"|"isSidechain":(true)|"attachment":\{"type":"([\w-]+)"|"type":"(user|system)"|"role":"(assistant)"/, TYPES = /* @__PURE__ */ new Set([
  "user",
  "assistant",
  "system",
  "cost-state",
  "queued_command",
  "ai-title",
  "pr-link"
]), MARKS = ['"type":"user"', '"role":"assistant"', '"type":"system"', '"type":"queued_command"'];
function mayHoldFacts(chunk, begin = 0, end = chunk.length) {
  let head = chunk.toString("latin1", begin, Math.min(begin + HEAD_BYTES, end)), [, type, isSidechain, attachment, user, assistant] = KIND.exec(head) ?? [], found = type ?? attachment ?? user ?? assistant;
  if (found !== void 0 && found !== "attachment") return TYPES.has(found) || head.startsWith('{"parentUuid":null');
  let line = chunk.subarray(begin, end);
  return isSidechain === void 0 ? MARKS.some((mark) => line.includes(mark)) : CALLS.some((mark) => line.includes(mark));
}
var CALLS = ['"type":"tool_use"', '"type":"tool_result"'];
function parseLine(line) {
  return recordOf(parseJson(line.toString()));
}
function blocksOf(line) {
  let content = recordOf(line.message)?.content;
  return Array.isArray(content) ? content.map(recordOf).filter((block) => block !== void 0) : [];
}
function textOf(content) {
  return bounded(typeof content == "string" ? content : Array.isArray(content) ? content.map((block) => textField(block, "text") ?? "").join(`
`) : "");
}
var MAX_BEGINNING_CHARS = 16e3, MAX_END_CHARS = 8e3;
function bounded(text, maxBeginning = MAX_BEGINNING_CHARS, maxEnd = MAX_END_CHARS) {
  if (text.length <= maxBeginning + maxEnd) return text;
  let beginning = withoutPart(text.slice(0, maxBeginning));
  return maxEnd === 0 ? beginning : `${beginning}
\u2026
${text.slice(-maxEnd).replace(/^[!-~]+/, "")}`;
}

// handover/transcript/compaction-summary.ts
var BEGINNING = "This session is being continued from a previous conversation";
function summaryTextIn(line) {
  let content = recordOf(line.message)?.content;
  return line.isCompactSummary === !0 || typeof content == "string" && content.startsWith(BEGINNING) ? textOf(content) : void 0;
}
var TITLE = /^\*{0,3}([A-Z][^:\n*]{3,60})([*:]{0,8})[ \t]*/;
function compactionSummary(text) {
  let parts = new Map(
    text.slice(Math.max(0, text.lastIndexOf("Summary:"))).split(/^[ \t]*(?:#+ *)?\d+\.[ \t]+(?=\**[A-Z])/m).map((part2) => {
      let [head = "", title = "", marks = ""] = TITLE.exec(part2) ?? [], rest = part2.slice(head.length);
      return marks.includes(":") || rest === "" || rest.startsWith(`
`) ? [title.trim().toLowerCase(), rest.trim()] : ["", ""];
    })
  ), part = (...names) => names.flatMap((name) => [...parts].find(([title]) => title.startsWith(name))?.[1] ?? [])[0] ?? "", summary = {
    intent: paragraph(part("primary request", "user's request", "intent")),
    pending: itemsOf(part("pending task", "remaining", "todo")),
    current: paragraph(part("current work", "current state", "work in progress")),
    next: paragraph(part("optional next step", "next step"))
  };
  return summary.intent || summary.next || summary.current || summary.pending.length > 0 ? summary : null;
}
var NOTHING = /^(?:none|no (?:pending|explicit|open|remaining|outstanding)|nothing|n\/a|all (?:tasks|requested))\b/i;
function itemsOf(text) {
  return text.split(`
`).map((line) => plain(line.replace(/^[\s*•-]+(?:\[[ ~]\]\s*)?|^\s*\d+[.)]\s*/, ""))).filter((item) => item !== "" && !NOTHING.test(item) && !/:$/.test(item) && !/\bcompleted?\b[).]*$/i.test(item)).slice(0, 6);
}
function paragraph(text) {
  let joined = text.split(`
`).map((line) => plain(line.replace(/^[\s*•-]+|^\s*\d+[.)]\s*/, ""))).filter(Boolean).slice(0, 8).join(" ");
  return NOTHING.test(joined) ? "" : joined.slice(0, 900);
}
function plain(text) {
  return text.replace(/\*\*|__/g, "").trim();
}

// handover/transcript/early-result.ts
var MAX_TEXT_CHARS = 4e3, OF_LINE = ["toolDenialKind", "toolDenialBeforeRun", "permissionDecision"], OF_RESULT = [
  "type",
  "error",
  "status",
  "success",
  "interrupted",
  "backgroundTaskId",
  "filePath",
  "answers",
  "annotations",
  "plan",
  "isAgent",
  "task",
  "tasks"
];
function earlyResult(line, { content, is_error }) {
  let { toolUseResult: result } = line;
  return {
    line: {
      ...only(OF_LINE, line),
      // Of a text only matters that it is one.
      toolUseResult: typeof result == "string" ? "" : only(OF_RESULT, recordOf(result) ?? {})
    },
    block: { is_error, content: bounded(textOf(content), MAX_TEXT_CHARS, MAX_TEXT_CHARS) }
  };
}
function only(keys, fields) {
  return Object.fromEntries(keys.filter((key) => key in fields).map((key) => [key, fields[key]]));
}

// client/text/clean-text.ts
var TERMINAL_SEQUENCE = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g, LINE_END = /\r\n?|[\u2028\u2029\u0085]/g, VISIBLE_JOINERS = new RegExp("(?<=\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)\\u200d(?=\\p{Extended_Pictographic})", "u"), VISIBLE_SELECTOR = /(?<=[\p{Extended_Pictographic}0-9#*])[\ufe0e\ufe0f](?![\ufe00-\ufe0f])/u, INVISIBLE = new RegExp(
  `${VISIBLE_JOINERS.source}|${VISIBLE_SELECTOR.source}|([\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb])`,
  "gu"
), CONTROL = /(?![\t\n])[\p{Cc}\p{Cs}]/gu;
function cleanText(raw) {
  return cleanAndCount(raw).text;
}
function cleanAndCount(raw) {
  let changed = 0, count = (replacement) => (changed++, replacement);
  return { text: raw.replace(LINE_END, `
`).replace(TERMINAL_SEQUENCE, () => count("")).replace(INVISIBLE, (match, hidden) => hidden === void 0 ? match : count("")).replace(CONTROL, (control) => count(picture(control))), changed };
}
function picture(control) {
  let code = control.charCodeAt(0);
  return code < 32 ? String.fromCharCode(9216 + code) : code === 127 ? "\u2421" : "\uFFFD";
}
function inOneLine(raw) {
  return cleanText(raw).replace(/[\s\p{Z}]+/gu, " ").trim();
}

// handover/transcript/command-result.ts
var import_simple_commands = require("./read-commands.cjs"), MAX_SUMMARY_CHARS = 200, MAX_END_CHARS2 = 4e3, MAX_LINE_CHARS = 500, COUNTS = /\b\d+ (?:\w+ )?(?:passed|failed|passing|failing|failures?|errors?|examples?)\b|\b(?:tests?|passed|failed|failures|tests run): *\d|^Ran \d+ tests?|test result:|^(?:ok|PASS)\b/gim, TAP_COUNTS = /^(?:#|ℹ) ((?:pass|fail) \d+)$/gm, FAILURES = /\b[1-9]\d* (?:\w+ )?(?:failed|failing|failures?|errors?)\b|\b(?:failed|failures|errors)[:=] *[1-9]|\bfail [1-9]/i, REPORT = /^ *Tests? +\d+ (?:passed|failed)|^Tests: +\d|^(?:=+ )?\d+ (?:passed|failed)[^\n]* in [\d.:]+ ?m?s|^ok[ \t]+\S+\s+(?:[\d.]+s|\(cached\))|^FAIL\t\S+|^test result: |^Ran \d+ tests? in|^ *\d+ passing \(|^\d+ (?:tests?|runs|examples?|scenarios), \d+ |^(?:\[[A-Z]+\] )?Tests run: \d|^# pass \d|^ℹ pass \d|\*\* TEST (?:SUCCEEDED|FAILED)|^\[ +(?:PASSED|FAILED) +\]|^\d+% tests passed|^OK \(\d+ tests?|^Tests Passed: \d|^(?:Passed|Failed)! +- Failed: |^All tests passed|^ok \| \d+ passed|Executed \d+ tests?, with/m, NO_TESTS = /\[no tests to run\]|\bno tests? (?:found|ran|files found|to run)\b|\bcollected 0 items\b/i, PROBLEMS = /\berror TS\d+:|\bFound [1-9]\d* (?:errors?|problems?)\b|✖ \d+ problems? \([1-9]|\b[1-9]\d* errors?(?: generated|, \d+ warnings?| and \d+ warnings?)|^error(?:\[E\d+\])?: |\bBUILD FAILED\b|^Failed to compile|: error: /m, FAIL = /^(?:-+ )?FAIL\b/m, BROKEN = /^npm (?:ERR!|error)|^(?:error|fatal)(?:\[E\d+\])?: |^g?make(?:\[\d+\])?: \*\*\* |: (?:command )?not found$|^\w*(?:Error|Exception): |\bELIFECYCLE\b|^Failed to compile|\bBUILD FAILED\b|\bTests? failed\b|: No such file or directory$|exited with code [1-9]|\bKilled$/m, WHOLE_COUNTS = /\d+ (?:\w+ )?(?:passed|passing|examples?)\b|\b(?:pass|passed|tests run):? *\d|^Ran \d+ tests?/i, FAILED_TEST = /^[ \t]*(?:-+ FAIL|FAIL|not ok|✗|✖|×|✕)/gm, ERROR = /error|exception|fatal|fail|cannot|can't|not found|no such|denied|refused|unexpected|invalid|missing|panic|timed out/gi, NO_ERROR = /\b(?:0|no) (?:errors?|fail)/i;
function checkOf({ check, target, needsText }, output) {
  let end = plain2(output.slice(-MAX_END_CHARS2));
  if (check?.kind === "test" && NO_TESTS.test(end)) {
    let others = end.replace(/^.*\[no tests? (?:to run|files)\].*$|^\?.*no test files.*$/gm, "");
    if (!REPORT.test(others)) return null;
  }
  if (check !== null || needsText !== "problems" || !REPORT.test(end)) return check;
  let [text = "", ...more] = (0, import_simple_commands.simpleCommands)(target).map((command) => command.text);
  return {
    kind: "test",
    text: more.length === 0 ? text : target,
    folder: "",
    hasExitCode: !0,
    runner: text,
    isScript: !1,
    filters: [],
    paths: []
  };
}
function judge(call, output, exitCode) {
  let isTest = call.check?.kind === "test", end = plain2(output.slice(-MAX_END_CHARS2)), counts = isTest ? testCounts(end) : void 0, printsOutcome = call.printsOutcome && /[1-9]\d*\s*$/.test(end.slice(-100)), isHidden = call.check?.hasExitCode === !1 && exitCode === void 0, isBroken = isHidden && counts === void 0 && BROKEN.test(end), hasProblems = call.check !== null && (isBroken || (isTest ? FAIL : PROBLEMS).test(end)), hasFailed = exitCode !== void 0 || printsOutcome || hasProblems, isProven = !isHidden || REPORT.test(end) || WHOLE_COUNTS.test(counts ?? "") || FAILURES.test(counts ?? "");
  if (counts !== void 0 && isProven && (!hasFailed || FAILURES.test(counts)))
    return { outcome: FAILURES.test(counts) ? "failed" : "passed", summary: short(counts) };
  if (!hasFailed)
    return { outcome: !isHidden || call.printsOutcome && /\b0\s*$/.test(end.slice(-100)) ? "passed" : "unknown", summary: null };
  let beginning = plain2(output), failure = isTest ? linesWith(FAILED_TEST, beginning).next().value : void 0, error = firstError(beginning), last = end.trimEnd();
  return { outcome: "failed", summary: short(failure ?? error ?? (lineAt(last, last.length) || (exitCode ?? ""))) };
}
function firstError(text) {
  for (let line of linesWith(ERROR, text)) if (!NO_ERROR.test(line)) return line;
}
function testCounts(text) {
  let tap = [...text.matchAll(TAP_COUNTS)].map((match) => match[1]);
  return tap.length < 2 ? [...linesWith(COUNTS, text)].at(-1) : tap.slice(-2).join(", ");
}
function* linesWith(pattern, text) {
  let end = -1;
  for (let { index } of text.matchAll(pattern))
    if (!(index < end) && (yield lineAt(text, index), end = text.indexOf(`
`, index), end === -1))
      return;
}
function lineAt(text, index) {
  let begin = text.lastIndexOf(`
`, index - 1) + 1, [line = ""] = text.slice(begin, begin + MAX_LINE_CHARS + 1).split(`
`, 1);
  return withoutFrame(clip(line, MAX_LINE_CHARS));
}
var FRAME = /[\s=─━│|*]/;
function withoutFrame(line) {
  let [begin, end] = [0, line.length];
  for (; begin < end && FRAME.test(line.charAt(begin)); ) begin++;
  for (; end > begin && FRAME.test(line.charAt(end - 1)); ) end--;
  return line.slice(begin, end);
}
var NEWS_OF_NPM = /^npm notice\b.*\n?/gm;
function plain2(output) {
  return output.replace(TERMINAL_SEQUENCE, "").replace(/\r/g, `
`).replace(NEWS_OF_NPM, "");
}
function short(text) {
  return clip(inOneLine(clip(text, 4 * MAX_SUMMARY_CHARS)), MAX_SUMMARY_CHARS);
}

// handover/transcript/persons-words.ts
var NOT_TYPED = /^(?:<(?:command-|local-command|task-notification|channel|cross-session|teammate-message|system-reminder|bash-|ide_)|\[Request interrupted by user|\[Image: (?:source|original)|The user wants to clarify these questions|Unknown (?:skill|command|slash command): |This session is being continued from a previous conversation|Caveat: The messages below were generated|Stop hook feedback:|\[SYSTEM NOTIFICATION|(?:PreToolUse|PostToolUse|UserPromptSubmit):?\S* hook )/, EVENT = /^<([a-z]+(?:-[a-z]+)+)(?:\s[^>]*)?>[\s\S]*<\/\1>$/, STOPPED_BY_HOOK = /^(?:Operation stopped by hook|UserPromptSubmit operation blocked by hook)\b/, REASON = /^(?:The user doesn't want to (?:proceed\b|take this action\b)|The agent proposed a plan that was rejected)[\s\S]*?(?:the user said:|reason for the rejection:)\s*([\s\S]*)$/, NOTE_AFTER_REASON = /(?<!\n)\n+(?:Note: The user's next message|<system-reminder>)[\s\S]*$/, COMMAND = /^(?:<command-message>[^<]*<\/command-message>\s*)?<command-name>\s*\/?([\w:.-]+)\s*<\/command-name>/, COMMAND_LINE = /^\/([\w:.-]+)(?:\s+([\s\S]*))?$/, NO_REQUEST = /^(?:photon|(?:add-dir|agents|allowed-tools|bashes|bug|clear|color|compact|config|context|copy|cost|doctor|effort|exit|export|extra-usage|fast|feedback|fork|help|hooks|ide|install-github-app|keybindings|login|logout|mcp|memory|mobile|model|new|output-style|permissions|plugins?|privacy-settings|quit|rate-limit-options|reload-plugins|release-notes|remote-control|remote-env|rename|resume|continue|rewind|sandbox|settings|skills|stats|status|statusline|stickers|tag|tasks|terminal-setup|theme|think-back|todos|upgrade|usage|vim|voice)$)/;
function promptOf(line, tool) {
  let queued = recordOf(line.attachment);
  return line.isMeta === !0 || line.isCompactSummary === !0 || queued?.isMeta === !0 ? null : queued !== void 0 ? queued.type === "queued_command" && (queued.commandMode ?? "prompt") === "prompt" && isOfPerson(queued.origin) ? typedText(queued.prompt) : null : line.toolUseResult !== void 0 || resultOf(line) !== void 0 ? line.userFeedback !== void 0 ? line.holdsPersonsWords === !0 ? typedText(line.userFeedback) : null : (textField(line.permissionDecision, "source")?.startsWith("user") === !0 ? typedText(blocksOf(line).filter((block) => block.type === "text")) : null) ?? reasonIn(line, tool) : line.promptSource === "system" || !isOfPerson(line.origin) ? null : typedText(recordOf(line.message)?.content);
}
function resultOf(line) {
  return blocksOf(line).find(({ type }) => type === "tool_result");
}
function reasonIn(line, tool) {
  if (tool === void 0 || tool.startsWith("mcp__")) return null;
  let result = resultOf(line), [, reason = ""] = result?.is_error === !0 && REASON.exec(textOf(result.content)) || [];
  return typedText(reason.replace(NOTE_AFTER_REASON, ""));
}
function isOfPerson(origin) {
  return (textField(origin, "kind") ?? "human") === "human";
}
function typedText(content) {
  return (Array.isArray(content) ? content : [content]).map((block) => textField(block, "type") === "image" ? "(image)" : asTyped(bounded((typeof block == "string" ? block : textField(block, "text") ?? "").trim()))).filter((text) => text !== "").join(`
`) || null;
}
function asTyped(text) {
  if (STOPPED_BY_HOOK.test(text)) return text.split(/\bOriginal prompt: ?/)[1]?.trim() ?? "";
  let [, command] = COMMAND.exec(text) ?? [];
  if (command !== void 0) return commandLine(command, argumentsIn(text));
  let [, typed, more] = COMMAND_LINE.exec(text) ?? [];
  return typed !== void 0 ? commandLine(typed, more) : NOT_TYPED.test(text) || EVENT.test(text) ? "" : text;
}
function argumentsIn(text) {
  let [, ...more] = text.split("<command-args>"), [args, end] = more.join("<command-args>").split("</command-args>", 2);
  return end === void 0 ? void 0 : args;
}
function commandLine(name, more = "") {
  return more.trim() === "" || NO_REQUEST.test(name) ? "" : `/${name} ${more.trim()}`;
}
function isExit(line) {
  let content = recordOf(line.message)?.content;
  return typeof content == "string" && /^(?:exit|quit|clear|logout)$/.test(COMMAND.exec(content)?.[1] ?? "");
}
var MAX_ANSWERS = 100;
function decisionsOf(line) {
  let { answers, annotations, plan, isAgent } = recordOf(line.toolUseResult) ?? {}, said = Object.entries(recordOf(answers) ?? {}).slice(0, MAX_ANSWERS).flatMap(([question, answer]) => {
    let notes = textField(recordOf(annotations)?.[question], "notes");
    return typeof answer == "string" && !/[?？]\s*$/.test(answer) ? [{ question, answer: notes ? `${answer} (${notes})` : answer }] : [];
  }), isApproved = isAgent !== !0 && (textField(line.permissionDecision, "source") ?? "user").startsWith("user"), [firstLine] = typeof plan == "string" && isApproved ? plan.trim().split(`
`, 1) : [];
  return firstLine ? [...said, { question: "Plan", answer: firstLine.replace(/^#+ +/, "") }] : said;
}

// handover/transcript/ending.ts
var RUNNING = {
  cutOff: null,
  isInterrupted: !1,
  isExited: !1,
  isAnswered: !0,
  isTurnOver: !1,
  question: null
}, AFTER_A_TURN = /* @__PURE__ */ new Set(["turn_duration", "stop_hook_summary"]), Ending = class {
  #state;
  #questionId;
  constructor({ state, questionId } = { state: RUNNING, questionId: null }) {
    this.#state = state, this.#questionId = questionId;
  }
  saved() {
    return { state: this.#state, questionId: this.#questionId };
  }
  state() {
    return this.#state;
  }
  prompted() {
    this.#state = { ...RUNNING, cutOff: this.#state.cutOff, isAnswered: !1 };
  }
  answered() {
    this.#state = RUNNING;
  }
  asked(id, input) {
    let { questions } = recordOf(input) ?? {}, question = Array.isArray(questions) ? textField(questions[0], "question") : void 0;
    this.#questionId = id, this.#state = { ...this.#state, question: question === void 0 ? null : bounded(question) };
  }
  settled(id) {
    id === this.#questionId && (this.#state = { ...this.#state, question: null });
  }
  /** The client's line in place of an answer. */
  failed(line) {
    let text = textOf(recordOf(line.message)?.content).trim();
    text !== "" && (this.#state = { ...this.#state, cutOff: reasonOf(text) });
  }
  /** Other lines: an interruption, an exit, a retry of a request. */
  noticed(line) {
    if (isExit(line) && (this.#state = { ...this.#state, isExited: !0 }), line.type === "system" && AFTER_A_TURN.has(line.subtype) && (this.#state = { ...this.#state, isTurnOver: !0 }), line.type === "system" && line.subtype === "api_error") {
      let error = recordOf(line.error), text = textField(error, "message") ?? textField(line, "error") ?? textField(line, "content") ?? `status ${typeof error?.status == "number" ? error.status : textField(error, "status") ?? "unknown"}`;
      this.#state = { ...this.#state, cutOff: this.#state.cutOff ?? short(`API error: ${text}`) };
    }
    let content = recordOf(line.message)?.content;
    (typeof content == "string" ? [content] : blocksOf(line).map((block) => textField(block, "text") ?? "")).some((text) => text.startsWith("[Request interrupted by user")) && (this.#state = { ...this.#state, isInterrupted: !0 });
  }
};
function reasonOf(text) {
  let [, words = "", seconds] = /^([^|\n]*)\|(\d{10})\b/.exec(text) ?? [];
  if (seconds === void 0) return short(text.split(`
`, 1)[0] ?? "");
  let until = new Date(Number(seconds) * 1e3).toISOString().slice(0, 16).replace("T", " ");
  return short(`${words.trim()}, resets ${until} UTC`);
}

// handover/transcript/line-start.ts
var START_BYTES = 400, START = /^\{"parentUuid":[^,]*,"isSidechain":false,(?:"message":\{"id":"[^"]*","type":"message","role":"assistant","model":"([^"]*)","content":\[\{"type":"(?:thinking"|tool_use","id":"([^"]*)","name":"([^"]*)","input":)|"promptId":"[^"]*","type":"user","message":\{"role":"user","content":\[\{"tool_use_id":"([^"]*)")/, NEXT_BLOCK = Buffer.from('},{"type":"');
function lineStart(line) {
  let [found, model, call, tool, result] = START.exec(line.toString("latin1", 0, START_BYTES)) ?? [];
  if (!(found === void 0 || model !== void 0 && tool === void 0 && line.includes(NEXT_BLOCK)))
    return { model, id: call ?? result, tool, length: found.length };
}
var STOP_REASON = Buffer.from('}],"stop_reason":'), TIMESTAMP = Buffer.from('"timestamp":"'), TIMESTAMP_BYTES = 24;
function inputIn(line, { length }) {
  let end = line.indexOf(STOP_REASON, length);
  return end === -1 ? void 0 : parseJson(line.toString("utf8", length, end));
}
var PLACE_BYTES = 500;
function folderIn(line) {
  return /"cwd":"([^"\\]+)"/.exec(line.toString("utf8", Math.max(0, line.length - PLACE_BYTES)))?.[1];
}
function timestampOfAnswer(line) {
  let begin = line.lastIndexOf(TIMESTAMP) + TIMESTAMP.length;
  return line.toString("latin1", begin, begin + TIMESTAMP_BYTES);
}
var RESULT_END = Buffer.from(']},"uuid":"'), RESULT_END_BYTES = 160, SUCCESS = /^\]\},"uuid":"[^"]*","timestamp":"([^"]*)","toolUseResult":\{"(\w+)"(?::"(\w+)")?/, NEEDS_PARSING = ['"source":"user', '"interrupted":true', '"backgroundTaskId"'], TAIL_BYTES = 1500, NOTEWORTHY = /\d+ (?:passed|passing|failed|failing)|ok {1,2}\\t|test result: |Ran \d+ tests|\d+ (?:tests?|runs|examples|assertions), \d|TEST (?:SUCC|FAIL)|(?:PASS|FAIL)ED {2}\]|Tests? (?:run|Passed|Failed)|(?:# |\xb9 )pass \d|tests (?:passed|failed)|OK \(|error TS\d|Found [1-9]\d* (?:err|prob)|problems? \(|errors? generated|BUILD FAILED|Failed to compile|error(?:\[E\d+\])?: |warnings? and|pull\/\d/i, COUNTS_BYTES = 800;
function successIn(line, { length }, mayBeNoteworthy) {
  let end = line.indexOf(RESULT_END, length), [, timestamp, first, type] = SUCCESS.exec(line.toString("latin1", end, end + RESULT_END_BYTES)) ?? [];
  if (end === -1 || timestamp === void 0 || first === "new_source" || mayBeNoteworthy && NOTEWORTHY.test(line.toString("latin1", Math.max(length, end - COUNTS_BYTES), end)))
    return;
  let tail = line.toString("latin1", line.length - TAIL_BYTES);
  return NEEDS_PARSING.some((mark) => tail.includes(mark)) ? void 0 : { timestamp, type: first === "type" && type || "" };
}

// handover/transcript/prompt-weight.ts
var import_programs = require("./read-commands.cjs"), ANSWERS = (0, import_programs.wordSet)(
  "yes yep yeah y ya ok okay k sure no nope n please pls thanks thank you thx continue go on ahead proceed next do it that this",
  "done stop wait good great nice perfect cool fine lgtm looks all right correct try again retry resume keep going hi hello hey",
  "test and so well a b c d e f option both first second the one hmm agreed exactly work looks done then now",
  "ja nein weiter bitte danke mach oui non merci continuez si s\xED sim n\xE3o obrigado gracias continua contin\xFAa segue vai perfeito",
  "\u0434\u0430 \u043D\u0435\u0442 \u0434\u0430\u0432\u0430\u0439 \u043F\u0440\u043E\u0434\u043E\u043B\u0436\u0430\u0439 \u043F\u0440\u043E\u0434\u043E\u043B\u0436\u0438 \u0441\u043F\u0430\u0441\u0438\u0431\u043E \u0445\u043E\u0440\u043E\u0448\u043E \u043E\u043A \u597D \u597D\u7684 \u662F \u662F\u7684 \u5BF9 \u7EE7\u7EED \u7E7C\u7E8C \u8BF7\u7EE7\u7EED \u8ACB\u7E7C\u7E8C \u53EF\u4EE5 \u884C \u4E0D \u4E0D\u7528 \u8C22\u8C22 \u8B1D\u8B1D \u6CA1\u95EE\u9898",
  "\u3042\u308A\u304C\u3068\u3046 \u306F\u3044 \u3044\u3044\u3048 \u7D9A\u3051\u3066 \u304A\u9858\u3044\u3057\u307E\u3059 \uB124 \uC608 \uC751 \uACC4\uC18D \uACC4\uC18D\uD574 \uACC4\uC18D\uD574\uC918 \uD655\uC778 \uD655\uC778\uC880 \uC88B\uC544 \uAC10\uC0AC\uD569\uB2C8\uB2E4 c\xF3 kh\xF4ng nh\xE9 ti\u1EBFp t\u1EE5c \u0111\u01B0\u1EE3c v\xE2ng c\u1EA3m \u01A1n"
), IMAGES = /\[Image #?\d*[^\]]*\]|\(image\)|\betc\b\.?/gi, WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu, BETWEEN_WORDS = /[^\p{L}\p{N}]+/u, MAX_ANSWER_WORDS = 8;
function weightOf(prompt) {
  let text = prompt.slice(0, MAX_WEIGHED_CHARS).replace(IMAGES, "").trim(), words = text.toLowerCase().split(BETWEEN_WORDS).filter(Boolean);
  return words.length <= MAX_ANSWER_WORDS && words.every((word) => ANSWERS.has(word) || /^\d+$/.test(word)) ? 0 : (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) + 2 * (text.match(WIDE)?.length ?? 0);
}
var MAX_WEIGHED_CHARS = 400, MAX_FIRST = 20, MAX_LAST = 60, MIN_WEIGHT = 10;
function isSubstantial(prompt) {
  return weightOf(prompt) >= MIN_WEIGHT;
}
var LONG_LINES = 5, PASTED = /^\s*(?:at \S+|\[?\d{4}[-/]\d\d|\[?\d\d:\d\d|[$>#%❯|{}<[\]*=+-]|\w*(?:Error|Exception)\b|Traceback|File "|(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE|npm|fatal|error|warning|panic|goroutine|Caused by|import|export|const|let|var|def|class|function|return|public|private|SELECT|diff|index|commit|Author)\b[ :{(!]|\S+[\\/]\S+:\d+|.*\|.*\||.*[;{}]\s*$|\d+[\s|:.)]|"[\w-]+":|[\w.-]+@[\w.-]+[:~$])/, MAX_LINE_CHARS2 = 200, MAX_LINES = 12;
function withoutPaste(prompt) {
  let lines = prompt.split(`
`).filter((line) => line.trim() !== "");
  if (lines.length < LONG_LINES) return prompt;
  let [first = "", ...more] = lines, last = more.slice(-2).filter(isProse);
  return isProse(first) ? 2 * more.slice(0, MAX_LINES).filter(isProse).length >= Math.min(more.length, MAX_LINES) ? prompt : [first, ...last].join(`
`) : last.length === 0 ? prompt : last.join(`
`);
}
function isProse(line) {
  let text = line.slice(0, MAX_LINE_CHARS2);
  return !PASTED.test(text) && (text.match(new RegExp("\\p{L}{2,}", "gu"))?.length ?? 0) + (text.match(WIDE)?.length ?? 0) >= 3;
}

// handover/transcript/recent-map.ts
var RecentMap = class {
  #min;
  #recent;
  #earlier;
  #forgotten;
  /** @param saved - continues with what another map with the same `min` has {@link saved} */
  constructor(min, saved) {
    this.#min = min, this.#recent = new Map(saved?.recent), this.#earlier = new Map(saved?.earlier), this.#forgotten = saved?.forgotten ?? 0;
  }
  /** How many entries were left out. One that was set again after that counts twice. */
  get forgotten() {
    return this.#forgotten;
  }
  get(key) {
    let value = this.#recent.get(key);
    return value === void 0 ? this.#earlier.get(key) : value;
  }
  set(key, value) {
    this.delete(key), this.#recent.set(key, value), !(this.#recent.size < this.#min) && (this.#forgotten += this.#earlier.size, this.#earlier = this.#recent, this.#recent = /* @__PURE__ */ new Map());
  }
  delete(key) {
    this.#recent.delete(key), this.#earlier.delete(key);
  }
  /** In the order in which they were last set. */
  entries() {
    return [...this.#earlier, ...this.#recent];
  }
  values() {
    return [...this.#earlier.values(), ...this.#recent.values()];
  }
  saved() {
    return { earlier: [...this.#earlier], recent: [...this.#recent], forgotten: this.#forgotten };
  }
};

// handover/transcript/tool-call.ts
var import_check_run = require("./read-commands.cjs"), import_edited_part = require("./read-commands.cjs"), import_file_changes = require("./read-commands.cjs"), import_git_outcome = require("./read-commands.cjs"), import_other_tools = require("./read-commands.cjs"), import_programs2 = require("./read-commands.cjs"), import_simple_commands2 = require("./read-commands.cjs");
var KINDS = /* @__PURE__ */ new Map([
  ["Edit", "edit"],
  ["MultiEdit", "edit"],
  ["Write", "edit"],
  ["NotebookEdit", "edit"],
  ["Bash", "command"],
  ["PowerShell", "command"],
  ["TodoWrite", "todo"],
  ["TaskCreate", "todo"],
  ["TaskUpdate", "todo"],
  ["TaskList", "todo"],
  ["AskUserQuestion", "ask"],
  ["ExitPlanMode", "ask"],
  ["exit_plan_mode", "ask"]
]), LOOKS = /^(?:Read|NotebookRead|Grep|Glob|LS|ToolSearch|Web(?:Fetch|Search)|Skill|SlashCommand|EnterPlanMode|Task(?:Get|Output|Stop)|BashOutput|KillShell|KillBash|ListMcpResourcesTool|ReadMcpResourceTool)$/, LEFT_RUNNING = /(?:^|[^&>|])&(?![&>\d])/, MAX_READ_CHARS = 2e4, MAX_COMMAND_CHARS = 2e3;
function isLook(tool) {
  return LOOKS.test(tool);
}
function toolCall(tool, input, { cwd }) {
  let known = KINDS.get(tool) ?? (LOOKS.test(tool) ? "look" : void 0), other = known === void 0 ? (0, import_other_tools.otherTool)(tool, input) : { kind: known, target: targetOf(known, input) }, { kind: meant, target } = other, kind = target === "" && (meant === "edit" || meant === "command") ? "look" : meant, folder = typeof cwd == "string" ? cwd : void 0;
  if (kind === "command")
    return { ...commandCall(bounded(target, MAX_READ_CHARS, 0), folder, tool === "PowerShell"), tool, kind, folder, part: null, input: null };
  let change = "change" in other ? other.change : void 0;
  return {
    tool,
    kind,
    target,
    folder,
    check: null,
    changes: kind === "edit" && known === void 0 ? [changeOf(target, change)] : [],
    part: kind === "edit" ? (0, import_edited_part.editedPart)(recordOf(input) ?? {}) : null,
    staysBehind: !1,
    mayChange: kind === "agent" || kind === "other",
    printsOutcome: !1,
    needsText: kind !== "edit" && kind !== "look",
    input: neededOf(kind, input)
  };
}
function neededOf(kind, input) {
  return kind === "agent" ? { description: textField(input, "description") } : kind === "todo" ? input : null;
}
function targetOf(kind, input) {
  return kind === "edit" ? textField(input, "file_path") ?? textField(input, "notebook_path") ?? "" : kind === "command" ? textField(input, "command")?.trim() ?? "" : "";
}
function changeOf(path, change) {
  return typeof change == "object" ? { path, change: "created", from: change.from } : { path, change: change ?? "edited" };
}
var MAX_REMEMBERED = 50, remembered = new RecentMap(MAX_REMEMBERED);
function commandCall(command, folder, isPowerShell) {
  let key = `${isPowerShell} ${folder} ${command}`, known = remembered.get(key) ?? newCommandCall(command, folder, isPowerShell);
  return command.length <= MAX_COMMAND_CHARS && remembered.set(key, known), known;
}
function newCommandCall(command, folder, isPowerShell) {
  let commands = (0, import_simple_commands2.simpleCommands)(command, isPowerShell), check = (0, import_check_run.checkIn)(command, commands), printsOutcome = endsWithOutcome(command), looks = commands.every(({ program }) => program === null || (0, import_programs2.onlyLooks)(program));
  return {
    target: cut(command),
    check,
    changes: (0, import_file_changes.fileChangesBy)(command, folder, commands),
    staysBehind: LEFT_RUNNING.test(command) && commands.some(({ next, program }) => next === "&" && program !== null && !(0, import_programs2.onlyLooks)(program)),
    mayChange: !looks,
    printsOutcome,
    needsText: check?.kind === "test" || printsOutcome || (0, import_git_outcome.mayChangeGit)(command) || (looks ? !1 : "problems")
  };
}
function endsWithOutcome(line) {
  let begin = Math.max(...[";", "&", "|"].map((sign) => line.lastIndexOf(sign))), last = line.slice(begin + 1).trimStart();
  return begin !== -1 && /^echo\b/.test(last) && /\$(?:\?|\{?PIPESTATUS)/.test(last);
}
function cut(command) {
  return command.length > MAX_COMMAND_CHARS ? `${withoutPart(command.slice(0, MAX_COMMAND_CHARS - 1))}\u2026` : command;
}

// handover/transcript/work-done.ts
var import_git_outcome2 = require("./read-commands.cjs"), import_other_tools2 = require("./read-commands.cjs"), import_programs3 = require("./read-commands.cjs");

// handover/transcript/todo-list.ts
var TodoList = class {
  /** The list from the last `TodoWrite`, which always writes the whole list. */
  #written;
  /** Tasks by id. */
  #tasks;
  /** Tasks of all lists that are finished. */
  #finished;
  constructor(saved) {
    this.#written = saved?.written ?? [], this.#tasks = new Map(saved?.tasks), this.#finished = new Set(saved?.finished);
  }
  saved() {
    return { written: this.#written, tasks: [...this.#tasks], finished: [...this.#finished] };
  }
  /** Applies a successful call of one of the client's to-do tools. */
  apply(tool, input, result) {
    let { todos, status } = recordOf(input) ?? {}, id = textField(input, "taskId") ?? "", { task, tasks, success } = recordOf(result) ?? {};
    tool === "TodoWrite" && (this.#written = recordsOf(todos).map((todo) => todoOf(todo, "content"))), tool === "TaskCreate" && this.#add([task]), tool === "TaskList" && Array.isArray(tasks) && (this.#tasks.clear(), this.#add(tasks));
    let known = this.#tasks.get(id);
    tool === "TaskUpdate" && known !== void 0 && success !== !1 && (status === "deleted" ? this.#tasks.delete(id) : this.#tasks.set(id, todoOf(input, "subject", known)));
    for (let { text, state } of this.list())
      state === "completed" ? this.#finished.add(text) : this.#finished.delete(text);
  }
  finished() {
    return [...this.#finished];
  }
  list() {
    return [...this.#written, ...this.#tasks.values()];
  }
  #add(tasks) {
    for (let task of recordsOf(tasks)) this.#tasks.set(textField(task, "id") ?? "", todoOf(task, "subject"));
  }
};
function recordsOf(items) {
  return Array.isArray(items) ? items.map(recordOf).filter((item) => item !== void 0) : [];
}
function todoOf(item, key, before = { text: "", state: "pending" }) {
  let status = textField(item, "status"), isState = status === "pending" || status === "in_progress" || status === "completed";
  return { text: textField(item, key) ?? before.text, state: isState ? status : before.state };
}

// handover/transcript/work-done.ts
var MAX_KEPT = 1e3, MAX_BACKGROUND = 100, MAX_SUBAGENTS = 50, MAX_FILES = 1e3, WROTE = /\b(?:wrote|written|created|updated|edited|saved|modified|implemented|committed|renamed|deleted|fixed)\b/i, MAX_SAID_CHARS = 1e3, PLAN = /[\\/]\.claude[\\/]plans[\\/]/, EXIT_CODE = /^Exit code \d+/, TAG = /<\/?tool_use_error>/g, REJECTED_CALL = /^<tool_use_error>/, DENIED = /^(?:The user doesn't want to|Permission to use|Claude requested permission)/, ENDINGS = /* @__PURE__ */ new Map([
  ["completed", "passed"],
  ["failed", "failed"],
  ["killed", "interrupted"],
  ["stopped", "interrupted"]
]), WorkDone = class {
  #decisions;
  #files;
  #edits;
  #mayHaveChanged;
  #commits;
  #pushes;
  #pullRequests;
  #plans;
  /** By the id of the call. */
  #subagents;
  #commands;
  /** By the id of the call. */
  #background;
  #todos;
  #promptsBeforeTodos;
  #hasWorkedSinceTodos;
  /** By {@link keyOf} the call that would resolve it. */
  #errors;
  /** The last denied call, until the session continues. */
  #denials;
  constructor(saved) {
    this.#decisions = [...saved?.decisions ?? []], this.#files = new RecentMap(MAX_FILES, saved?.files), this.#edits = saved?.edits ?? 0, this.#mayHaveChanged = saved?.mayHaveChanged ?? !1, this.#commits = [...saved?.commits ?? []], this.#pushes = new Set(saved?.pushes), this.#pullRequests = new Set(saved?.pullRequests), this.#plans = new Set(saved?.plans), this.#subagents = new RecentMap(MAX_SUBAGENTS, saved?.subagents), this.#commands = new RecentMap(MAX_KEPT, saved?.commands), this.#background = new RecentMap(MAX_BACKGROUND, saved?.background), this.#todos = new TodoList(saved?.todos), this.#promptsBeforeTodos = saved?.promptsBeforeTodos ?? 0, this.#hasWorkedSinceTodos = saved?.hasWorkedSinceTodos ?? !1, this.#errors = new RecentMap(MAX_KEPT, saved?.errors), this.#denials = saved?.denials ?? [];
  }
  saved() {
    return {
      decisions: this.#decisions,
      files: this.#files.saved(),
      edits: this.#edits,
      mayHaveChanged: this.#mayHaveChanged,
      commits: this.#commits,
      pushes: [...this.#pushes],
      pullRequests: [...this.#pullRequests],
      plans: [...this.#plans],
      subagents: this.#subagents.saved(),
      commands: this.#commands.saved(),
      background: this.#background.saved(),
      todos: this.#todos.saved(),
      promptsBeforeTodos: this.#promptsBeforeTodos,
      hasWorkedSinceTodos: this.#hasWorkedSinceTodos,
      errors: this.#errors.saved(),
      denials: this.#denials
    };
  }
  /** @param prompts - of the person */
  facts(prompts) {
    let since = this.#hasWorkedSinceTodos ? prompts.slice(this.#promptsBeforeTodos) : [];
    return {
      decisions: this.#decisions,
      files: this.#files.entries().flatMap(changeOf2),
      olderFiles: this.#files.forgotten,
      edits: this.#edits,
      mayHaveChanged: this.#mayHaveChanged,
      commits: this.#commits,
      pushes: [...this.#pushes],
      pullRequests: [...this.#pullRequests],
      plans: [...this.#plans],
      subagents: this.#subagents.values(),
      commands: this.#commands.values(),
      todos: this.#todos.list(),
      finished: this.#todos.finished(),
      promptsSinceTodos: since.filter(isSubstantial).length,
      openErrors: [...this.#errors.values(), ...this.#denials]
    };
  }
  continued() {
    this.#denials = [];
  }
  /** The client linked a pull request to the session. */
  linked(address) {
    this.#pullRequests.add(address);
  }
  /**
   * Applies the result of a call.
   *
   * @param prompts - how many the person wrote before
   */
  settle(id, call, line, block, prompts) {
    let { tool, kind } = call;
    kind === "todo" && ([this.#promptsBeforeTodos, this.#hasWorkedSinceTodos] = [prompts, !1]);
    let result = line.toolUseResult, output = textOf(block.content), isError = !tool.startsWith("mcp__") && kind !== "other" && kind !== "agent" && (typeof result == "string" || !!textField(result, "error")), hasFailed = block.is_error === !0 || isError;
    hasFailed && (line.toolDenialKind !== void 0 || DENIED.test(output)) ? this.#denied(call, line) : kind === "command" ? this.#commandEnded(id, call, result, { output, hasFailed }) : hasFailed ? this.#failed(call, output || (textField(result, "error") ?? "")) : this.#succeeded(id, call, line, output);
  }
  /** Applies the result of a subagent's call: only the files it changed are the session's. */
  settleOfSubagent(call, line, block) {
    block.is_error === !0 || typeof line.toolUseResult == "string" || (call.kind === "edit" && this.#edited(call, line.toolUseResult), call.kind === "command" && this.#changedBy(call));
  }
  #succeeded(id, call, line, output) {
    let { tool, kind, input } = call, result = line.toolUseResult;
    if (this.#errors.delete(keyOf(call)), this.#mayHaveChanged ||= call.mayChange, kind === "edit" && this.#edited(call, result), kind === "todo" && this.#todos.apply(tool, input, result), kind === "ask") {
      this.#decisions.push(...decisionsOf(line));
      let plan = textField(result, "filePath");
      plan !== void 0 && PLAN.test(plan) && this.#plan(plan);
    }
    if (kind === "agent") {
      let task = textField(input, "description") ?? "", [said = ""] = output.trim().split(`
`, 1), isRunning = /launched/.test(textField(result, "status") ?? "");
      this.#subagents.set(id, { task: short(task), answer: isRunning ? "" : short(said) }), !isRunning && WROTE.test(output.slice(0, MAX_SAID_CHARS)) && this.#edits++;
    }
    if (/(?:pull|merge)_?request|create_pr$/i.test(tool) && /create|open/i.test(tool))
      for (let address of (0, import_git_outcome2.pullRequestsIn)(output).slice(0, 1)) this.linked(address);
  }
  #edited({ target, changes, part }, result) {
    if (PLAN.test(target)) {
      this.#plan(target);
      return;
    }
    let [change = { path: target, change: textField(result, "type") === "create" ? "created" : "edited" }] = changes;
    this.#edits++, this.#apply(change, part);
  }
  /** A plan is no change of the project, but it is what the session made. */
  #plan(path) {
    this.#plans.delete(path), this.#plans.add(path), this.#mayHaveChanged = !0;
  }
  /** Reads the notification that a background command ended. Ignores other texts. */
  notice(content) {
    if (typeof content != "string" || !content.startsWith("<task-notification>")) return;
    let [, id = ""] = /<tool-use-id>([^<]*)/.exec(content) ?? [], outcome = ENDINGS.get(/<status>([^<]*)/.exec(content)?.[1] ?? ""), subagent = this.#subagents.get(id);
    if (subagent !== void 0 && outcome === "passed") {
      let [, answer = ""] = /<result>\s*([^\n<]*)/.exec(content) ?? [];
      this.#subagents.set(id, { ...subagent, answer: short(answer) });
    }
    let call = this.#background.get(id);
    call === void 0 || outcome === void 0 || (this.#background.delete(id), this.#ran(call, { outcome, summary: outcome === "failed" ? /exit code \d+/.exec(content)?.[0] ?? null : null }));
  }
  /** The call was denied before it ran, or was stopped while it ran. */
  #denied(call, line) {
    let { tool, kind, target } = call;
    (line.toolDenialKind === "user-rejected" || line.toolDenialKind === "interrupted") && line.toolDenialBeforeRun !== !0 && textField(line.permissionDecision, "decision") !== "reject" ? kind === "command" && this.#ran(call, { outcome: "interrupted", summary: null }) : this.#denials = [{ tool, text: short(`Not allowed: ${(0, import_programs3.withoutAssignments)(target) || tool}`) }];
  }
  #commandEnded(id, call, result, end) {
    let { output: text, hasFailed: isError } = end;
    if (isError && REJECTED_CALL.test(text)) return;
    let other = call.tool.startsWith("mcp__") ? (0, import_other_tools2.commandOutput)(text) : { output: text, hasFailed: !1 }, [exitCode = other.hasFailed ? "failed" : ""] = EXIT_CODE.exec(text) ?? [], hasFailed = isError || other.hasFailed;
    if (textField(result, "backgroundTaskId") !== void 0) {
      this.#background.set(id, call), this.#ran(call, { outcome: "background", summary: null });
      return;
    }
    if (recordOf(result)?.interrupted === !0) {
      this.#ran(call, { outcome: "interrupted", summary: null });
      return;
    }
    let output = hasFailed && isError ? text.slice(EXIT_CODE.exec(text)?.[0].length ?? 0) : other.output, checked = { ...call, check: checkOf(call, output) };
    this.#ran(checked, hasFailed ? judge(checked, output, exitCode) : judge(checked, output), hasFailed), this.#git(call, output, hasFailed);
  }
  #git({ target }, output, hasFailed) {
    if (!(0, import_git_outcome2.mayChangeGit)(target)) return;
    let { commits, amends, undone, pushes, pullRequests } = (0, import_git_outcome2.gitOutcome)(target, output, hasFailed);
    undone > 0 && this.#commits.splice(-undone), amends && this.#commits.pop();
    for (let commit of commits) this.#commits.push(commit);
    this.#edits += commits.length;
    for (let push of pushes)
      this.#pushes.delete(push), this.#pushes.add(push);
    for (let address of pullRequests) this.linked(address);
  }
  #failed(call, output) {
    let { tool, kind, target } = call;
    if (kind !== "edit" && (kind !== "other" || REJECTED_CALL.test(output))) return;
    let text = output.replace(TAG, "");
    this.#errors.set(keyOf(call), { tool, text: short(target === "" ? text : `${target}: ${text}`) });
  }
  /** @param hasFailed - whether the client says so; the output of a success may show a failure, too */
  #ran(call, { outcome, summary }, hasFailed = outcome !== "passed") {
    let { tool, target, check } = call, command = check?.text ?? target, key = check === null ? target : `${check.folder} ${check.text}`, shown = call.staysBehind && outcome === "passed" ? "background" : outcome, isStillFailed = outcome === "unknown" && this.#commands.get(key)?.outcome === "failed", failures = (this.#commands.get(key)?.failures ?? 0) + (outcome === "failed" ? 1 : 0);
    isStillFailed || this.#commands.set(key, { command, outcome: shown, check, summary, failures }), this.#hasWorkedSinceTodos = !0, outcome === "failed" && this.#errors.set(keyOf(call), { tool, text: short(`${(0, import_programs3.withoutAssignments)(command)}: ${summary ?? outcome}`) }), outcome === "passed" && this.#errors.delete(keyOf(call)), hasFailed || this.#changedBy(call);
  }
  /** The files that a command changed that succeeded. */
  #changedBy({ changes, mayChange }) {
    this.#mayHaveChanged ||= mayChange;
    for (let change of changes)
      change.isUnsure || this.#edits++, this.#apply(change, null);
  }
  #apply({ path, change, from, isUnsure }, part) {
    let moved = from === void 0 ? void 0 : this.#files.get(from);
    from !== void 0 && this.#files.delete(from);
    let known = this.#files.get(path) ?? moved;
    this.#files.delete(path), this.#hasWorkedSinceTodos = !0;
    let wasThere = known?.wasThere ?? (change !== "created" || from !== void 0), isReplaced = part?.isWhole === !0 && !wasThere;
    this.#files.set(path, {
      wasThere,
      isThere: change !== "deleted",
      from: known?.from ?? from,
      added: (isReplaced ? 0 : known?.added ?? 0) + (part?.added ?? 0),
      removed: (isReplaced ? 0 : known?.removed ?? 0) + (part?.removed ?? 0),
      isCounted: isReplaced || (known?.isCounted ?? !0) && (part === null ? from !== void 0 : !part.isWhole),
      part: part?.name || known?.part || "",
      isUnsure: isUnsure === !0 && known === void 0
    }), this.#errors.delete(`edit ${path}`);
  }
};
function keyOf({ tool, kind, target, check }) {
  return `${kind} ${check?.text ?? (target || tool)}`;
}
function changeOf2([path, state]) {
  let { wasThere, isThere, from, added, removed, isCounted, part, isUnsure } = state;
  return !wasThere && !isThere ? [] : [
    {
      path,
      change: isThere ? wasThere ? "edited" : "created" : "deleted",
      ...from !== void 0 && isThere && { from },
      ...isCounted && added + removed > 0 && isThere && { added, removed },
      ...part !== "" && isThere && { part },
      ...isUnsure && { isUnsure }
    }
  ];
}

// handover/transcript/facts-from-transcript.ts
var MAX_CALLS = 4e3, MAX_KNOWN = 2e3, MAX_EARLY = 20, MAX_BEGINNING_CHARS2 = 4e3, MAX_END_CHARS3 = 2e3, SHORT_BYTES = 300;
function factsFromTranscript(lines) {
  let reader = new ConversationReader();
  for (let line of lines) reader.read(typeof line == "string" ? Buffer.from(line) : line);
  return reader.facts();
}
var BEGINNING2 = {
  lastAnswer: null,
  model: null,
  startedAt: null,
  endedAt: null,
  compactions: 0,
  resumes: 0,
  hasEnded: !1,
  title: null,
  recap: { text: null, prompts: 0 },
  summary: "",
  promptsBeforeSummary: 0
}, ConversationReader = class {
  #course;
  #prompts;
  #work;
  #ending;
  /** By id; null for finished calls. */
  #calls;
  #early;
  /** Ids of the lines that must not count twice. */
  #known;
  /** @param saved - continues behind the last line of the reader that has {@link saved} it */
  constructor(saved) {
    this.#course = { ...BEGINNING2, ...saved?.course }, this.#prompts = [...saved?.prompts ?? []], this.#work = new WorkDone(saved?.work), this.#ending = new Ending(saved?.ending), this.#calls = new RecentMap(MAX_CALLS, saved?.calls), this.#early = new RecentMap(MAX_EARLY, saved?.early), this.#known = new RecentMap(MAX_KNOWN, saved?.known);
  }
  saved() {
    return {
      course: this.#course,
      prompts: this.#prompts,
      work: this.#work.saved(),
      ending: this.#ending.saved(),
      calls: this.#calls.saved(),
      early: this.#early.saved(),
      known: this.#known.saved()
    };
  }
  read(bytes) {
    if (this.#course.startedAt !== null && bytes.length > SHORT_BYTES && this.#readStart(bytes)) return;
    let line = parseLine(bytes);
    if (line === void 0) return;
    if (line.isSidechain === !0) {
      this.#readSubagent(line);
      return;
    }
    line.type === "cost-state" && (this.#course.hasEnded = !0), line.type === "ai-title" && (this.#course.title = bounded(textField(line, "aiTitle") ?? "").trim() || this.#course.title);
    let pullRequest = line.type === "pr-link" ? textField(line, "prUrl") : void 0;
    pullRequest !== void 0 && this.#work.linked(pullRequest), isOfConversation(line) && (this.#course.entrypoint = textField(line, "entrypoint") ?? this.#course.entrypoint, this.#course.startedAt ??= timeOf(line.timestamp), this.#course.endedAt = line.timestamp ?? this.#course.endedAt, line.type === "assistant" ? this.#readAnswer(line) : line.type !== "system" ? this.#readUser(line) : this.#isNew(line) && this.#readSystem(line));
  }
  facts() {
    return {
      prompts: this.#prompts.map(({ text }) => text),
      lastAnswer: this.#course.lastAnswer,
      title: this.#course.title,
      recap: this.#prompts.slice(this.#course.recap.prompts).some(({ text }) => isSubstantial(text)) ? null : this.#course.recap.text,
      summary: compactionSummary(this.#course.summary),
      promptsBeforeSummary: this.#course.promptsBeforeSummary,
      ...this.#work.facts(this.#prompts.map(({ text }) => text)),
      model: this.#course.model,
      startedAt: this.#course.startedAt,
      endedAt: timeOf(this.#course.endedAt) ?? this.#course.startedAt,
      compactions: this.#course.compactions,
      resumes: this.#course.resumes,
      ending: this.#ending.state(),
      startedBy: this.#startedBy()
    };
  }
  #startedBy() {
    let [first] = this.#prompts;
    return first !== void 0 && OBSERVER.test(first.text) ? "observer" : this.#course.entrypoint?.startsWith("sdk") ? "sdk" : "person";
  }
  /** @returns false if the whole line must be parsed */
  #readStart(bytes) {
    let start = lineStart(bytes);
    if (start === void 0) return !1;
    let { model, id = "", tool } = start;
    if (model !== void 0) {
      let input = tool === void 0 || isLook(tool) ? null : inputIn(bytes, start), isCommand = textField(input, "command") !== void 0, folder = isCommand ? folderIn(bytes) : void 0;
      return input === void 0 || isCommand && folder === void 0 ? !1 : (this.#continued(model), this.#ending.answered(), tool !== void 0 && this.#called(id, toolCall(tool, input, { cwd: folder }), input), this.#course.endedAt = timestampOfAnswer(bytes), !0);
    }
    let call = this.#calls.get(id);
    if (call === void 0 || call?.needsText === !0) return !1;
    let success = successIn(bytes, start, call?.needsText === "problems");
    return success === void 0 ? !1 : (this.#settle(id, { toolUseResult: success }, {}), this.#course.endedAt = success.timestamp, !0);
  }
  #readAnswer(line) {
    if (line.isApiErrorMessage === !0) {
      this.#ending.failed(line);
      return;
    }
    if (this.#continued(textField(line.message, "model")), textField(line.message, "model") !== "<synthetic>") {
      this.#ending.answered();
      for (let block of blocksOf(line)) {
        let text = block.type === "text" ? textField(block, "text")?.trim() : void 0;
        text && (this.#course.lastAnswer = bounded(text));
        let { id, name } = block;
        typeof id == "string" && typeof name == "string" && this.#called(id, toolCall(name, block.input, line), block.input);
      }
    }
  }
  #readUser(line) {
    let [tool] = blocksOf(line).flatMap(({ tool_use_id: id }) => this.#calls.get(id)?.tool ?? []);
    for (let block of blocksOf(line))
      typeof block.tool_use_id == "string" && this.#settle(block.tool_use_id, line, block);
    this.#work.notice(recordOf(line.attachment)?.prompt ?? recordOf(line.message)?.content), line.toolUseResult === void 0 && this.#ending.noticed(line);
    let summary = summaryTextIn(line);
    summary !== void 0 && this.#isNew(line) && (this.#course.summary = summary, this.#course.promptsBeforeSummary = this.#prompts.length);
    let text = promptOf(line, tool);
    if (text === null || !this.#isNew(line)) return;
    this.#continued(), this.#ending.prompted();
    let parent = line.parentUuid, rewound = this.#prompts.findIndex((prompt) => typeof parent == "string" && prompt.parent === parent);
    rewound !== -1 && this.#prompts.splice(rewound), this.#prompts.push({ text: bounded(text, MAX_BEGINNING_CHARS2, MAX_END_CHARS3), parent }), this.#shorten(this.#prompts.length - 1 - MAX_LAST);
  }
  /** Of a prompt that is far from the beginning and from the end, only the weight matters. */
  #shorten(index) {
    let prompt = this.#prompts[index];
    prompt !== void 0 && index >= MAX_FIRST && (this.#prompts[index] = { ...prompt, text: prompt.text.slice(0, MAX_WEIGHED_CHARS) });
  }
  #readSystem(line) {
    line.subtype === "compact_boundary" ? this.#course.compactions++ : line.subtype === "away_summary" ? this.#course.recap = { text: recapOf(line), prompts: this.#prompts.length } : this.#ending.noticed(line);
  }
  /** A subagent's calls, as older clients write them into the session's transcript. */
  #readSubagent(line) {
    for (let block of blocksOf(line)) {
      let { id, name, tool_use_id: settled } = block;
      typeof id == "string" && typeof name == "string" && this.#calls.set(id, toolCall(name, block.input, line));
      let call = typeof settled == "string" ? this.#calls.get(settled) : void 0;
      call && (this.#calls.set(settled, null), this.#work.settleOfSubagent(call, line, block));
    }
  }
  #called(id, call, input) {
    if (this.#calls.get(id) !== void 0) return;
    this.#calls.set(id, call), call.tool === "AskUserQuestion" && this.#ending.asked(id, input);
    let early = this.#early.get(id);
    early !== void 0 && this.#settle(id, early.line, early.block);
  }
  #settle(id, line, block) {
    let call = this.#calls.get(id);
    call === void 0 && this.#early.set(id, earlyResult(line, block)), call && (this.#calls.set(id, null), this.#ending.settled(id), this.#work.settle(id, call, line, block, this.#prompts.length));
  }
  /** The session continues: Claude answers, or the person writes a prompt. */
  #continued(model) {
    model !== void 0 && model !== "<synthetic>" && (this.#course.model = model), this.#course.hasEnded && this.#course.resumes++, this.#course.hasEnded = !1, this.#work.continued();
  }
  #isNew({ uuid }) {
    if (typeof uuid != "string") return !0;
    let isNew = this.#known.get(uuid) === void 0;
    return this.#known.set(uuid, !0), isNew;
  }
}, OBSERVER = /^Hello,? memory agent|^You are (?:a|an|the) (?:memory|observer|observing) agent/i;
function recapOf(line) {
  return bounded(textField(line, "content") ?? "").trim().replace(/\((?:disable|turn off|configure)\b[^()]*\/config\)$/i, "").trim() || null;
}
function timeOf(timestamp) {
  let time = typeof timestamp == "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
function isOfConversation({ type, parentUuid, attachment }) {
  return type !== "attachment" ? type === "user" || type === "assistant" || type === "system" : parentUuid === null || textField(attachment, "type") === "queued_command";
}

// handover/transcript/transcript-facts.ts
var NO_FACTS = {
  prompts: [],
  lastAnswer: null,
  title: null,
  recap: null,
  summary: null,
  promptsBeforeSummary: 0,
  decisions: [],
  files: [],
  olderFiles: 0,
  edits: 0,
  mayHaveChanged: !1,
  commits: [],
  pushes: [],
  pullRequests: [],
  plans: [],
  subagents: [],
  commands: [],
  todos: [],
  finished: [],
  promptsSinceTodos: 0,
  openErrors: [],
  model: null,
  startedAt: null,
  endedAt: null,
  compactions: 0,
  resumes: 0,
  ending: { cutOff: null, isInterrupted: !1, isExited: !1, isAnswered: !0, isTurnOver: !1, question: null },
  startedBy: "person"
};

// handover/reading/checkpoint.ts
var import_node_crypto2 = require("node:crypto"), import_node_fs2 = require("node:fs");

// package.json
var package_default = {
  name: "photon",
  version: "0.6.0",
  description: "The durable mailbox and handover for Claude Code across your own machines",
  license: "MIT",
  private: !0,
  type: "module",
  engines: {
    node: ">=20.18.1"
  },
  bin: {
    photon: "bin/photon"
  },
  scripts: {
    demo: "node scripts/run.mjs scripts/demo.ts",
    bridge: "node scripts/run.mjs scripts/bridge.ts",
    deploy: "node scripts/run.mjs scripts/deploy.ts",
    test: "node scripts/run.mjs vitest run",
    e2e: "node scripts/run.mjs --with-client vitest run --config test/e2e/vitest.config.ts",
    simulate: "node scripts/run.mjs vitest run --config test/simulation/vitest.config.ts",
    capsule: "node scripts/run.mjs vitest run --config test/capsule/vitest.config.ts",
    slow: "node scripts/run.mjs vitest run --config test/slow/vitest.config.ts",
    faults: "node scripts/run.mjs vitest run --config test/faults/vitest.config.ts",
    bench: "node scripts/run.mjs bench/bench.ts",
    build: "node scripts/run.mjs tsup",
    types: "node scripts/run.mjs tsc --noEmit -p . && node scripts/run.mjs tsc --noEmit -p worker && node scripts/run.mjs tsc --noEmit -p test/simulation",
    lint: "node scripts/run.mjs biome check --error-on-warnings .",
    format: "node scripts/run.mjs biome check --write .",
    knip: "node scripts/run.mjs knip"
  },
  devDependencies: {
    "@biomejs/biome": "2.6.8",
    "@clack/prompts": "1.9.0",
    "@cloudflare/vitest-plugin": "1.5.0",
    "@cloudflare/workers-types": "5.20261117.1",
    "@modelcontextprotocol/sdk": "1.32.2",
    "@noble/curves": "2.4.0",
    "@noble/hashes": "2.4.0",
    "@scure/base": "2.4.0",
    "@scure/bip39": "2.4.0",
    "@secretlint/core": "13.0.7",
    "@secretlint/profiler": "13.0.7",
    "@secretlint/secretlint-rule-preset-recommend": "13.0.7",
    "@types/node": "24.0.0",
    "age-encryption": "0.3.1",
    commander: "14.0.3",
    "env-paths": "4.0.0",
    esbuild: "0.28.2",
    "fast-check": "4.10.2",
    "fast-string-width": "3.0.2",
    hono: "4.13.19",
    "jsonc-parser": "3.3.1",
    knip: "6.44.2",
    miniflare: "5.20261102.0-beta",
    node: "24.21.0",
    "playwright-core": "1.65.1",
    tsup: "9.0.0",
    typescript: "7.0.2",
    undici: "7.30.2",
    uqr: "0.1.3",
    vitest: "5.1.1",
    wrangler: "4.156.2",
    zod: "4.6.7"
  }
};

// handover/reading/checkpoint.ts
var MAX_CHARS = 6e5, SAME_BYTES = 4096;
function readCheckpoint(path, file, readAt) {
  let content = readIfThere(path), headEnd = content?.indexOf(`
`) ?? -1;
  if (content === null || headEnd === -1) return null;
  let head = recordOf(parseJson(content.toString("utf8", 0, headEnd))), body = content.subarray(headEnd + 1), offset = numberField(head, "offset") ?? Number.NaN;
  if (!(head?.version === package_default.version && head.body === digest(body)) || !isSame(head.transcript, identityOf(file, offset, readAt))) return null;
  let value = parseJson(body.toString());
  return isBody(value) ? { ...value, offset } : null;
}
function isBody(value) {
  return recordOf(value) !== void 0;
}
function writeCheckpoint(path, file, { offset, conversation, subagents }) {
  let transcript = identityOf(file, offset), body = `{"conversation":${conversation},"subagents":${JSON.stringify(subagents)}}`;
  if (transcript === null) return;
  let head = { version: package_default.version, offset, transcript, body: digest(body) };
  body.length > MAX_CHARS ? removeFile(path) : writeLosableFile(path, `${JSON.stringify(head)}
${body}`);
}
function identityOf(file, offset, readAt = import_node_fs2.readSync) {
  try {
    let { ino, size, mtimeMs } = (0, import_node_fs2.fstatSync)(file);
    if (!(offset <= size)) return null;
    let length = Math.min(SAME_BYTES, offset), parts = Buffer.alloc(2 * length);
    return readAt(file, parts, 0, length, 0), readAt(file, parts, length, length, offset - length), { content: `${ino} ${digest(parts)}`, size, changedAt: mtimeMs };
  } catch {
    return null;
  }
}
function isSame(known, now) {
  let size = numberField(known, "size") ?? Number.NaN;
  return now === null || textField(known, "content") !== now.content ? !1 : now.size > size || now.size === size && now.changedAt === numberField(known, "changedAt");
}
function digest(content) {
  return (0, import_node_crypto2.createHash)("sha256").update(content).digest("hex");
}

// handover/reading/read-transcript.ts
var import_node_fs3 = require("node:fs"), CHUNK_BYTES = 256 * 1024, MAX_LINE_BYTES = 16 * 1024 * 1024, LINE_FEED = 10;
function* transcriptLines(path, isWanted, chunkBytes = CHUNK_BYTES) {
  let file = openTranscript(path);
  if (file !== null)
    try {
      let { rest } = yield* linesOf(file, { ...isWanted && { isWanted }, chunkBytes });
      rest !== null && (yield rest);
    } finally {
      (0, import_node_fs3.closeSync)(file);
    }
}
function* linesOf(file, { from = 0, isWanted = () => !0, chunkBytes = CHUNK_BYTES, readAt = import_node_fs3.readSync } = {}) {
  let offset = from;
  try {
    let position = from, left = (0, import_node_fs3.fstatSync)(file).size - from, chunk = Buffer.allocUnsafeSlow(Math.max(0, Math.min(chunkBytes, left))), kept = 0, isTooLong = !1;
    for (; left > 0; ) {
      let bytes = readAt(file, chunk, kept, Math.min(chunk.length - kept, left), position);
      if (bytes === 0) break;
      left -= bytes, position += bytes;
      let end = kept + bytes, begin = 0;
      for (let feed = chunk.indexOf(LINE_FEED, kept); feed !== -1 && feed < end; feed = chunk.indexOf(LINE_FEED, begin))
        isTooLong ||= feed - begin > MAX_LINE_BYTES, !isTooLong && isWanted(chunk, begin, feed) && (yield chunk.subarray(begin, feed)), isTooLong = !1, begin = feed + 1, offset = position - (end - begin);
      isTooLong ||= end - begin > MAX_LINE_BYTES, kept = isTooLong ? 0 : end - begin;
      let next = kept === chunk.length ? Buffer.allocUnsafeSlow(2 * kept) : chunk;
      chunk.copy(next, 0, begin, begin + kept), chunk = next;
    }
    if (kept > 0 && isWanted(chunk, 0, kept)) return { offset, rest: chunk.subarray(0, kept) };
  } catch {
  }
  return { offset, rest: null };
}
function openTranscript(path) {
  try {
    let file = (0, import_node_fs3.openSync)(path, "r");
    if ((0, import_node_fs3.fstatSync)(file).isFile()) return file;
    (0, import_node_fs3.closeSync)(file);
  } catch {
  }
  return null;
}

// handover/reading/subagent-files.ts
var import_node_fs4 = require("node:fs"), import_node_path2 = require("node:path");
var MAX_BYTES = 8e6, MAX_TRANSCRIPTS = 50;
function readSubagents(transcriptPath, before) {
  let folder = (0, import_node_path2.join)(transcriptPath.replace(/\.jsonl$/, ""), "subagents"), left = MAX_BYTES;
  return transcriptsIn(folder).flatMap(({ path, bytes, writtenAt }) => {
    if (left -= bytes, left < 0) return [];
    let known = before.find((each) => each.path === path && each.bytes === bytes && each.writtenAt === writtenAt);
    if (known !== void 0) return [known];
    let { files, edits } = factsFromTranscript(transcriptLines(path, mayHoldFacts));
    return [{ path, bytes, writtenAt, files, edits }];
  });
}
function withSubagents(facts, theirs) {
  let own = new Set(facts.files.map(({ path }) => path)), files = new Map(
    theirs.flatMap((each) => each.files.filter(({ path }) => !own.has(path)).map((file) => [file.path, file]))
  ), edits = theirs.reduce((sum, each) => sum + each.edits, facts.edits);
  return { ...facts, files: [...files.values(), ...facts.files], edits };
}
function transcriptsIn(folder) {
  try {
    return (0, import_node_fs4.readdirSync)(folder, { recursive: !0 }).map(String).filter((name) => name.endsWith(".jsonl")).slice(0, MAX_TRANSCRIPTS).map((name) => ({ path: (0, import_node_path2.join)(folder, name), stat: (0, import_node_fs4.statSync)((0, import_node_path2.join)(folder, name)) })).sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs).map(({ path, stat }) => ({ path, bytes: stat.size, writtenAt: stat.mtimeMs }));
  } catch {
    return [];
  }
}

// handover/reading/facts-of-session.ts
function factsOfSession(transcriptPath, checkpointFile, readAt) {
  let file = openTranscript(transcriptPath);
  if (file === null) return NO_FACTS;
  try {
    let before = checkpointFile === null ? null : readCheckpoint(checkpointFile, file, readAt), reader = new ConversationReader(before?.conversation), lines = linesOf(file, { from: before?.offset ?? 0, isWanted: mayHoldFacts, ...readAt && { readAt } }), next = lines.next();
    for (; !next.done; next = lines.next()) reader.read(next.value);
    let { offset, rest } = next.value, isNew = checkpointFile !== null && offset !== before?.offset, conversation = isNew ? JSON.stringify(reader.saved()) : "";
    rest !== null && reader.read(rest);
    let facts = reader.facts(), subagents = facts.subagents.length === 0 ? [] : readSubagents(transcriptPath, before?.subagents ?? []);
    return isNew && writeCheckpoint(checkpointFile, file, { offset, conversation, subagents }), withSubagents(facts, subagents);
  } finally {
    (0, import_node_fs5.closeSync)(file);
  }
}

// handover/transcript/goal.ts
var LONG_SESSION = 6, MIN_WORK_WEIGHT = 40, MIN_FIRST_WEIGHT = 15, ADDITION = /^(?:also|and|then|but|plus|now also|additionally|no|not|only|just|instead|rather|in|use|with|without|first|make sure|don't|do not|never)\b/i;
function goalOf({ prompts, title, summary, promptsBeforeSummary }) {
  let asked = askedIn(prompts);
  if (summary?.intent) {
    let later = asked.filter(({ index }) => index >= promptsBeforeSummary);
    return {
      text: summary.intent,
      isFromClient: !0,
      before: texts(asked.slice(0, 1).filter((one) => !later.includes(one))),
      later: texts(later)
    };
  }
  let goal = chosen(asked, title);
  if (goal === void 0) return { text: prompts[0] ?? null, isFromClient: !1, before: [], later: [] };
  let at = asked.indexOf(goal);
  return { text: goal.text, isFromClient: !1, before: texts(asked.slice(0, at)), later: texts(asked.slice(at + 1)) };
}
function askedIn(prompts) {
  let known = /* @__PURE__ */ new Set(), isFar = (index) => index >= MAX_FIRST && index < prompts.length - MAX_LAST;
  return prompts.flatMap((prompt, index) => {
    if (isFar(index)) return [];
    let text = withoutPaste(prompt);
    return !isSubstantial(text) || known.has(text) ? [] : (known.add(text), [{ text, weight: weightOf(text), index }]);
  });
}
function chosen(asked, title) {
  let work = asked.filter(isWork), candidates = work.length > 0 ? work : asked, titled = title === null ? void 0 : closestTo(title, candidates);
  if (titled !== void 0) return titled;
  let [first] = candidates;
  if (first !== void 0 && first.weight < MIN_FIRST_WEIGHT) {
    let work2 = candidates.find(({ weight }) => weight >= MIN_WORK_WEIGHT);
    if (work2 !== void 0) return work2;
  }
  let long = candidates.filter(({ weight }) => weight >= MIN_WORK_WEIGHT);
  return (asked.length >= LONG_SESSION ? long.at(-1) : void 0) ?? first;
}
var CHORE = /^(?:please |pls |can you |could you |now |ok,? |let'?s )*(?:run|start|launch|open|show|load|read|list|check|look|see|commit|push|pull|install|explain|tell|say|describe|restart|stop|go through|get familiar|familiari[sz]e|what|where|who|which|how|why|when|is|are|was|does|did|do (?:we|you|i)|have you|should)\b/i, REQUEST = /^(?:can|could|would|will) you (?!explain|tell|show|see|check|run|read)/i;
function isWork({ text, weight, index }) {
  return index > 0 && ADDITION.test(text) ? !1 : REQUEST.test(text) ? !0 : /[?？]\s*$/.test(text) && weight < 3 * MIN_WORK_WEIGHT ? !1 : !(CHORE.test(text) && weight < MIN_WORK_WEIGHT);
}
function closestTo(title, asked) {
  let words = wordsOf(title), scored = asked.map((one) => ({ one, score: [...wordsOf(one.text)].filter((word) => words.has(word)).length })), best = Math.max(1, ...scored.map(({ score }) => score));
  return best < 2 ? void 0 : scored.find(({ score }) => score === best)?.one;
}
function wordsOf(text) {
  return new Set(
    text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu)?.map((word) => word.slice(0, 6)) ?? []
  );
}
function texts(asked) {
  return asked.map(({ text }) => text);
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  NO_FACTS,
  factsOfSession,
  goalOf,
  isSubstantial,
  weightOf,
  withoutPaste
});
