"use strict";
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));

// handover/leave-handover.ts
var import_node_os2 = require("node:os");

// contract/address.ts
var MACHINE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
var PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/;
function formatAddress({ machine, project }) {
  return project === null ? machine : `${machine}/${project}`;
}

// client/identity.ts
var import_node_os = require("node:os");
var import_node_path = require("node:path");

// client/git.ts
var import_node_child_process = require("node:child_process");
var GIT_TIMEOUT_MS = 700;
var MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
function git(cwd, args) {
  try {
    return (0, import_node_child_process.execFileSync)("git", ["--no-optional-locks", "-c", "core.fsmonitor=false", ...args], {
      cwd,
      encoding: "utf8",
      timeout: GIT_TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      stdio: ["ignore", "pipe", "ignore"],
      windowsHide: true,
      env: { ...process.env, GIT_TERMINAL_PROMPT: "0" }
    });
  } catch {
    return null;
  }
}

// client/identity.ts
function machineFromHost(host = (0, import_node_os.hostname)()) {
  const label = host.split(".")[0] ?? "";
  return sanitized(label, /[^A-Za-z0-9._-]+/g, 63) ?? "machine";
}
function projectOf(folder) {
  const repository = git(folder, ["rev-parse", "--path-format=absolute", "--git-common-dir"])?.trim();
  if (repository) {
    const remote = remoteUrl(folder);
    const named2 = remote === null ? null : projectFromRemote(remote);
    const root = /[\\/]\.git$/.test(repository) ? (0, import_node_path.dirname)(repository) : repository;
    return named2 ?? projectFromPath(root);
  }
  const path2 = (0, import_node_path.resolve)(folder);
  return path2 === (0, import_node_path.resolve)((0, import_node_os.homedir)()) || path2 === (0, import_node_path.parse)(path2).root ? null : projectFromPath(path2);
}
function remoteUrl(folder) {
  const listed = git(folder, ["config", "-z", "--get-regexp", "^remote\\..*\\.url$"]);
  const remotes = (listed ?? "").split("\0").filter((line) => line.includes("\n"));
  const chosen = remotes.find((line) => line.startsWith("remote.origin.url\n")) ?? remotes[0];
  return chosen === void 0 ? null : chosen.slice(chosen.indexOf("\n") + 1);
}
function projectFromRemote(url) {
  const path2 = url.trim().replace(/[?#].*$/, "");
  return projectFromPath(path2.replace(/[\\/]*(\.git)?[\\/]*$/i, ""))?.toLowerCase() ?? null;
}
function projectFromPath(path2) {
  const last = path2.split(/[\\/:]/).filter(Boolean).at(-1) ?? "";
  return sanitized(last, /[^A-Za-z0-9._ -]+/g, 100);
}
function sanitized(text, forbidden, maxChars) {
  const name = text.normalize("NFKD").replace(forbidden, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, maxChars).replace(/[ -]+$/, "");
  return PROJECT_NAME.test(name) ? name : null;
}

// client/private-file.ts
var import_node_crypto = require("node:crypto");
var import_node_fs = require("node:fs");
var import_node_path2 = require("node:path");
function writePrivateFile(path2, text) {
  (0, import_node_fs.mkdirSync)((0, import_node_path2.dirname)(path2), { recursive: true, mode: 448 });
  const temporary = `${path2}.${(0, import_node_crypto.randomBytes)(6).toString("hex")}.tmp`;
  try {
    const file = (0, import_node_fs.openSync)(temporary, "wx", 384);
    try {
      (0, import_node_fs.writeFileSync)(file, text);
      (0, import_node_fs.fsyncSync)(file);
    } finally {
      (0, import_node_fs.closeSync)(file);
    }
    replaceFile(temporary, path2);
    syncFolder((0, import_node_path2.dirname)(path2));
  } catch (error) {
    (0, import_node_fs.rmSync)(temporary, { force: true });
    throw error;
  }
}
function syncFolder(folder) {
  if (process.platform === "win32") return;
  try {
    const handle = (0, import_node_fs.openSync)(folder, "r");
    try {
      (0, import_node_fs.fsyncSync)(handle);
    } finally {
      (0, import_node_fs.closeSync)(handle);
    }
  } catch {
  }
}
function replaceFile(from, to) {
  for (let attempt = 1; ; attempt++) {
    try {
      (0, import_node_fs.renameSync)(from, to);
      return;
    } catch (error) {
      if (process.platform !== "win32" || attempt === MAX_REPLACE_ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REPLACE_PAUSE_MS);
    }
  }
}
var MAX_REPLACE_ATTEMPTS = 5;
var REPLACE_PAUSE_MS = 10;
function writePrivateJson(path2, value) {
  writePrivateFile(path2, `${JSON.stringify(value, null, 2)}
`);
}
var FILE_VERSION = 1;
function readPrivateJson(path2) {
  const file = readJson(path2);
  if (file.state === "damaged") setAside(path2);
  if (file.state !== "whole" || (numberField(file.value, "v") ?? FILE_VERSION) > FILE_VERSION) return void 0;
  return file.value;
}
var DAMAGED = ".damaged";
function readJson(path2) {
  let text;
  try {
    text = (0, import_node_fs.readFileSync)(path2, "utf8");
  } catch {
    return { state: "missing" };
  }
  try {
    return { state: "whole", value: JSON.parse(text) };
  } catch {
    return { state: "damaged" };
  }
}
function setAside(path2) {
  try {
    (0, import_node_fs.renameSync)(path2, `${path2}${DAMAGED}`);
  } catch {
  }
}
function removeOlderFiles(folder, before) {
  try {
    for (const name of (0, import_node_fs.readdirSync)(folder)) {
      const file = (0, import_node_path2.join)(folder, name);
      if ((0, import_node_fs.statSync)(file).mtimeMs < before) (0, import_node_fs.rmSync)(file, { force: true });
    }
  } catch {
  }
}
function textField(value, key) {
  const field = recordOf(value)?.[key];
  return typeof field === "string" ? field : void 0;
}
function numberField(value, key) {
  const field = recordOf(value)?.[key];
  return typeof field === "number" && Number.isFinite(field) ? field : void 0;
}
function recordOf(value) {
  return isRecord(value) ? value : void 0;
}
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// client/config.ts
var HANDOVER_POLICIES = ["auto", "draft", "off"];
function loadConfig({ env: env2, paths, folder }) {
  const problems = [];
  const read = readJson(paths.configFile);
  const file = read.state === "whole" ? read.value : void 0;
  const pick = (variable, option, field) => {
    const places = [
      ["environment", variable === null ? void 0 : env2[variable]],
      ["plugin options", env2[`CLAUDE_PLUGIN_OPTION_${option}`] || env2[`PHOTON_OPTION_${option}`]],
      ["config file", textField(file, field)]
    ];
    for (const [source, value] of places) {
      if (value?.trim()) return { source, value: value.trim() };
    }
    return null;
  };
  const url = pick("BRIDGE_WORKER_URL", "WORKER_URL", "workerUrl");
  const workerUrl = url && webAddress(url.value);
  if (url && !workerUrl) problems.push(`The bridge's address from ${place(url.source)} is not a web address.`);
  const key = pick("BRIDGE_API_KEY", "API_KEY", "apiKey");
  const isUsableKey = key !== null && /^[\x21-\x7e]+$/.test(key.value);
  if (key && !isUsableKey) problems.push(`The key from ${place(key.source)} has characters a key cannot have.`);
  if (read.state === "damaged" && !(url && key)) problems.push(`${paths.configFile} is not valid JSON.`);
  const named2 = pick("BRIDGE_MACHINE_ID", "MACHINE_ID", "machineId");
  const isUsableName = named2 !== null && MACHINE_ID.test(named2.value);
  if (named2 && !isUsableName) {
    problems.push(`The machine name from ${place(named2.source)} may have only letters, digits, ".", "_" and "-".`);
  }
  const chosenProject = env2.BRIDGE_PROJECT?.trim();
  const isUsableProject = chosenProject ? PROJECT_NAME.test(chosenProject) : false;
  if (chosenProject && !isUsableProject) {
    problems.push('BRIDGE_PROJECT may have only letters, digits, spaces, ".", "_" and "-".');
  }
  const policy = pick("PHOTON_HANDOVER", "HANDOVER", "handover");
  const handover = HANDOVER_POLICIES.find((known) => known === policy?.value);
  if (policy && !handover) {
    problems.push(`The handover policy from ${place(policy.source)} must be ${HANDOVER_POLICIES.join(", ")}.`);
  }
  return {
    workerUrl,
    apiKey: isUsableKey ? key.value : null,
    machine: isUsableName ? named2.value : machineFromHost(),
    project: isUsableProject && chosenProject ? chosenProject : projectOf(folder),
    // A policy that cannot be read must not publish anything.
    handover: handover ?? (policy ? "draft" : "auto"),
    sources: {
      workerUrl: url?.source ?? "missing",
      apiKey: key?.source ?? "missing",
      machine: named2?.source ?? "default",
      project: chosenProject ? "environment" : "default",
      handover: policy?.source ?? "default"
    },
    problems
  };
}
function isSetUp(config) {
  return config.workerUrl !== null && config.apiKey !== null && config.problems.length === 0;
}
function place(source) {
  return source === "environment" ? "the environment" : `the ${source}`;
}
function webAddress(text) {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.search === "" ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : null;
}

// handover/draft-store.ts
var import_node_path3 = require("node:path");
var SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
var MAX_AGE_MS = 30 * 24 * 60 * 60 * 1e3;
function readDraft(paths, session) {
  return SESSION_ID.test(session) ? parseDraft(readPrivateJson(draftFile(paths, session))) : null;
}
function saveDraft(paths, draft, now = Date.now()) {
  requirePlainSession(draft);
  writePrivateJson(draftFile(paths, draft.session), draft);
  removeOlderFiles(paths.drafts, now - MAX_AGE_MS);
}
function requirePlainSession({ session }) {
  if (!SESSION_ID.test(session)) throw new RangeError("The session's id is not a plain one.");
}
function draftFile(paths, session) {
  return (0, import_node_path3.join)(paths.drafts, `${session}.json`);
}
function parseDraft(value) {
  const session = textField(value, "session");
  const machine = textField(value, "machine");
  const text = textField(value, "text");
  const savedAt = numberField(value, "savedAt");
  if (session === void 0 || machine === void 0 || text === void 0 || savedAt === void 0) return null;
  const lastAnswer = textField(value, "lastAnswer");
  const byPerson = parsePersons(recordOf(value)?.byPerson);
  return {
    v: 1,
    session,
    project: textField(value, "project") ?? null,
    machine,
    text,
    savedAt,
    prompts: numberField(value, "prompts") ?? 0,
    edits: numberField(value, "edits") ?? 0,
    publishedId: textField(value, "publishedId") ?? null,
    publishedAt: numberField(value, "publishedAt") ?? null,
    publishedText: textField(value, "publishedText") ?? null,
    ...lastAnswer === void 0 ? {} : { lastAnswer },
    ...byPerson === void 0 ? {} : { byPerson }
  };
}
function parsePersons(value) {
  if (recordOf(value) === void 0) return void 0;
  return {
    text: textField(value, "text") ?? null,
    to: textField(value, "to") ?? null,
    prompts: numberField(value, "prompts") ?? 0,
    edits: numberField(value, "edits") ?? 0
  };
}

// handover/facts-from-git.ts
function factsFromGit(folder) {
  const root = git(folder, ["rev-parse", "--show-toplevel"])?.replace(/\r?\n$/, "");
  if (!root) return null;
  const status = git(root, ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal"]);
  if (status === null) return null;
  const facts = parseStatus(status);
  const subject = facts.commit === null ? null : git(root, SUBJECT_OF_HEAD);
  return {
    root,
    branch: facts.branch,
    head: facts.commit === null ? null : { commit: facts.commit, subject: (subject ?? "").trim() },
    uncommitted: facts.uncommitted,
    untracked: facts.untracked
  };
}
var SUBJECT_OF_HEAD = ["-c", "log.showSignature=false", "log", "-1", "--format=%s"];
var FIELDS_BEFORE_PATH = { "1": 8, "2": 9, u: 10, "?": 1 };
function parseStatus(text) {
  const status = { branch: null, commit: null, uncommitted: [], untracked: [] };
  const entries = text.split("\0");
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] ?? "";
    const [kind = ""] = entry;
    if (kind === "#") readHeader(entry, status);
    const path2 = pathOf(entry, FIELDS_BEFORE_PATH[kind]);
    if (path2 === null) continue;
    (kind === "?" ? status.untracked : status.uncommitted).push(path2);
    if (kind === "2") index++;
  }
  return status;
}
function readHeader(entry, status) {
  const [, key, value = ""] = /^# (\S+) (.*)$/.exec(entry) ?? [];
  if (key === "branch.oid") status.commit = value === "(initial)" ? null : value;
  if (key === "branch.head") status.branch = value === "(detached)" ? null : value;
}
function pathOf(entry, fields) {
  if (fields === void 0) return null;
  const path2 = entry.split(" ").slice(fields).join(" ");
  return path2 === "" ? null : path2;
}

// handover/facts-from-transcript.ts
var EDIT_TOOLS = /* @__PURE__ */ new Map([
  ["Edit", "file_path"],
  ["Write", "file_path"],
  ["NotebookEdit", "notebook_path"]
]);
var NOT_TYPED = /^(<(command-|local-command|task-notification|channel|system-reminder|bash-|ide_)|\[Request interrupted by user)/;
function factsFromTranscript(lines) {
  const prompts = [];
  let lastAnswer = null;
  const files2 = /* @__PURE__ */ new Map();
  let edits = 0;
  const pending = /* @__PURE__ */ new Map();
  const readUser = (line) => {
    for (const block of contentOf(line)) {
      const path2 = pending.get(textField(block, "tool_use_id") ?? "");
      if (path2 === void 0) continue;
      pending.delete(textField(block, "tool_use_id") ?? "");
      if (hasFailed(block, line.toolUseResult)) continue;
      edits++;
      const isNew = textField(line.toolUseResult, "type") === "create";
      if (!files2.has(path2)) files2.set(path2, { path: path2, change: isNew ? "created" : "edited" });
    }
    const prompt = promptOf(line);
    if (prompt !== null) prompts.push(prompt);
  };
  const readAssistant = (line) => {
    if (line.isApiErrorMessage === true) return;
    for (const block of contentOf(line)) {
      const text = textField(block, "type") === "text" ? textField(block, "text")?.trim() : void 0;
      if (text) lastAnswer = text;
      const field = EDIT_TOOLS.get(textField(block, "name") ?? "");
      const path2 = field && textField(block.input, field);
      const id = textField(block, "id");
      if (path2 && id !== void 0) pending.set(id, path2);
    }
  };
  for (const text of lines) {
    if (!isWorthParsing(text, pending)) continue;
    const line = parseLine(text);
    if (line === void 0 || line.isSidechain === true || line.isMeta === true) continue;
    if (line.type === "user") readUser(line);
    if (line.type === "assistant") readAssistant(line);
    if (line.type === "attachment") {
      const prompt = queuedPromptOf(line);
      if (prompt !== null) prompts.push(prompt);
    }
  }
  return { prompts, lastAnswer, files: [...files2.values()], edits };
}
function mayHoldFacts(line) {
  return LINE_TYPES.some((type) => line.includes(type));
}
var LINE_TYPES = ['"type":"user"', '"type":"assistant"', '"type":"queued_command"'].map((type) => Buffer.from(type));
function isWorthParsing(line, pending) {
  if (line.includes('"type":"tool_result"')) return [...pending.keys()].some((id) => line.includes(id));
  if (!line.includes('"type":"tool_use"')) return true;
  return line.includes('"type":"text"') || [...EDIT_TOOLS.keys()].some((tool) => line.includes(`"name":"${tool}"`));
}
function parseLine(text) {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return void 0;
  }
}
function contentOf(line) {
  const content = recordOf(line.message)?.content;
  return Array.isArray(content) ? content.map(recordOf).filter((block) => block !== void 0) : [];
}
function hasFailed(block, result) {
  return block.is_error === true || typeof result === "string" || Boolean(textField(result, "error"));
}
function promptOf(line) {
  const origin = textField(line.origin, "kind");
  if (line.isCompactSummary === true || origin !== void 0 && origin !== "human") return null;
  if (line.promptSource === "system" || line.toolUseResult !== void 0) return null;
  return typedText(recordOf(line.message)?.content);
}
function queuedPromptOf(line) {
  const attachment = recordOf(line.attachment);
  if (attachment?.type !== "queued_command") return null;
  const mode = textField(attachment, "commandMode");
  return mode === void 0 || mode === "prompt" ? typedText(attachment.prompt) : null;
}
function typedText(content) {
  const texts = typeof content === "string" ? [content] : [];
  for (const block of Array.isArray(content) ? content : []) {
    if (textField(block, "type") === "text") texts.push(textField(block, "text") ?? "");
    if (textField(block, "type") === "image") texts.push("(image)");
  }
  const typed = texts.map((text) => text.trim()).filter((text) => text !== "" && !NOT_TYPED.test(text));
  return typed.length === 0 ? null : typed.join("\n");
}

// handover/policy.ts
var PUBLISH_INTERVAL_MS = 10 * 60 * 1e3;
function decideHandover(state) {
  const isTrivial = state.edits === 0 && state.prompts < 2;
  if (state.policy === "off" || isTrivial) return "none";
  if (state.policy === "draft" || !state.isChanged) return "keep";
  return state.isFinal || isDue(state) ? "publish" : "keep";
}
function isDue({ publishedAt, now }) {
  return publishedAt === null || publishedAt > now || now - publishedAt >= PUBLISH_INTERVAL_MS;
}

// handover/publish.ts
var import_node_crypto2 = require("node:crypto");

// client/outbox.ts
var import_node_fs2 = require("node:fs");
var import_node_path4 = require("node:path");
function enqueue(paths, draft, now = Date.now()) {
  const newest = Number(jsonFiles(paths.outbox).at(-1)?.slice(0, TIME_DIGITS) ?? 0);
  const time = Math.max(now, newest + 1);
  writePrivateJson((0, import_node_path4.join)(paths.outbox, `${String(time).padStart(TIME_DIGITS, "0")}-${draft.id}.json`), {
    v: 1,
    queuedAt: now,
    draft
  });
}
var TIME_DIGITS = 13;
function jsonFiles(folder) {
  try {
    return (0, import_node_fs2.readdirSync)(folder).filter((name) => /^\d{13}-.+\.json$/.test(name)).sort();
  } catch {
    return [];
  }
}

// handover/publish.ts
var MAX_CARRIED_CHARS = 6e4;
function publishByPolicy(paths, config, draft) {
  return publish(paths, config, { ...draft, publishedText: textByPolicy(draft) });
}
function hasNews(draft) {
  const { byPerson } = draft;
  if (byPerson && draft.prompts === byPerson.prompts && draft.edits === byPerson.edits) return false;
  return textByPolicy(draft) !== draft.publishedText;
}
function textByPolicy({ text, byPerson }) {
  if (!byPerson?.text || byPerson.text.length > MAX_CARRIED_CHARS) return text;
  return `${byPerson.text.trimEnd()}

---

The session went on after this was written. It now stands so:

${text}`;
}
function publish(paths, config, draft) {
  requirePlainSession(draft);
  const id = (0, import_node_crypto2.randomUUID)();
  const replaces = readDraft(paths, draft.session)?.publishedId ?? draft.publishedId;
  enqueue(paths, {
    id,
    from: formatAddress({ machine: config.machine, project: draft.project }),
    to: draft.byPerson ? draft.byPerson.to : everyMachine(draft),
    project: draft.project,
    kind: "handover",
    content: draft.publishedText,
    tags: ["handover"],
    session: draft.session,
    ...replaces === null ? {} : { replaces }
  });
  saveDraft(paths, { ...draft, publishedId: id, publishedAt: Date.now() });
  return id;
}
function everyMachine({ project }) {
  return project === null ? null : formatAddress({ machine: "*", project });
}

// handover/read-transcript.ts
var import_node_fs3 = require("node:fs");
var CHUNK_BYTES = 1024 * 1024;
var MAX_LINE_BYTES = 16 * 1024 * 1024;
var LINE_FEED = 10;
var EMPTY = Buffer.alloc(0);
function* transcriptLines(path2, isWanted = () => true, chunkBytes = CHUNK_BYTES) {
  const file = open(path2);
  if (file === null) return;
  try {
    const line = new LineInParts();
    for (const chunk of chunksOf(file, chunkBytes)) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
        const whole = line.endWith(chunk.subarray(from, end));
        if (whole !== null && isWanted(whole)) yield whole.toString();
        from = end + 1;
      }
      line.goOnWith(chunk.subarray(from));
    }
    const last = line.endWith(EMPTY);
    if (last !== null && last.length > 0 && isWanted(last)) yield last.toString();
  } finally {
    (0, import_node_fs3.closeSync)(file);
  }
}
var LineInParts = class {
  #parts = [];
  #bytes = 0;
  goOnWith(part) {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes <= MAX_LINE_BYTES) this.#parts.push(Buffer.from(part));
    else this.#parts = [];
  }
  /** @returns the whole line, or null when it is too long; the next one begins */
  endWith(rest) {
    const bytes = this.#bytes + rest.length;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > MAX_LINE_BYTES) return null;
    return parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
  }
};
function* chunksOf(file, chunkBytes) {
  let left = (0, import_node_fs3.fstatSync)(file).size;
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, left));
  while (left > 0) {
    const bytes = (0, import_node_fs3.readSync)(file, chunk, 0, Math.min(chunk.length, left), null);
    if (bytes === 0) return;
    left -= bytes;
    yield chunk.subarray(0, bytes);
  }
}
function open(path2) {
  try {
    const file = (0, import_node_fs3.openSync)(path2, "r");
    if ((0, import_node_fs3.fstatSync)(file).isFile()) return file;
    (0, import_node_fs3.closeSync)(file);
  } catch {
  }
  return null;
}

