"use strict";

// client/private-file.ts
var import_node_crypto = require("node:crypto"), import_node_fs = require("node:fs"), import_node_path = require("node:path");
function writePrivateFile(path, content) {
  (0, import_node_fs.mkdirSync)((0, import_node_path.dirname)(path), { recursive: !0, mode: 448 });
  let temporary = `${path}.${(0, import_node_crypto.randomBytes)(6).toString("hex")}.tmp`;
  try {
    let file = (0, import_node_fs.openSync)(temporary, "wx", 384);
    try {
      (0, import_node_fs.writeFileSync)(file, content), (0, import_node_fs.fsyncSync)(file);
    } finally {
      (0, import_node_fs.closeSync)(file);
    }
    replaceFile(temporary, path), syncFolder((0, import_node_path.dirname)(path));
  } catch (error) {
    throw (0, import_node_fs.rmSync)(temporary, { force: !0 }), error;
  }
}
function syncFolder(folder) {
  if (process.platform !== "win32")
    try {
      let handle = (0, import_node_fs.openSync)(folder, "r");
      try {
        (0, import_node_fs.fsyncSync)(handle);
      } finally {
        (0, import_node_fs.closeSync)(handle);
      }
    } catch {
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
function writePrivateJson(path, value) {
  writePrivateFile(path, `${JSON.stringify(value, null, 2)}
`);
}
var FILE_VERSION = 1;
function readPrivateJson(path) {
  let file = readJson(path);
  if (file.state === "damaged" && setAside(path), !(file.state !== "whole" || (numberField(file.value, "v") ?? FILE_VERSION) > FILE_VERSION))
    return file.value;
}
var DAMAGED = ".damaged";
function readJson(path) {
  let text;
  try {
    text = (0, import_node_fs.readFileSync)(path, "utf8");
  } catch {
    return { state: "missing" };
  }
  try {
    return { state: "whole", value: JSON.parse(text) };
  } catch {
    return { state: "damaged" };
  }
}
function setAside(path) {
  try {
    (0, import_node_fs.chmodSync)(path, 384), (0, import_node_fs.renameSync)(path, `${path}${DAMAGED}`);
  } catch {
  }
}
function namesIn(folder, pattern) {
  try {
    return (0, import_node_fs.readdirSync)(folder).filter((name) => pattern.test(name)).sort();
  } catch {
    return [];
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

// client/receipts.ts
function hasReceipts({ receipts }) {
  return namesIn(receipts, NAME).length > 0;
}
var NAME = /^\d{13}-[0-9a-f]+\.json$/;

// handover/draft/open-sessions.ts
var import_node_path2 = require("node:path");

// client/plain-session.ts
var SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
function isPlainSession(session) {
  return SESSION_ID.test(session);
}

// handover/draft/open-sessions.ts
var MAX_AGE_MS = 336 * 60 * 60 * 1e3, IDLE_MS = 1440 * 60 * 1e3;
function noteOpen(paths, session) {
  isPlainSession(session.session) && writePrivateJson(fileOf(paths, session.session), { v: 1, ...session });
}
function forgetOpen(paths, session) {
  isPlainSession(session) && removeFile(fileOf(paths, session));
}
function readOpen(paths, session) {
  return isPlainSession(session) ? parse(readPrivateJson(fileOf(paths, session))) : null;
}
function parse(value) {
  let session = textField(value, "session"), seenAt = numberField(value, "seenAt");
  if (session === void 0 || seenAt === void 0) return null;
  let { isDue, hasEnded } = recordOf(value) ?? {};
  return {
    session,
    seenAt,
    isDue: isDue === !0,
    hasEnded: hasEnded === !0,
    pid: numberField(value, "pid") ?? 0,
    transcriptPath: textField(value, "transcriptPath") ?? "",
    folder: textField(value, "folder") ?? ""
  };
}
function fileOf({ open }, session) {
  return (0, import_node_path2.join)(open, `${session}.json`);
}

// hooks/load-keep-draft.ts
var import_node_module = require("node:module");
function loadKeepDraft() {
  let { keepDraft } = (0, import_node_module.createRequire)(__filename)("./keep-draft.cjs");
  return keepDraft;
}

// hooks/open-session.ts
function openSessionOf({ event, paths, env, folder }, change = {}) {
  let { session, transcriptPath } = event;
  if (session === null) return null;
  let isDue = readOpen(paths, session)?.isDue ?? !1;
  return {
    session,
    folder,
    transcriptPath: transcriptPath ?? "",
    seenAt: Date.now(),
    pid: Number(env.CLAUDE_PID) || process.ppid,
    isDue,
    hasEnded: !1,
    ...change
  };
}

// contract/address.ts
var MACHINE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/;

// client/identity.ts
var import_node_os2 = require("node:os"), import_node_path4 = require("node:path");

// client/git.ts
var import_node_child_process = require("node:child_process"), GIT_TIMEOUT_MS = 700, MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
function git(cwd, args, timeoutMs = GIT_TIMEOUT_MS) {
  if (timeoutMs <= 0) return null;
  try {
    return (0, import_node_child_process.execFileSync)("git", ["--no-optional-locks", "-c", "core.fsmonitor=false", ...args], {
      cwd,
      encoding: "utf8",
      timeout: Math.ceil(Math.min(timeoutMs, GIT_TIMEOUT_MS)),
      killSignal: "SIGKILL",
      maxBuffer: MAX_OUTPUT_BYTES,
      stdio: ["ignore", "pipe", "ignore"],
      windowsHide: !0,
      env: { ...process.env, GIT_TERMINAL_PROMPT: "0" }
    });
  } catch {
    return null;
  }
}

// client/user-folders.ts
var import_node_os = require("node:os"), import_node_path3 = require("node:path");
function homeFolder() {
  try {
    return (0, import_node_os.homedir)() || NO_HOME;
  } catch {
    return NO_HOME;
  }
}
var NO_HOME = (0, import_node_path3.join)(import_node_os.devNull, "no-home");
function userFolders(env, platform = process.platform, home = homeFolder()) {
  if (platform === "darwin") {
    let library = (0, import_node_path3.join)(home, "Library");
    return { config: (0, import_node_path3.join)(library, "Preferences", NAME2), data: (0, import_node_path3.join)(library, "Application Support", NAME2) };
  }
  if (platform === "win32") {
    let roaming = env.APPDATA || (0, import_node_path3.join)(home, "AppData", "Roaming"), local = env.LOCALAPPDATA || (0, import_node_path3.join)(home, "AppData", "Local");
    return { config: (0, import_node_path3.join)(roaming, NAME2, "Config"), data: (0, import_node_path3.join)(local, NAME2, "Data") };
  }
  return {
    config: (0, import_node_path3.join)(env.XDG_CONFIG_HOME || (0, import_node_path3.join)(home, ".config"), NAME2),
    data: (0, import_node_path3.join)(env.XDG_DATA_HOME || (0, import_node_path3.join)(home, ".local", "share"), NAME2)
  };
}
var NAME2 = "photon";

// client/identity.ts
function machineFromHost(host = (0, import_node_os2.hostname)()) {
  let label = host.split(".")[0] ?? "";
  return sanitized(label, /[^A-Za-z0-9._-]+/g, 63) ?? "machine";
}
function projectOf(folder) {
  let repository = git(folder, ["rev-parse", "--path-format=absolute", "--git-common-dir"])?.trim();
  if (repository) {
    let remote = remoteUrl(folder), named = remote === null ? null : projectFromRemote(remote), root = /[\\/]\.git$/.test(repository) ? (0, import_node_path4.dirname)(repository) : repository;
    return named ?? projectFromPath(root);
  }
  let path = (0, import_node_path4.resolve)(folder);
  return path === (0, import_node_path4.resolve)(homeFolder()) || path === (0, import_node_path4.parse)(path).root ? null : projectFromPath(path);
}
function remoteUrl(folder) {
  let remotes = (git(folder, ["config", "-z", "--get-regexp", "^remote\\..*\\.url$"]) ?? "").split("\0").filter((line) => line.includes(`
`)), chosen = remotes.find((line) => line.startsWith(`remote.origin.url
`)) ?? remotes[0];
  return chosen === void 0 ? null : chosen.slice(chosen.indexOf(`
`) + 1);
}
function projectFromRemote(url) {
  let path = url.trim().replace(/[?#].*$/, "");
  return projectFromPath(path.replace(/[\\/]*(\.git)?[\\/]*$/i, ""))?.toLowerCase() ?? null;
}
function projectFromPath(path) {
  let last = path.split(/[\\/:]/).filter(Boolean).at(-1) ?? "";
  return sanitized(last, /[^A-Za-z0-9._ -]+/g, 100);
}
function sanitized(text, forbidden, maxChars) {
  let name = text.normalize("NFKD").replace(forbidden, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, maxChars).replace(/[ -]+$/, "");
  return PROJECT_NAME.test(name) ? name : null;
}

// client/config.ts
var HANDOVER_POLICIES = ["auto", "draft", "off"], CAPSULE_POLICIES = ["explicit", "auto", "off"];
function loadConfig({ env, paths, folder }) {
  let problems = [], read = readJson(paths.configFile), file = read.state === "whole" ? read.value : void 0, pick = (variable, option, field) => {
    let places = [
      ["environment", variable === null ? void 0 : env[variable]],
      ["plugin options", env[`CLAUDE_PLUGIN_OPTION_${option}`] || env[`PHOTON_OPTION_${option}`]],
      ["config file", textField(file, field)]
    ];
    for (let [source, value] of places)
      if (value?.trim()) return { source, value: value.trim() };
    return null;
  }, url = pick("BRIDGE_WORKER_URL", "WORKER_URL", "workerUrl"), workerUrl = url && webAddress(url.value);
  url && !workerUrl && problems.push(`The bridge's address from ${place(url.source)} is not a web address.`);
  let key = pick("BRIDGE_API_KEY", "API_KEY", "apiKey"), isUsableKey = key !== null && /^[\x21-\x7e]+$/.test(key.value);
  key && !isUsableKey && problems.push(`The key from ${place(key.source)} has characters a key cannot have.`), read.state === "damaged" && !(url && key) && problems.push(`${paths.configFile} is not valid JSON.`);
  let named = pick("BRIDGE_MACHINE_ID", "MACHINE_ID", "machineId"), isUsableName = named !== null && MACHINE_ID.test(named.value);
  named && !isUsableName && problems.push(`The machine name from ${place(named.source)} may have only letters, digits, ".", "_" and "-".`);
  let chosenProject = env.BRIDGE_PROJECT?.trim(), isUsableProject = chosenProject ? PROJECT_NAME.test(chosenProject) : !1;
  chosenProject && !isUsableProject && problems.push('BRIDGE_PROJECT may have only letters, digits, spaces, ".", "_" and "-".');
  let policy = pick("PHOTON_HANDOVER", "HANDOVER", "handover"), handover = HANDOVER_POLICIES.find((known) => known === policy?.value);
  policy && !handover && problems.push(`The handover policy from ${place(policy.source)} must be ${HANDOVER_POLICIES.join(", ")}.`);
  let capsules = pick("PHOTON_CAPSULE", "CAPSULE", "capsule"), capsule = CAPSULE_POLICIES.find((known) => known === capsules?.value);
  return capsules && !capsule && problems.push(`When capsules are sent, from ${place(capsules.source)}, must be ${CAPSULE_POLICIES.join(", ")}.`), {
    workerUrl,
    apiKey: isUsableKey ? key.value : null,
    machine: isUsableName ? named.value : machineFromHost(),
    project: isUsableProject && chosenProject ? chosenProject : projectOf(folder),
    // A policy that cannot be read must not publish anything.
    handover: handover ?? (policy ? "draft" : "auto"),
    capsule: capsule ?? (capsules ? "off" : "explicit"),
    sources: {
      workerUrl: url?.source ?? "missing",
      apiKey: key?.source ?? "missing",
      machine: named?.source ?? "default",
      project: chosenProject ? "environment" : "default",
      handover: policy?.source ?? "default"
    },
    problems
  };
}
function place(source) {
  return source === "environment" ? "the environment" : `the ${source}`;
}
function webAddress(text) {
  if (!URL.canParse(text)) return null;
  let url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.search === "" ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : null;
}

// client/paths.ts
var import_node_path5 = require("node:path");
function photonPaths(env) {
  let home = env.PHOTON_HOME, { config, data } = home ? { config: home, data: home } : userFolders(env);
  return {
    configFile: (0, import_node_path5.join)(config, "config.json"),
    keys: (0, import_node_path5.join)(config, "keys.json"),
    trust: (0, import_node_path5.join)(config, "trust.json"),
    roster: (0, import_node_path5.join)(data, "roster.json"),
    order: (0, import_node_path5.join)(data, "sealed-order.json"),
    received: (0, import_node_path5.join)(data, "received-order.json"),
    outbox: (0, import_node_path5.join)(data, "outbox"),
    failed: (0, import_node_path5.join)(data, "failed"),
    capsules: (0, import_node_path5.join)(data, "capsules"),
    drafts: (0, import_node_path5.join)(data, "drafts"),
    published: (0, import_node_path5.join)(data, "published"),
    open: (0, import_node_path5.join)(data, "open"),
    sessions: (0, import_node_path5.join)(data, "sessions"),
    unread: (0, import_node_path5.join)(data, "unread"),
    readers: (0, import_node_path5.join)(data, "readers"),
    seen: (0, import_node_path5.join)(data, "seen"),
    marked: (0, import_node_path5.join)(data, "marked"),
    receipts: (0, import_node_path5.join)(data, "receipts"),
    hops: (0, import_node_path5.join)(data, "hops"),
    sent: (0, import_node_path5.join)(data, "sent"),
    leases: (0, import_node_path5.join)(data, "leases"),
    backoff: (0, import_node_path5.join)(data, "backoff"),
    installation: (0, import_node_path5.join)(data, "installation.json"),
    machines: (0, import_node_path5.join)(data, "machines.json"),
    entries: (0, import_node_path5.join)(data, "entries"),
    wakes: (0, import_node_path5.join)(data, "wakes"),
    live: (0, import_node_path5.join)(data, "live.json"),
    reminders: (0, import_node_path5.join)(data, "reminders")
  };
}

// hooks/hook-event.ts
function parseHookEvent(stdin, env) {
  let input = parseObject(stdin), field = (key) => textField(input, key) || null;
  return {
    event: {
      name: field("hook_event_name"),
      session: field("session_id") ?? (env.CLAUDE_CODE_SESSION_ID || null),
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
    return;
  }
}

// hooks/run-hook.ts
var STDIN_WAIT_MS = 300, MAX_STDIN_BYTES = 16 * 1024 * 1024, MAX_COMPLAINT_CHARS = 300;
async function runHook({ budgetMs }, handler) {
  let complaint = null, complain = (text) => {
    complaint ??= text;
  }, callbacks = [], isEnding = !1, end = (output) => {
    isEnding || (isEnding = !0, writeThen(process.stdout, output && `${JSON.stringify(output)}
`, (isWritten) => {
      if (isWritten) for (let callback of callbacks) run(callback);
      writeThen(process.stderr, complaint && `Photon: ${oneLine(complaint)}
`, () => process.exit(0));
    }));
  }, run = (callback) => {
    try {
      callback();
    } catch (error) {
      complain(`what was said could not be noted: ${error instanceof Error ? error.message : error}`);
    }
  }, fail = (error) => {
    complain(error instanceof Error ? error.message : String(error)), end(null);
  }, remainingMs = () => Math.max(0, Math.floor(budgetMs - performance.now()));
  setTimeout(() => {
    isEnding && process.exit(0), complain(`the hook was given up after ${budgetMs} ms.`), end(null);
  }, remainingMs()), process.on("uncaughtException", fail);
  for (let signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => end(null));
  try {
    let env = process.env, { event, isReadable } = parseHookEvent(await readStdin(), env);
    isReadable || complain("the client's input to the hook could not be read.");
    let paths = photonPaths(env), folder = env.CLAUDE_PROJECT_DIR || event.cwd || process.cwd(), config = loadConfig({ env, paths, folder });
    end(await handler({ event, config, paths, env, folder, remainingMs, complain, whenWritten: (callback) => {
      callbacks.push(callback);
    } }));
  } catch (error) {
    fail(error);
  }
}
function readStdin() {
  let { stdin } = process;
  return stdin.isTTY ? Promise.resolve("") : new Promise((resolve3) => {
    let chunks = [], size = 0, done = () => {
      clearTimeout(timer), stdin.pause(), resolve3(Buffer.concat(chunks).toString());
    }, timer = setTimeout(done, STDIN_WAIT_MS);
    stdin.on("data", (chunk) => {
      size += chunk.length, chunks.push(chunk), !(size <= MAX_STDIN_BYTES) && (chunks.length = 0, done());
    }), stdin.on("end", done), stdin.on("error", done);
  });
}
function writeThen(stream, text, then) {
  if (text === null) {
    then(!1);
    return;
  }
  let isDone = !1, once = (error) => {
    isDone || (isDone = !0, then(!error));
  };
  stream.on("error", once), stream.write(text, once);
}
function oneLine(text) {
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").slice(0, MAX_COMPLAINT_CHARS);
}

// hooks/start-flush.ts
var import_node_child_process2 = require("node:child_process"), import_node_fs2 = require("node:fs"), import_node_path6 = require("node:path");
function startFlush(env, script = besideThisHook()) {
  if (script === null || !(0, import_node_fs2.existsSync)(script)) return !1;
  let child = (0, import_node_child_process2.spawn)(process.execPath, [script, "flush"], {
    // Not the session's folder: on Windows it could not be moved or deleted meanwhile.
    cwd: (0, import_node_path6.dirname)(script),
    detached: !0,
    env,
    stdio: "ignore",
    windowsHide: !0
  });
  return child.on("error", () => {
  }), child.unref(), !0;
}
function besideThisHook() {
  let hook = process.argv[1];
  return hook === void 0 ? null : (0, import_node_path6.join)((0, import_node_path6.dirname)((0, import_node_path6.resolve)(hook)), "..", "photon.mjs");
}

// hooks/session-end.ts
var BUDGET_MS = 1300;
runHook({ budgetMs: BUDGET_MS }, (context) => {
  let { event, config, paths, env, folder } = context, { session, agent, transcriptPath } = event;
  if (session === null || agent !== null) return null;
  let hasEnded = event.name === "SessionEnd", moment = { session, transcriptPath, folder, lastAnswer: null, isFinal: !0 }, isDue = config.handover !== "off" && loadKeepDraft()(paths, config, moment), open = isDue ? openSessionOf(context, { isDue, hasEnded }) : null;
  return open ? noteOpen(paths, open) : hasEnded && forgetOpen(paths, session), (isDue || hasReceipts(paths)) && startFlush(env), null;
});