// handover/markdown.ts
var UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
function inOneLine(text) {
  return text.replace(/\s+/g, " ").replace(UNSEEN, "").trim();
}
function clip(text, maxChars) {
  if (text.length <= maxChars) return text;
  const cut = wholeCharacters(text.slice(0, Math.max(0, maxChars - MARK.length)));
  const words = cut.replace(/\s+\S*$/, "");
  return `${words.length > cut.length / 2 ? words : cut}${MARK}`;
}
var MARK = " \u2026";
function quote(text, maxChars) {
  const quoted = [];
  let left = maxChars;
  for (const line of text.trim().split(/\r\n|\r|\n/)) {
    const shown = `> ${line.replaceAll("	", "  ").replace(UNSEEN, "")}`.trimEnd();
    if (shown.length + "\n> \u2026".length > left) {
      quoted.push(left > MIN_CUT_CHARS ? clip(shown, left - 1) : "> \u2026");
      break;
    }
    quoted.push(shown);
    left -= shown.length + 1;
  }
  return quoted.join("\n");
}
var MIN_CUT_CHARS = 40;
function code(name, maxChars) {
  const plain = name.replace(UNSEEN, "?");
  const short = plain.length <= maxChars ? plain : `\u2026${wholeCharacters(plain.slice(1 - maxChars))}`;
  if (!short.includes("`")) return `\`${short}\``;
  const fence = "`".repeat(Math.max(...[...short.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${short} ${fence}`;
}
function wholeCharacters(text) {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}

// handover/shown-path.ts
function shownPath(path2, roots, home) {
  for (const root of roots) {
    const relative = below(path2, root);
    if (relative !== null) return relative;
  }
  const inHome = below(path2, home);
  return inHome === null ? withSlashes(path2) : `~/${inHome}`;
}
function below(path2, folder) {
  const base = `${withSlashes(folder).replace(/\/+$/, "")}/`;
  const full = withSlashes(path2);
  const start = full.slice(0, base.length);
  const isInside = isWindowsPath(path2) ? start.toLowerCase() === base.toLowerCase() : start === base;
  return isInside && base !== "/" && full.length > base.length ? full.slice(base.length) : null;
}
function withSlashes(path2) {
  return isWindowsPath(path2) ? path2.replaceAll("\\", "/") : path2;
}
function isWindowsPath(path2) {
  return /^([A-Za-z]:[\\/]|\\\\)/.test(path2);
}

// handover/render-draft.ts
var MAX_DRAFT_CHARS = 3e3;
var MAX_GOAL_CHARS = 450;
var MAX_LATER_CHARS = 500;
var MAX_LATER_PROMPT_CHARS = 160;
var MAX_FILES_CHARS = 400;
var MAX_STATUS_CHARS = 180;
var MAX_NAME_CHARS = 80;
function renderDraft(facts) {
  const { transcript, project } = facts;
  const before = [`# Handover${project === null ? "" : `: ${project}`}`, ...goal(transcript.prompts)];
  const after = [...files(facts), ...gitState(facts.git)];
  const heading = "## Last answer";
  const left = MAX_DRAFT_CHARS - [...before, heading, ...after].join("\n\n").length - 2 * "\n\n".length;
  const answer = transcript.lastAnswer === null ? [] : [heading, quote(transcript.lastAnswer, left)];
  return [...before, ...answer, ...after].join("\n\n");
}
function goal([first, ...later]) {
  if (first === void 0) return [];
  const parts = ["## Goal", quote(first, MAX_GOAL_CHARS)];
  if (later.length === 0) return parts;
  const newestFirst = later.map((prompt) => `- ${clip(inOneLine(prompt), MAX_LATER_PROMPT_CHARS)}`).reverse();
  const shown = fitting(newestFirst, "\n", MAX_LATER_CHARS).reverse();
  const left = later.length - shown.length;
  return [...parts, ["Then asked:", ...left > 0 ? [`- (and ${left} more before these)`] : [], ...shown].join("\n")];
}
function files({ transcript, git: git2, folder, home }) {
  if (transcript.files.length === 0) return [];
  const roots = git2 === null ? [folder] : [git2.root, folder];
  const items = transcript.files.map(
    ({ path: path2, change }) => `- ${code(shownPath(path2, roots, home), MAX_NAME_CHARS)} (${change})`
  );
  const shown = fitting(items, "\n", MAX_FILES_CHARS);
  const left = items.length - shown.length;
  return ["## Files", [...shown, ...left > 0 ? [`- and ${left} more`] : []].join("\n")];
}
function gitState(git2) {
  if (git2 === null) return [];
  const branch = git2.branch === null ? "No branch (detached HEAD)" : `Branch ${code(git2.branch, MAX_NAME_CHARS)}`;
  const subject = clip(inOneLine(git2.head?.subject ?? ""), MAX_NAME_CHARS);
  const head = git2.head === null ? "without a commit yet" : `at ${git2.head.commit.slice(0, 10)}${subject && `, \u201C${subject}\u201D`}`;
  const isClean = git2.uncommitted.length + git2.untracked.length === 0;
  const state = [
    `${branch}, ${head}.`,
    ...named("Uncommitted", git2.uncommitted),
    ...named("Untracked", git2.untracked),
    ...isClean ? ["Nothing uncommitted."] : []
  ];
  return ["## Git", state.map((line) => `- ${line}`).join("\n")];
}
function named(what, paths) {
  if (paths.length === 0) return [];
  const shown = fitting(
    paths.map((path2) => code(path2, MAX_NAME_CHARS)),
    ", ",
    MAX_STATUS_CHARS
  );
  const left = paths.length - shown.length;
  return [`${what}: ${shown.join(", ")}${left > 0 ? ` and ${left} more` : ""}`];
}
function fitting(items, separator, maxChars) {
  let chars = -separator.length;
  const fit = items.findIndex((item) => {
    chars += separator.length + item.length;
    return chars > maxChars;
  });
  return items.slice(0, fit === -1 ? items.length : Math.max(1, fit));
}

// handover/leave-handover.ts
function leaveHandover(paths, config, moment, now = Date.now()) {
  if (config.handover === "off") return null;
  const earlier = readDraft(paths, moment.session);
  const { transcriptPath } = moment;
  const read = factsFromTranscript(transcriptPath === null ? [] : transcriptLines(transcriptPath, mayHoldFacts));
  const told = moment.lastAnswer ?? answerToldBefore(earlier, read);
  const transcript = { ...read, lastAnswer: told ?? read.lastAnswer };
  const state = {
    policy: config.handover,
    prompts: transcript.prompts.length,
    edits: transcript.edits,
    isFinal: moment.isFinal,
    publishedAt: earlier?.publishedAt ?? null,
    now
  };
  if (decideHandover({ ...state, isChanged: true }) === "none") return null;
  const git2 = factsFromGit(moment.folder);
  const { project, machine } = config;
  const draft = {
    v: 1,
    session: moment.session,
    project,
    machine,
    text: renderDraft({ project, folder: moment.folder, home: (0, import_node_os2.homedir)(), transcript, git: git2 }),
    savedAt: now,
    prompts: state.prompts,
    edits: state.edits,
    publishedId: earlier?.publishedId ?? null,
    publishedAt: earlier?.publishedAt ?? null,
    publishedText: earlier?.publishedText ?? null,
    ...told === null ? {} : { lastAnswer: told },
    ...earlier?.byPerson === void 0 ? {} : { byPerson: earlier.byPerson }
  };
  const decision = decideHandover({ ...state, isChanged: hasNews(draft) });
  if (decision === "publish" && isSetUp(config)) return publishByPolicy(paths, config, draft);
  saveDraft(paths, draft, now);
  return null;
}
function answerToldBefore(earlier, { prompts }) {
  return earlier !== null && earlier.prompts === prompts.length ? earlier.lastAnswer ?? null : null;
}

// client/paths.ts
var import_node_path6 = require("node:path");

// node_modules/.pnpm/env-paths@4.0.0/node_modules/env-paths/index.js
var import_node_path5 = __toESM(require("node:path"), 1);
var import_node_os3 = __toESM(require("node:os"), 1);
var import_node_process = __toESM(require("node:process"), 1);

// node_modules/.pnpm/is-safe-filename@0.1.1/node_modules/is-safe-filename/index.js
var unsafeFilenameFixtures = Object.freeze([
  "",
  "   ",
  ".",
  "..",
  " .",
  ". ",
  " ..",
  ".. ",
  "../",
  "../foo",
  "foo/../bar",
  "foo/bar",
  "foo\\bar",
  "foo\0bar"
]);
function isSafeFilename(filename) {
  if (typeof filename !== "string") {
    return false;
  }
  const trimmed = filename.trim();
  return trimmed !== "" && trimmed !== "." && trimmed !== ".." && !filename.includes("/") && !filename.includes("\\") && !filename.includes("\0");
}
function assertSafeFilename(filename) {
  if (typeof filename !== "string") {
    throw new TypeError("Expected a string");
  }
  if (!isSafeFilename(filename)) {
    throw new Error(`Unsafe filename: ${JSON.stringify(filename)}`);
  }
}

// node_modules/.pnpm/env-paths@4.0.0/node_modules/env-paths/index.js
var homedir3 = import_node_os3.default.homedir();
var tmpdir = import_node_os3.default.tmpdir();
var { env } = import_node_process.default;
var macos = (name) => {
  const library = import_node_path5.default.join(homedir3, "Library");
  return {
    data: import_node_path5.default.join(library, "Application Support", name),
    config: import_node_path5.default.join(library, "Preferences", name),
    cache: import_node_path5.default.join(library, "Caches", name),
    log: import_node_path5.default.join(library, "Logs", name),
    temp: import_node_path5.default.join(tmpdir, name)
  };
};
var windows = (name) => {
  const appData = env.APPDATA || import_node_path5.default.join(homedir3, "AppData", "Roaming");
  const localAppData = env.LOCALAPPDATA || import_node_path5.default.join(homedir3, "AppData", "Local");
  return {
    // Data/config/cache/log are invented by me as Windows isn't opinionated about this
    data: import_node_path5.default.join(localAppData, name, "Data"),
    config: import_node_path5.default.join(appData, name, "Config"),
    cache: import_node_path5.default.join(localAppData, name, "Cache"),
    log: import_node_path5.default.join(localAppData, name, "Log"),
    temp: import_node_path5.default.join(tmpdir, name)
  };
};
var linux = (name) => {
  const username = import_node_path5.default.basename(homedir3);
  return {
    data: import_node_path5.default.join(env.XDG_DATA_HOME || import_node_path5.default.join(homedir3, ".local", "share"), name),
    config: import_node_path5.default.join(env.XDG_CONFIG_HOME || import_node_path5.default.join(homedir3, ".config"), name),
    cache: import_node_path5.default.join(env.XDG_CACHE_HOME || import_node_path5.default.join(homedir3, ".cache"), name),
    // https://wiki.debian.org/XDGBaseDirectorySpecification#state
    log: import_node_path5.default.join(env.XDG_STATE_HOME || import_node_path5.default.join(homedir3, ".local", "state"), name),
    temp: import_node_path5.default.join(tmpdir, username, name)
  };
};
function envPaths(name, { suffix = "nodejs" } = {}) {
  assertSafeFilename(name);
  if (suffix) {
    name += `-${suffix}`;
  }
  assertSafeFilename(name);
  if (import_node_process.default.platform === "darwin") {
    return macos(name);
  }
  if (import_node_process.default.platform === "win32") {
    return windows(name);
  }
  return linux(name);
}

// client/paths.ts
function photonPaths(env2) {
  const home = env2.PHOTON_HOME;
  const { config, data } = home ? { config: home, data: home } : envPaths("photon", { suffix: "" });
  return {
    configFile: (0, import_node_path6.join)(config, "config.json"),
    outbox: (0, import_node_path6.join)(data, "outbox"),
    failed: (0, import_node_path6.join)(data, "failed"),
    drafts: (0, import_node_path6.join)(data, "drafts"),
    sessions: (0, import_node_path6.join)(data, "sessions"),
    unread: (0, import_node_path6.join)(data, "unread"),
    readers: (0, import_node_path6.join)(data, "readers"),
    seen: (0, import_node_path6.join)(data, "seen"),
    marked: (0, import_node_path6.join)(data, "marked"),
    receipts: (0, import_node_path6.join)(data, "receipts"),
    sent: (0, import_node_path6.join)(data, "sent"),
    leases: (0, import_node_path6.join)(data, "leases"),
    backoff: (0, import_node_path6.join)(data, "backoff"),
    installation: (0, import_node_path6.join)(data, "installation.json"),
    machines: (0, import_node_path6.join)(data, "machines.json"),
    reminders: (0, import_node_path6.join)(data, "reminders")
  };
}

// hooks/hook-event.ts
function parseHookEvent(stdin, env2) {
  const input = parseObject(stdin);
  const field = (key) => textField(input, key) || null;
  return {
    event: {
      name: field("hook_event_name"),
      session: field("session_id") ?? (env2.CLAUDE_CODE_SESSION_ID || null),
      transcriptPath: field("transcript_path"),
      cwd: field("cwd"),
      agent: field("agent_id"),
      lastAnswer: field("last_assistant_message"),
      source: field("source")
    },
    isReadable: input !== void 0
  };
}
function parseObject(text) {
  try {
    return recordOf(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch {
    return void 0;
  }
}

// hooks/run-hook.ts
var STDIN_WAIT_MS = 300;
var MAX_STDIN_BYTES = 16 * 1024 * 1024;
var MAX_COMPLAINT_CHARS = 300;
async function runHook({ budgetMs }, handler) {
  let complaint = null;
  const complain = (text) => {
    complaint ??= text;
  };
  const callbacks = [];
  let isEnding = false;
  const end = (output) => {
    if (isEnding) return;
    isEnding = true;
    writeThen(process.stdout, output && `${JSON.stringify(output)}
`, (isWritten) => {
      if (isWritten) for (const callback of callbacks) run(callback);
      writeThen(process.stderr, complaint && `Photon: ${oneLine(complaint)}
`, () => process.exit(0));
    });
  };
  const run = (callback) => {
    try {
      callback();
    } catch (error) {
      complain(`what was said could not be noted: ${error instanceof Error ? error.message : error}`);
    }
  };
  const fail = (error) => {
    complain(error instanceof Error ? error.message : String(error));
    end(null);
  };
  const remainingMs = () => Math.max(0, Math.floor(budgetMs - performance.now()));
  setTimeout(() => {
    if (isEnding) process.exit(0);
    complain(`the hook was given up after ${budgetMs} ms.`);
    end(null);
  }, remainingMs());
  process.on("uncaughtException", fail);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => end(null));
  try {
    const env2 = process.env;
    const { event, isReadable } = parseHookEvent(await readStdin(), env2);
    if (!isReadable) complain("the client's input to the hook could not be read.");
    const paths = photonPaths(env2);
    const folder = env2.CLAUDE_PROJECT_DIR || event.cwd || process.cwd();
    const config = loadConfig({ env: env2, paths, folder });
    const whenWritten = (callback) => void callbacks.push(callback);
    end(await handler({ event, config, paths, env: env2, folder, remainingMs, complain, whenWritten }));
  } catch (error) {
    fail(error);
  }
}
function readStdin() {
  const { stdin } = process;
  if (stdin.isTTY) return Promise.resolve("");
  return new Promise((resolve3) => {
    const chunks = [];
    let size = 0;
    const done = () => {
      clearTimeout(timer);
      stdin.pause();
      resolve3(Buffer.concat(chunks).toString());
    };
    const timer = setTimeout(done, STDIN_WAIT_MS);
    stdin.on("data", (chunk) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= MAX_STDIN_BYTES) return;
      chunks.length = 0;
      done();
    });
    stdin.on("end", done);
    stdin.on("error", done);
  });
}
function writeThen(stream, text, then) {
  if (text === null) {
    then(false);
    return;
  }
  let isDone = false;
  const once = (error) => {
    if (isDone) return;
    isDone = true;
    then(!error);
  };
  stream.on("error", once);
  stream.write(text, once);
}
function oneLine(text) {
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").slice(0, MAX_COMPLAINT_CHARS);
}

// hooks/start-flush.ts
var import_node_child_process2 = require("node:child_process");
var import_node_fs4 = require("node:fs");
var import_node_path7 = require("node:path");
function startFlush(env2, script = besideThisHook()) {
  if (script === null || !(0, import_node_fs4.existsSync)(script)) return false;
  const child = (0, import_node_child_process2.spawn)(process.execPath, [script, "flush"], {
    // Not the session's folder: on Windows it could not be moved or deleted meanwhile.
    cwd: (0, import_node_path7.dirname)(script),
    detached: true,
    env: env2,
    stdio: "ignore",
    windowsHide: true
  });
  child.on("error", () => {
  });
  child.unref();
  return true;
}
function besideThisHook() {
  const hook = process.argv[1];
  return hook === void 0 ? null : (0, import_node_path7.join)((0, import_node_path7.dirname)((0, import_node_path7.resolve)(hook)), "..", "photon.mjs");
}

// hooks/stop.ts
var BUDGET_MS = 2e3;
void runHook({ budgetMs: BUDGET_MS }, ({ event, config, paths, env: env2, folder }) => {
  const { session, agent, transcriptPath, lastAnswer } = event;
  if (session === null || agent !== null) return null;
  const queued = leaveHandover(paths, config, { session, transcriptPath, folder, lastAnswer, isFinal: false });
  if (queued !== null) startFlush(env2);
  return null;
});
