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

// hooks/keep-draft.ts
var keep_draft_exports = {};
__export(keep_draft_exports, {
  keepDraft: () => keepDraft
});
module.exports = __toCommonJS(keep_draft_exports);

// client/disk/user-folders.ts
var import_node_os = require("node:os"), import_node_path = require("node:path");
function homeFolder() {
  try {
    return (0, import_node_path.isAbsolute)((0, import_node_os.homedir)()) ? (0, import_node_os.homedir)() : NO_HOME;
  } catch {
    return NO_HOME;
  }
}
var NO_HOME = (0, import_node_path.join)(import_node_os.devNull, "no-home");

// client/disk/paths.ts
var import_node_os2 = require("node:os"), import_node_path2 = require("node:path");
var NOWHERE = (0, import_node_path2.join)(import_node_os2.devNull, "photon-home");

// client/git/found-repository.ts
var import_node_fs = require("node:fs"), import_node_path3 = require("node:path");

// client/disk/disk-error.ts
function errorCode(error) {
  return error instanceof Error && "code" in error && typeof error.code == "string" ? error.code : void 0;
}

// client/git/found-repository.ts
var MAX_CONFIG_BYTES = 64 * 1024;
function findRepository(folder) {
  for (let at = realFolder(folder); ; at = (0, import_node_path3.dirname)(at)) {
    let gitFolder = gitFolderOf(at);
    if (gitFolder !== null) return repositoryWith(at, gitFolder);
    if (at === (0, import_node_path3.dirname)(at)) return null;
  }
}
function realFolder(folder) {
  try {
    return (0, import_node_fs.realpathSync)(folder);
  } catch {
    return (0, import_node_path3.resolve)(folder);
  }
}
function gitFolderOf(root) {
  let entry = (0, import_node_path3.join)(root, ".git");
  try {
    if ((0, import_node_fs.statSync)(entry).isDirectory()) return isMissing((0, import_node_path3.join)(entry, "HEAD")) ? null : entry;
  } catch (error) {
    return errorCode(error) === "EACCES" && (0, import_node_fs.existsSync)(root) ? entry : null;
  }
  let [, path = ""] = /^gitdir: (.+)/.exec(readText(entry) ?? "") ?? [];
  return path === "" ? null : isLocal(path.trim()) ? (0, import_node_path3.resolve)(root, path.trim()) : entry;
}
function isLocal(path) {
  return !/^[\\/]{2}/.test(path);
}
function isMissing(file) {
  try {
    return (0, import_node_fs.statSync)(file), !1;
  } catch (error) {
    return errorCode(error) !== "EACCES";
  }
}
function repositoryWith(root, gitFolder) {
  let common = commonFolder(gitFolder), config = readText((0, import_node_path3.join)(common, "config")), ofWorktree = config === null ? null : readText((0, import_node_path3.join)(gitFolder, "config.worktree")), isNormal = /[\\/]\.git$/.test(common);
  return { root, main: isNormal ? (0, import_node_path3.dirname)(common) : common, config: config && [config, ofWorktree ?? ""].join(`
`) };
}
function commonFolder(gitFolder) {
  let common = readText((0, import_node_path3.join)(gitFolder, "commondir"))?.trim();
  return common && isLocal(common) ? (0, import_node_path3.resolve)(gitFolder, common) : (0, import_node_fs.existsSync)(gitFolder) ? gitFolder : gitFolder.replace(/(?<=[\\/]\.git)[\\/]worktrees[\\/][^\\/]+$/, "");
}
function readText(file) {
  try {
    let { size } = (0, import_node_fs.statSync)(file);
    return (0, import_node_fs.statSync)(file).isFile() && size <= MAX_CONFIG_BYTES ? (0, import_node_fs.readFileSync)(file, "utf8") : null;
  } catch {
    return null;
  }
}

// client/git/inert-git.ts
var import_node_child_process = require("node:child_process");

// client/git/git-call.ts
var import_node_fs2 = require("node:fs"), import_node_path4 = require("node:path"), SAFE = [
  "--no-optional-locks",
  "--no-replace-objects",
  "-c",
  "safe.bareRepository=explicit",
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "log.showSignature=false",
  "-c",
  "core.quotePath=false",
  "-c",
  "submodule.recurse=false",
  "-c",
  "color.ui=false"
], NEUTRAL = {
  GIT_DISCOVERY_ACROSS_FILESYSTEM: "1",
  // a folder of the repository may be mounted on its own
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  GIT_PAGER: "cat",
  GIT_EDITOR: ":",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_GRAFT_FILE: "/dev/null",
  GIT_LITERAL_PATHSPECS: "1",
  LC_ALL: "C"
}, NO_NETWORK = { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "" }, NETWORK = { GIT_ALLOW_PROTOCOL: "file:http:https:ssh" }, KEPT = /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|SSL_CA(?:INFO|PATH))$/;
function gitCall(cwd, args, network = !1) {
  if (isInBareRepository(cwd)) throw new Error("fatal: cannot use bare repository");
  return {
    program: gitProgram(),
    args: [...SAFE, ...withSafeOptions(args)],
    env: { ...inherited(), ...NEUTRAL, ...network ? NETWORK : NO_NETWORK }
  };
}
function verbOf(args) {
  return args.find((arg, at) => arg !== "-c" && args[at - 1] !== "-c") ?? "";
}
var SAFE_OPTIONS = [
  [/^(?:diff(?:-\w+)?|log|show)$/, ["--no-ext-diff", "--no-textconv"]],
  [/^status$/, ["--ignore-submodules=dirty"]]
];
function withSafeOptions(args) {
  let verb = verbOf(args), options = SAFE_OPTIONS.find(([verbs]) => verbs.test(verb))?.[1] ?? [], at = args.indexOf(verb) + 1;
  return [...args.slice(0, at), ...options, ...args.slice(at)];
}
function inherited() {
  let env = {};
  for (let name of Object.keys(process.env))
    (!name.toUpperCase().startsWith("GIT_") || KEPT.test(name)) && (env[name] = process.env[name]);
  return env;
}
function gitProgram() {
  let name = process.platform === "win32" ? "git.exe" : "git";
  for (let folder of (process.env.PATH ?? "").split(import_node_path4.delimiter)) {
    let path = (0, import_node_path4.join)(folder, name);
    if ((0, import_node_path4.isAbsolute)(folder) && isProgram(path)) return path;
  }
  throw new Error("git is not installed.");
}
function isProgram(path) {
  try {
    return (0, import_node_fs2.accessSync)(path, import_node_fs2.constants.X_OK), (0, import_node_fs2.statSync)(path).isFile();
  } catch {
    return !1;
  }
}
function isInBareRepository(cwd) {
  for (let folder = (0, import_node_path4.resolve)(cwd); ; folder = (0, import_node_path4.dirname)(folder)) {
    if ((0, import_node_fs2.existsSync)((0, import_node_path4.join)(folder, ".git"))) return !1;
    if (["HEAD", "objects", "refs"].every((name) => (0, import_node_fs2.existsSync)((0, import_node_path4.join)(folder, name)))) return (0, import_node_path4.basename)(folder) !== ".git";
    if (folder === (0, import_node_path4.dirname)(folder)) return !1;
  }
}

// client/git/inert-git.ts
var INERT = /* @__PURE__ */ new Set([
  "--version",
  "config",
  "rev-parse",
  "show-ref",
  "remote",
  "check-attr",
  "check-ignore",
  "for-each-ref",
  "log",
  "rev-list",
  "merge-base",
  "ls-files",
  "ls-tree",
  "cat-file",
  "write-tree",
  "commit-tree",
  "diff-tree",
  "bundle",
  "index-pack",
  "pack-objects",
  "unpack-objects"
]);
function runsNoPrograms(args) {
  return INERT.has(verbOf(args)) && !args.includes("--filters");
}
var GIT_TIMEOUT_MS = 700, MAX_STATUS_BYTES = 16 * 1024 * 1024;
function startAndWait(cwd, args, timeoutMs) {
  let { status, stdout, error } = waitFor(gitCall(cwd, args), cwd, timeoutMs);
  if (error !== void 0) throw error;
  if (status !== 0) throw new Error(`git ${verbOf(args)} failed.`);
  return stdout;
}
function waitFor(call, cwd, timeoutMs) {
  let options = { cwd, env: call.env, encoding: "utf8", detached: HAS_GROUPS }, ended = (0, import_node_child_process.spawnSync)(call.program, call.args, {
    ...options,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: MAX_STATUS_BYTES,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: !0
  });
  return ended.error !== void 0 && endGroup(ended.pid), ended;
}
var HAS_GROUPS = process.platform !== "win32";
function endGroup(leader) {
  if (!(!leader || !HAS_GROUPS))
    try {
      process.kill(-leader, "SIGKILL");
    } catch {
    }
}
function outcomeOfGit(cwd, args, timeoutMs) {
  let call;
  try {
    call = gitCall(cwd, args);
  } catch {
    return { state: "missing" };
  }
  let { status, stderr, error } = waitFor(call, cwd, timeoutMs);
  return status === 0 ? { state: "works" } : errorCode(error) === "ETIMEDOUT" ? { state: "slow" } : { state: "refused", stderr: stderr ?? "" };
}

// client/disk/private-file.ts
var import_node_crypto = require("node:crypto"), import_node_fs3 = require("node:fs"), import_node_path5 = require("node:path");

// contract/parse-json.ts
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return;
  }
}

// client/disk/private-file.ts
function writePrivateFile(path, content, mayReplace = () => !0) {
  (0, import_node_fs3.mkdirSync)((0, import_node_path5.dirname)(path), { recursive: !0, mode: 448 }), requireReadable(path);
  let temporary = `${path}.${(0, import_node_crypto.randomBytes)(6).toString("hex")}.tmp`;
  try {
    let file = (0, import_node_fs3.openSync)(temporary, "wx", 384);
    try {
      (0, import_node_fs3.writeFileSync)(file, content), (0, import_node_fs3.fsyncSync)(file);
    } finally {
      (0, import_node_fs3.closeSync)(file);
    }
    return mayReplace() ? (replaceFile(temporary, path), syncFolder((0, import_node_path5.dirname)(path)), !0) : ((0, import_node_fs3.rmSync)(temporary, { force: !0 }), !1);
  } catch (error) {
    throw (0, import_node_fs3.rmSync)(temporary, { force: !0 }), error;
  }
}
function requireReadable(path) {
  try {
    (0, import_node_fs3.accessSync)(path, import_node_fs3.constants.R_OK);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}
function syncFolder(folder) {
  if (process.platform !== "win32")
    try {
      let handle = (0, import_node_fs3.openSync)(folder, "r");
      try {
        (0, import_node_fs3.fsyncSync)(handle);
      } finally {
        (0, import_node_fs3.closeSync)(handle);
      }
    } catch {
    }
}
function replaceFile(from, to) {
  for (let attempt = 1; ; attempt++)
    try {
      (0, import_node_fs3.renameSync)(from, to);
      return;
    } catch (error) {
      if (process.platform !== "win32" || attempt === MAX_REPLACE_ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REPLACE_PAUSE_MS);
    }
}
var MAX_REPLACE_ATTEMPTS = 5, REPLACE_PAUSE_MS = 10;
var FILE_VERSION = 1;
function readVersioned(path) {
  let file = readJson(path);
  return file.state === "damaged" && setAside(path), file.state !== "whole" ? { state: "missing" } : (numberField(file.value, "v") ?? FILE_VERSION) > FILE_VERSION ? { state: "newer" } : file;
}
var DAMAGED = ".damaged";
function readJson(path) {
  let content;
  try {
    content = (0, import_node_fs3.readFileSync)(path);
  } catch (error) {
    let code2 = errorCode(error) ?? "unknown error";
    return /^(?:ENOENT|ENOTDIR)$/.test(code2) ? { state: "missing" } : { state: "unreadable", code: code2 };
  }
  let value = parseJson(textOf(content));
  return value === void 0 ? { state: "damaged" } : { state: "whole", value };
}
function setAside(path) {
  try {
    (0, import_node_fs3.chmodSync)(path, 384), (0, import_node_fs3.renameSync)(path, `${path}${DAMAGED}`);
  } catch {
  }
}
function namesIn(folder, pattern) {
  try {
    return (0, import_node_fs3.readdirSync)(folder).filter((name) => pattern.test(name)).sort();
  } catch {
    return [];
  }
}
function removeOlderFiles(folder, pattern, before) {
  try {
    for (let name of namesIn(folder, pattern)) {
      let file = (0, import_node_path5.join)(folder, name);
      (0, import_node_fs3.statSync)(file).mtimeMs < before && (0, import_node_fs3.rmSync)(file, { force: !0 });
    }
  } catch {
  }
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
function textOf(bytes) {
  let [first, second] = bytes;
  return first === 255 && second === 254 ? bytes.toString("utf16le", 2) : first === 254 && second === 255 ? Buffer.from(bytes.subarray(2, bytes.length & -2)).swap16().toString("utf16le") : bytes.toString().replace(/^\uFEFF/, "");
}

// client/disk/short-lock.ts
var import_node_crypto2 = require("node:crypto"), import_node_fs5 = require("node:fs"), import_node_os3 = require("node:os"), import_node_path6 = require("node:path");

// client/disk/is-running.ts
var import_node_fs4 = require("node:fs");
function isRunning(pid) {
  if (pid <= 0) return !1;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return Object(error).code === "EPERM";
  }
  return !isZombie(pid);
}
function isZombie(pid) {
  try {
    return (0, import_node_fs4.readFileSync)(`/proc/${pid}/stat`, "latin1").includes(") Z");
  } catch {
    return !1;
  }
}

// client/disk/short-lock.ts
var MAX_HELD_MS = 500, GIVE_UP_MS = 1e3, STALE_MS = 2e3, PAUSE_MS = 3, MAX_ATTEMPTS = 100;
function changeUnderLock(lockFile, read, change, giveUpMs = GIVE_UP_MS) {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    let own = takeLock(lockFile, giveUpMs), isHeld = () => contentOf(lockFile) === own;
    try {
      let before = read(), isUnchanged = () => JSON.stringify(read()) === JSON.stringify(before);
      if (change(before, () => isUnchanged() && (own === null || isHeld()))) return;
    } finally {
      own !== null && isHeld() && quietly(() => (0, import_node_fs5.rmSync)(lockFile, { force: !0 }));
    }
  }
  throw new Error(`Other processes keep changing what ${lockFile} protects.`);
}
function takeLock(file, giveUpMs) {
  let own = JSON.stringify({ pid: process.pid, host: (0, import_node_os3.hostname)(), token: (0, import_node_crypto2.randomUUID)() }), start = performance.now(), holder = null, heldSince = start;
  for (quietly(() => (0, import_node_fs5.mkdirSync)((0, import_node_path6.dirname)(file), { recursive: !0, mode: 448 })); ; ) {
    let made = make(file, own);
    if (made !== "busy") return made === "made" ? own : null;
    let now = performance.now();
    if (now - start >= giveUpMs) return null;
    let current = contentOf(file);
    if (current !== holder && ([holder, heldSince] = [current, now]), holder !== null && (now - heldSince >= MAX_HELD_MS || isLeftOver(file, holder))) {
      if (!takeAway(file, holder)) return null;
    } else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}
function make(file, content) {
  let handle;
  try {
    handle = (0, import_node_fs5.openSync)(file, "wx", 384);
  } catch (error) {
    let code2 = errorCode(error);
    return code2 === "EEXIST" || code2 === "EPERM" && process.platform === "win32" ? "busy" : "impossible";
  }
  try {
    return (0, import_node_fs5.writeFileSync)(handle, content), "made";
  } catch {
    return quietly(() => (0, import_node_fs5.rmSync)(file, { force: !0 })), "impossible";
  } finally {
    (0, import_node_fs5.closeSync)(handle);
  }
}
function takeAway(file, holder) {
  let taken = `${file}.${(0, import_node_crypto2.randomUUID)()}`;
  try {
    (0, import_node_fs5.renameSync)(file, taken), contentOf(taken) === holder ? (0, import_node_fs5.rmSync)(taken, { force: !0 }) : (0, import_node_fs5.renameSync)(taken, file);
  } catch (error) {
    let code2 = errorCode(error);
    return !(code2 === "EACCES" || code2 === "EROFS" || code2 === "EPERM" && process.platform !== "win32");
  }
  return !0;
}
function isLeftOver(file, holder) {
  let content = parseJson(holder), pid = numberField(content, "pid");
  if (pid !== void 0 && textField(content, "host") === (0, import_node_os3.hostname)()) return !isRunning(pid);
  try {
    return Math.abs(Date.now() - (0, import_node_fs5.statSync)(file).mtimeMs) > STALE_MS;
  } catch {
    return !1;
  }
}
function contentOf(file) {
  try {
    return (0, import_node_fs5.readFileSync)(file, "utf8");
  } catch {
    return null;
  }
}
function quietly(run) {
  try {
    run();
  } catch {
  }
}

// client/settings/policies.ts
var HANDOVER_POLICIES = ["auto", "draft", "off"];

// client/settings/config.ts
function isSetUp(config) {
  return config.workerUrl !== null && config.apiKey !== null && config.problems.length === 0;
}

// client/git/git-trouble.ts
var import_node_fs6 = require("node:fs");
function gitTrouble(folder, timeoutMs = GIT_TIMEOUT_MS) {
  if (!(0, import_node_fs6.existsSync)(folder)) return { sentence: "This folder does not exist any more.", advice: "use another" };
  if (findRepository(folder) === null) return null;
  let outcome = outcomeOfGit(folder, ["rev-parse", "--git-dir"], Math.max(1, timeoutMs));
  switch (outcome.state) {
    case "works":
      return null;
    case "slow":
      return timeoutMs < GIT_TIMEOUT_MS ? null : SLOW;
    case "missing":
      return { sentence: "This folder is in a git repository, but git is not installed.", advice: "install git" };
    case "refused":
      return /dubious ownership/.test(outcome.stderr) ? {
        sentence: "Git refuses this folder, because it belongs to another user.",
        advice: 'if you trust it, run in its top folder: git config --global --add safe.directory "$PWD"'
      } : { sentence: "Git cannot read this repository.", advice: "`git status` in this folder says why" };
  }
}
var SLOW = {
  sentence: "Git did not answer in time.",
  advice: "`git status` shows how long it takes; a large repository may need `git config core.untrackedCache true`"
};

// handover/git/facts-from-git.ts
var import_node_fs8 = require("node:fs"), import_node_path8 = require("node:path");

// client/git/foreign-programs.ts
var LIST_SETTINGS = ["config", "--list", "--null", "--show-scope"], FILTER = /^filter\.(.*)\.(?:clean|smudge|process)$/s, PROGRAMS = [
  [/^merge\..*\.driver$/s, "false"],
  [/^core\.sshcommand$/, "ssh"],
  [/^core\.alternaterefscommand$/, ":"],
  [/^core\.virtualfilesystem$/, ""],
  [/^credential\.(?:.*\.)?helper$/s, ""],
  [/^http\.(?:.*\.)?savecookies$/s, "false"],
  [/^lfs\.(?:extension\..*\.(?:clean|smudge)|(?:.*\.)?standalonetransferagent)$/s, ""],
  [/^lfs\.customtransfer\..*\.path$/s, ""]
], REMOTE_PROGRAM = /^remote\..*\.(?:uploadpack|receivepack|vcs)$/s, HOOK = /^hook\..*\.command$/s;
function foreignPrograms(listing) {
  let own = /* @__PURE__ */ new Map(), foreign = [];
  for (let { scope, name, value } of settingsIn(listing))
    scope !== "command" && (!HOOK.test(name) && /^(?:system|global)$/.test(scope) ? own.set(name, [...own.get(name) ?? [], value]) : foreign.push([name, value]));
  let settings = [], filters = /* @__PURE__ */ new Set();
  for (let [name, value] of foreign) {
    let values = own.get(name) ?? [], filter = FILTER.exec(name)?.[1];
    filter !== void 0 && values.at(-1) !== value && filters.add(filter);
    let nothing = HOOK.test(name) ? ":" : PROGRAMS.find(([pattern]) => pattern.test(name))?.[1];
    nothing !== void 0 && (settings.push(...(values.length === 0 || nothing === "" ? [nothing] : []).map((each) => `${name}=${each}`)), settings.push(...values.map((each) => `${name}=${each}`)));
  }
  for (let filter of filters)
    settings.push(...["clean", "smudge", "process"].map((key) => `filter.${filter}.${key}=`)), settings.push(`filter.${filter}.required=false`);
  if ([...filters, ...foreign.filter(isProgram2).map(([name]) => name)].some((name) => name.includes("=")))
    throw new Error("This repository's settings name programs that Photon cannot disable.");
  return { settings, filters, isRemoteSafe: !foreign.some(([name]) => REMOTE_PROGRAM.test(name)) };
}
function isProgram2([name]) {
  return HOOK.test(name) || PROGRAMS.some(([pattern]) => pattern.test(name));
}
function settingsIn(listing) {
  let fields = listing.split("\0");
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, at) => {
    let [name = "", ...lines2] = (fields[2 * at + 1] ?? "").split(`
`);
    return { scope: fields[2 * at] ?? "", name, value: lines2.join(`
`) };
  });
}

// client/git/git.ts
var MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
function git(cwd, args, timeoutMs = GIT_TIMEOUT_MS) {
  let end = performance.now() + timeoutMs, ask = (asked) => {
    let left = Math.ceil(end - performance.now());
    if (left <= 0) throw new Error("The timeout has passed.");
    return startAndWait(cwd, asked, left);
  };
  try {
    if (runsNoPrograms(args)) return ask(args);
    let { settings } = foreignPrograms(ask(LIST_SETTINGS));
    return ask([...settings.flatMap((setting) => ["-c", setting]), ...args]);
  } catch {
    return null;
  }
}

// handover/git/dirty-submodules.ts
var import_node_fs7 = require("node:fs"), import_node_path7 = require("node:path");
var MAX_SUBMODULES = 20;
function dirtySubmodules(root, leftMs) {
  return submodulesOf(root, leftMs).filter(
    (path) => !!git((0, import_node_path7.join)(root, path), ["status", "--porcelain", "-z"], leftMs())
  );
}
function submodulesOf(root, leftMs) {
  return (0, import_node_fs7.existsSync)((0, import_node_path7.join)(root, ".gitmodules")) ? (git(root, ["config", "-z", "--file", ".gitmodules", "--get-regexp", "\\.path$"], leftMs()) ?? "").split("\0").map((entry) => entry.slice(entry.indexOf(`
`) + 1)).filter((path) => path !== "" && !path.split(/[\\/]/).includes("..") && (0, import_node_fs7.existsSync)((0, import_node_path7.join)(root, path, ".git"))).slice(0, MAX_SUBMODULES) : [];
}

// handover/git/parse-status.ts
var FIELDS_BEFORE_PATH = { 1: 8, 2: 9, u: 10, "?": 1 };
function parseStatus(output) {
  let headers = /* @__PURE__ */ new Map(), entries = [], texts = output.toString("latin1").split("\0");
  for (let at = 0; at < texts.length; at++) {
    let text = texts[at] ?? "", kind = text.charAt(0), count = FIELDS_BEFORE_PATH[kind];
    kind === "2" && at++;
    let [, key = "", value = ""] = /^# (\S+) (.*)$/.exec(text) ?? [];
    if (headers.set(key, bytesOf(value).toString()), count === void 0 || text.charAt(1) !== " ") continue;
    let fields = text.split(" ", count), path = bytesOf(text.slice(fields.join(" ").length + 1));
    if (path.length === 0) continue;
    let mode = kind === "?" ? null : fields[kind === "u" ? 6 : 5] ?? null;
    entries.push({ kind, path, mode, isSubmodule: kind !== "?" && fields[2]?.startsWith("S") === !0 });
  }
  let oid = headers.get("branch.oid") ?? "(initial)", head = headers.get("branch.head") ?? "(detached)", name = headers.get("branch.upstream"), [, ahead = 0, behind = 0] = /^\+(\d+) -(\d+)$/.exec(headers.get("branch.ab") ?? "") ?? [];
  return {
    commit: oid === "(initial)" ? null : oid,
    branch: head === "(detached)" ? null : head,
    upstream: name === void 0 ? null : { name, ahead: Number(ahead), behind: Number(behind) },
    entries
  };
}
function bytesOf(latin1) {
  return Buffer.from(latin1, "latin1");
}

// handover/git/shared-remote.ts
var LIST_REMOTES = ["config", "--get-regexp", "^remote\\..*\\.url$"];
function remotesIn(printed) {
  return printed.split(/\r?\n/).flatMap((line) => {
    let [, name = "", url = ""] = /^remote\.(.*)\.url (.*)$/.exec(line) ?? [];
    return url === "" ? [] : [{ name, url }];
  });
}
function bySharing(remotes, followed) {
  let rank = (remote) => [isFolder(remote), remote.name !== "origin", remote.name !== followed].map(Number).join("");
  return [...remotes].sort((a, b) => rank(a).localeCompare(rank(b)));
}
function isFolder({ url }) {
  return /^file:/i.test(url) || !/^(?:[a-z][a-z0-9+.-]*:\/\/|[^/\\:]{2,}:)/i.test(url);
}
function anyBranchOf({ name }) {
  return ["for-each-ref", "--count=1", "--format=%(refname)", `refs/remotes/${name}/`];
}
function notOn(remote) {
  return ["--not", remote === null ? "--remotes" : `--remotes=${remote.name}`];
}

// handover/git/facts-from-git.ts
var MAX_UNPUSHED = 20, BUDGET_MS = 700;
function factsFromGit(folder, budgetMs = BUDGET_MS) {
  let end = performance.now() + budgetMs, ask = (cwd, args) => git(cwd, args, end - performance.now()), places = ask(folder, ["rev-parse", "--show-toplevel", "--absolute-git-dir", "--git-common-dir"]), [root, gitFolder = "", commonFolder2 = ""] = (places ?? "").split(/\r?\n/);
  if (!root) return null;
  let printed = ask(root, ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal"]);
  if (printed === null) return null;
  let { commit, branch, upstream, entries } = parseStatus(Buffer.from(printed)), paths = (isMeant) => entries.filter(isMeant).map(({ path }) => path.toString()), dirty = dirtySubmodules(root, () => end - performance.now()), remotes = bySharing(remotesIn(ask(root, LIST_REMOTES) ?? ""), upstream?.name.split("/")[0] ?? null), known = remotes.length > 1 ? remotes.find((each) => !!ask(root, anyBranchOf(each))) : remotes[0], remote = known ?? remotes[0] ?? null, unpushed = commit === null ? [] : lines(ask(root, [...UNPUSHED, ...notOn(known ?? null)])), [subject = ""] = unpushed.length > 0 || commit === null ? unpushed : lines(ask(root, HEAD_ALONE));
  return {
    root,
    branch,
    uncommitted: [.../* @__PURE__ */ new Set([...paths(({ kind }) => kind !== "?"), ...dirty])],
    conflicts: paths(({ kind }) => kind === "u"),
    untracked: paths(({ kind }) => kind === "?"),
    submodules: [.../* @__PURE__ */ new Set([...paths(({ isSubmodule }) => isSubmodule), ...dirty])],
    upstream,
    head: commit === null ? null : { commit, subject },
    remote: remote && { ...remote, url: remote.url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, "$1") },
    unpushed,
    isLinkedWorktree: (0, import_node_path8.resolve)(folder, commonFolder2) !== (0, import_node_path8.resolve)(gitFolder),
    inProgress: operationIn(gitFolder)
  };
}
var LOG = ["log", "--no-color", "--format=%s"], UNPUSHED = [...LOG, `--max-count=${MAX_UNPUSHED}`, "HEAD"], HEAD_ALONE = [...LOG, "--max-count=1", "HEAD"];
function lines(printed) {
  return (printed ?? "").split(/\r?\n/).filter(Boolean);
}
var OPERATIONS = [
  ["rebase-merge", "rebase"],
  ["rebase-apply", "rebase"],
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"]
];
function operationIn(gitFolder) {
  return OPERATIONS.find(([file]) => (0, import_node_fs8.existsSync)((0, import_node_path8.join)(gitFolder, file)))?.[1] ?? null;
}

// handover/git/git-state.ts
var TROUBLE_MS = 200;
function gitState(folder, budgetMs) {
  let git2 = factsFromGit(folder, budgetMs);
  if (git2 !== null) return { git: git2, trouble: null, isSlow: !1 };
  let trouble = gitTrouble(folder, TROUBLE_MS) ?? (findRepository(folder) === null ? null : SLOW);
  return { git: git2, trouble: trouble?.sentence ?? null, isSlow: trouble === SLOW };
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
function timestampOfAnswer(line) {
  let begin = line.lastIndexOf(TIMESTAMP) + TIMESTAMP.length;
  return line.toString("latin1", begin, begin + TIMESTAMP_BYTES);
}
var RESULT_END = Buffer.from(']},"uuid":"'), RESULT_END_BYTES = 160, SUCCESS = /^\]\},"uuid":"[^"]*","timestamp":"([^"]*)","toolUseResult":\{"(\w+)"(?::"(\w+)")?/, NEEDS_PARSING = ['"source":"user', '"interrupted":true', '"backgroundTaskId"'], TAIL_BYTES = 1500;
function successIn(line, { length }) {
  let end = line.indexOf(RESULT_END, length), [, timestamp, first, type] = SUCCESS.exec(line.toString("latin1", end, end + RESULT_END_BYTES)) ?? [];
  if (end === -1 || timestamp === void 0 || first === "new_source") return;
  let tail = line.toString("latin1", line.length - TAIL_BYTES);
  return NEEDS_PARSING.some((mark) => tail.includes(mark)) ? void 0 : { timestamp, type: first === "type" && type || "" };
}

// handover/transcript/transcript-line.ts
var HEAD_BYTES = 220, KIND = /^\{"type":"(\w[\w-]*)"|"isSidechain":(true)|"attachment":\{"type":"([\w-]+)"|"type":"(user|system)"|"role":"(assistant)"/, TYPES = /* @__PURE__ */ new Set(["user", "assistant", "system", "cost-state", "queued_command"]), MARKS = ['"type":"user"', '"role":"assistant"', '"type":"system"', '"type":"queued_command"'];
function mayHoldFacts(chunk, begin = 0, end = chunk.length) {
  let head = chunk.toString("latin1", begin, Math.min(begin + HEAD_BYTES, end)), [, type, isSidechain, attachment, user, assistant] = KIND.exec(head) ?? [], found = type ?? attachment ?? user ?? assistant;
  return found !== void 0 && found !== "attachment" ? TYPES.has(found) || head.startsWith('{"parentUuid":null') : isSidechain === void 0 && MARKS.some((mark) => chunk.subarray(begin, end).includes(mark));
}
function parseLine(line) {
  return recordOf(parseJson(line.toString()));
}
function blocksOf(line) {
  let content = recordOf(line.message)?.content;
  return Array.isArray(content) ? content.map(recordOf).filter((block) => block !== void 0) : [];
}
function textOf2(content) {
  return typeof content == "string" ? content : Array.isArray(content) ? content.map((block) => textField(block, "text") ?? "").join(`
`) : "";
}

// handover/transcript/persons-words.ts
var NOT_TYPED = /^(?:<(?:command-|local-command|task-notification|channel|cross-session|teammate-message|system-reminder|bash-|ide_)|\[Request interrupted by user|\[Image: source|The user wants to clarify these questions|\/[\w:.-]+(?:\s|$))/;
function promptOf(line) {
  let queued = recordOf(line.attachment);
  return line.isMeta === !0 || line.isCompactSummary === !0 || queued?.isMeta === !0 ? null : queued !== void 0 ? queued.type === "queued_command" && (queued.commandMode ?? "prompt") === "prompt" && isOfPerson(queued.origin) ? typedText(queued.prompt) : null : line.toolUseResult !== void 0 ? line.userFeedback !== void 0 ? line.holdsPersonsWords === !0 ? typedText(line.userFeedback) : null : textField(line.permissionDecision, "source")?.startsWith("user") === !0 ? typedText(blocksOf(line).filter((block) => block.type === "text")) : null : line.promptSource === "system" || !isOfPerson(line.origin) ? null : typedText(recordOf(line.message)?.content);
}
function isOfPerson(origin) {
  return (textField(origin, "kind") ?? "human") === "human";
}
function typedText(content) {
  return (Array.isArray(content) ? content : [content]).map((block) => textField(block, "type") === "image" ? "(image)" : (typeof block == "string" ? block : textField(block, "text") ?? "").trim()).filter((text) => text !== "" && !NOT_TYPED.test(text)).join(`
`) || null;
}
function decisionsOf(line) {
  let { answers, annotations, plan, isAgent } = recordOf(line.toolUseResult) ?? {}, said = Object.entries(recordOf(answers) ?? {}).flatMap(([question, answer]) => {
    let notes = textField(recordOf(annotations)?.[question], "notes");
    return typeof answer == "string" ? [{ question, answer: notes ? `${answer} (${notes})` : answer }] : [];
  }), isApproved = isAgent !== !0 && (textField(line.permissionDecision, "source") ?? "user").startsWith("user"), [firstLine] = typeof plan == "string" && isApproved ? plan.trim().split(`
`, 1) : [];
  return firstLine ? [...said, { question: "Plan", answer: firstLine.replace(/^#+ +/, "") }] : said;
}

// handover/transcript/recent-map.ts
var RecentMap = class {
  #min;
  #recent = /* @__PURE__ */ new Map();
  #earlier = /* @__PURE__ */ new Map();
  constructor(min) {
    this.#min = min;
  }
  get(key) {
    let value = this.#recent.get(key);
    return value === void 0 ? this.#earlier.get(key) : value;
  }
  set(key, value) {
    this.delete(key), this.#recent.set(key, value), !(this.#recent.size < this.#min) && (this.#earlier = this.#recent, this.#recent = /* @__PURE__ */ new Map());
  }
  delete(key) {
    this.#recent.delete(key), this.#earlier.delete(key);
  }
  /** In the order in which they were last set. */
  values() {
    return [...this.#earlier.values(), ...this.#recent.values()];
  }
};

// handover/transcript/shell-command.ts
var import_node_path9 = require("node:path"), PREFIX = /^(?:(?:\w+=\S*|time|sudo|env|npx|bunx|timeout \S+|(?:npm|pnpm|yarn|bun|uv|poetry|pdm|bundle) (?:exec|dlx|run|x)|python[\d.]* -m|-\S+) +)+/, SCRIPT = /^(?:npm|pnpm|yarn|bun) (?:-\S+ )*(?:run(?:-script)? )?(?:\w+[:-]+)*(?:t|tests?|e2e)\b/, RUNNER = /^(?:\S*\/)?(?:vitest|jest|mocha|ava|tap|pytest|tox|nox|unittest|rspec|phpunit|pest|ctest|(?:cypress|playwright) (?:run|test)|node (?:\S+ +)*--test|(?:go|cargo|dotnet|swift|deno|bun|flutter|dart|mix|rake|rails|bazel|zig|sbt|xcodebuild|artisan|manage\.py|mvnw?|gradlew?|make|just) (?:\S+ +)*?(?:\S*:)?(?:test|nextest|verify|check))(?![\w.])/;
function isTestRun(command) {
  return command.split(/&&|[;|&\n]/).some((part) => {
    let program = part.trim();
    return SCRIPT.test(program) || RUNNER.test(program.replace(PREFIX, ""));
  });
}
var WORD = /'[^'\n]*'|"[^"$`\\!\n]*"|[^\s'"\\$`*?[\]{}~;&|<>()#!…]+/g, DELETION = new RegExp(`^(git +rm|rm)((?: +(?:${WORD.source}))+)$`), OPTION = /^-(?:[fqv]+|-force|-quiet|-verbose|-)$/, NOTHING = { paths: [], wereThere: !1 };
function deletionBy(command, folder) {
  let [, program, rest = ""] = DELETION.exec(command) ?? [];
  if (program === void 0) return NOTHING;
  let words = (rest.match(WORD) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/, "$2")), options = words.filter((word) => word.startsWith("-")), paths = words.filter((word) => !word.startsWith("-"));
  return !options.every((option) => OPTION.test(option)) || paths.some((path) => /^$|\/$/.test(path)) ? NOTHING : {
    paths: paths.map((path) => folder !== void 0 && (0, import_node_path9.isAbsolute)(folder) ? (0, import_node_path9.resolve)(folder, path) : path),
    wereThere: program !== "rm" || !options.some((option) => /^-[qv]*f|^--force/.test(option))
  };
}

// handover/transcript/tool-call.ts
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
  ["ExitPlanMode", "ask"]
]), LOOKS = /^(?:Read|Grep|Glob|LS|ToolSearch|Web(?:Fetch|Search)|Skill|Task(?:Get|Output|Stop)|BashOutput|KillShell)$/, PRINTS_OUTCOME = /[;&|]\s*echo\b[^;&|]*\$(?:\?|\{?PIPESTATUS)[^;&|]*$/, MAX_COMMAND_CHARS = 2e3;
function isLook(tool) {
  return LOOKS.test(tool);
}
function toolCall(tool, input, { cwd }) {
  let known = KINDS.get(tool) ?? (LOOKS.test(tool) ? "look" : "other"), path = textField(input, "file_path") ?? textField(input, "notebook_path") ?? "", command = textField(input, "command")?.trim() ?? "", target = known === "edit" ? path : known === "command" ? cut(command) : "", kind = target === "" && (known === "edit" || known === "command") ? "look" : known, isTest = kind === "command" && isTestRun(target), printsOutcome = PRINTS_OUTCOME.test(target);
  return { tool, kind, target, folder: typeof cwd == "string" ? cwd : void 0, isTest, printsOutcome, needsText: isTest || printsOutcome || kind === "todo" || kind === "ask" || kind === "other", input: kind === "todo" ? input : null };
}
function cut(command) {
  return command.length > MAX_COMMAND_CHARS ? `${command.slice(0, MAX_COMMAND_CHARS - 1)}\u2026` : command;
}

// client/text/clip.ts
function clip(text, maxChars) {
  if (text.length <= maxChars) return text;
  let cut2 = wholeCharacters(text.slice(0, Math.max(0, maxChars - MARK.length))), words = cut2.replace(/\s+\S*$/, "");
  return `${words.length > cut2.length / 2 ? words : cut2}${MARK}`;
}
var MARK = " \u2026";
function wholeCharacters(text) {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
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
  let changed2 = 0, count = (replacement) => (changed2++, replacement);
  return { text: raw.replace(LINE_END, `
`).replace(TERMINAL_SEQUENCE, () => count("")).replace(INVISIBLE, (match, hidden) => hidden === void 0 ? match : count("")).replace(CONTROL, (control) => count(picture(control))), changed: changed2 };
}
function picture(control) {
  let code2 = control.charCodeAt(0);
  return code2 < 32 ? String.fromCharCode(9216 + code2) : code2 === 127 ? "\u2421" : "\uFFFD";
}
function inOneLine(raw) {
  return cleanText(raw).replace(/[\s\p{Z}]+/gu, " ").trim();
}

// handover/transcript/command-result.ts
var MAX_SUMMARY_CHARS = 200, MAX_BEGINNING_CHARS = 32e3, MAX_END_CHARS = 4e3, MAX_LINE_CHARS = 500, COUNTS = /\b\d+ (?:\w+ )?(?:passed|failed|passing|failing|failures?|errors?|examples?)\b|\b(?:tests?|passed|failed|failures|tests run): *\d|^Ran \d+ tests?|test result:|^(?:ok|PASS)\b/gim, TAP_COUNTS = /^(?:#|ℹ) ((?:pass|fail) \d+)$/gm, FAILURES = /\b[1-9]\d* (?:\w+ )?(?:failed|failing|failures?|errors?)\b|\b(?:failed|failures|errors)[:=] *[1-9]|\bfail [1-9]/i, FAIL = /^(?:-+ )?FAIL\b/m, FAILED_TEST = /^[ \t]*(?:-+ FAIL|FAIL|not ok|✗|✖|×|✕)/gm, ERROR = /error|exception|fatal|fail|cannot|can't|not found|no such|denied|refused|unexpected|invalid|missing|panic|timed out/gi, NO_ERROR = /\b(?:0|no) (?:errors?|fail)/i;
function judge(call, output, exitCode) {
  let end = plain(output.slice(-MAX_END_CHARS)), counts = call.isTest ? testCounts(end) : void 0, printsOutcome = call.printsOutcome && /[1-9]\d*\s*$/.test(end.slice(-100)), hasFailed2 = exitCode !== void 0 || printsOutcome || call.isTest && FAIL.test(end);
  if (counts !== void 0 && (!hasFailed2 || FAILURES.test(counts)))
    return { outcome: FAILURES.test(counts) ? "failed" : "passed", summary: short(counts) };
  if (!hasFailed2) return { outcome: "passed", summary: null };
  let beginning = plain(output.slice(0, MAX_BEGINNING_CHARS)), failure = call.isTest ? linesWith(FAILED_TEST, beginning).next().value : void 0, error = firstError(beginning), last = end.trimEnd();
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
  for (let { index } of text.matchAll(pattern)) yield lineAt(text, index);
}
function lineAt(text, index) {
  let begin = text.lastIndexOf(`
`, index - 1) + 1, [line = ""] = text.slice(begin, begin + MAX_LINE_CHARS).split(`
`, 1);
  return line.replace(FRAME, "");
}
var FRAME = /^[\s=─━│|*]+|[\s=─━│|*]+$/g;
function plain(output) {
  return output.replace(TERMINAL_SEQUENCE, "").replace(/\r/g, `
`);
}
function short(text) {
  return clip(inOneLine(text.slice(0, 4 * MAX_SUMMARY_CHARS)), MAX_SUMMARY_CHARS);
}

// handover/transcript/todo-list.ts
var TodoList = class {
  /** The list from the last `TodoWrite`, which always writes the whole list. */
  #written = [];
  /** Tasks by id. */
  #tasks = /* @__PURE__ */ new Map();
  /** Applies a successful call of one of the client's to-do tools. */
  apply(tool, input, result) {
    let { todos, status } = recordOf(input) ?? {}, id = textField(input, "taskId") ?? "", { task, tasks: tasks2, success } = recordOf(result) ?? {};
    tool === "TodoWrite" && (this.#written = recordsOf(todos).map((todo) => todoOf(todo, "content"))), tool === "TaskCreate" && this.#add([task]), tool === "TaskList" && Array.isArray(tasks2) && (this.#tasks.clear(), this.#add(tasks2));
    let known = this.#tasks.get(id);
    tool !== "TaskUpdate" || known === void 0 || success === !1 || (status === "deleted" ? this.#tasks.delete(id) : this.#tasks.set(id, todoOf(input, "subject", known)));
  }
  list() {
    return [...this.#written, ...this.#tasks.values()];
  }
  #add(tasks2) {
    for (let task of recordsOf(tasks2)) this.#tasks.set(textField(task, "id") ?? "", todoOf(task, "subject"));
  }
};
function recordsOf(items) {
  return Array.isArray(items) ? items.map(recordOf).filter((item2) => item2 !== void 0) : [];
}
function todoOf(item2, key, before = { text: "", state: "pending" }) {
  let status = textField(item2, "status"), isState = status === "pending" || status === "in_progress" || status === "completed";
  return { text: textField(item2, key) ?? before.text, state: isState ? status : before.state };
}

// handover/transcript/work-done.ts
var MAX_KEPT = 1e3, MAX_BACKGROUND = 100, PLAN = /[\\/]\.claude[\\/]plans[\\/]/, EXIT_CODE = /^Exit code \d+/, TAG = /<\/?tool_use_error>/g, REJECTED_CALL = /^<tool_use_error>/, DENIED = /^(?:The user doesn't want to|Permission to use|Claude requested permission)/, ENDINGS = /* @__PURE__ */ new Map([
  ["completed", "passed"],
  ["failed", "failed"],
  ["killed", "interrupted"],
  ["stopped", "interrupted"]
]), WorkDone = class {
  #decisions = [];
  #files = /* @__PURE__ */ new Map();
  #edits = 0;
  #commands = new RecentMap(MAX_KEPT);
  /** By the id of the call. */
  #background = new RecentMap(MAX_BACKGROUND);
  #todos = new TodoList();
  /** By {@link keyOf} the call that would resolve it. */
  #errors = new RecentMap(MAX_KEPT);
  /** The last denied call, until the session continues. */
  #denials = [];
  facts() {
    return {
      decisions: this.#decisions,
      files: [...this.#files].flatMap(changeOf),
      edits: this.#edits,
      commands: this.#commands.values(),
      todos: this.#todos.list(),
      openErrors: [...this.#errors.values(), ...this.#denials]
    };
  }
  continued() {
    this.#denials = [];
  }
  /** Applies the result of a call. */
  settle(id, call, line, block) {
    let { tool, kind, target } = call, result = line.toolUseResult, output = textOf2(block.content), isError = kind !== "other" && (typeof result == "string" || !!textField(result, "error")), hasFailed2 = block.is_error === !0 || isError;
    hasFailed2 && (line.toolDenialKind !== void 0 || DENIED.test(output)) ? this.#denied(call, line) : kind === "command" ? this.#commandEnded(id, call, result, { output, hasFailed: hasFailed2 }) : hasFailed2 ? this.#failed(call, output || (textField(result, "error") ?? "")) : (this.#errors.delete(keyOf(call)), kind === "edit" && !PLAN.test(target) && (this.#edits++, this.#change(target, textField(result, "type") !== "create", !0)), kind === "todo" && this.#todos.apply(tool, call.input, result), kind === "ask" && this.#decisions.push(...decisionsOf(line)));
  }
  /** Reads the notification that a background command ended. Ignores other texts. */
  notice(content) {
    if (typeof content != "string" || !content.startsWith("<task-notification>")) return;
    let [, id = ""] = /<tool-use-id>([^<]*)/.exec(content) ?? [], outcome = ENDINGS.get(/<status>([^<]*)/.exec(content)?.[1] ?? ""), call = this.#background.get(id);
    call === void 0 || outcome === void 0 || (this.#background.delete(id), this.#ran(call, { outcome, summary: outcome === "failed" ? /exit code \d+/.exec(content)?.[0] ?? null : null }));
  }
  /** The call was denied before it ran, or was stopped while it ran. */
  #denied(call, line) {
    let { tool, kind, target } = call;
    (line.toolDenialKind === "user-rejected" || line.toolDenialKind === "interrupted") && line.toolDenialBeforeRun !== !0 && textField(line.permissionDecision, "decision") !== "reject" ? kind === "command" && this.#ran(call, { outcome: "interrupted", summary: null }) : this.#denials = [{ tool, text: short(`Not allowed: ${target || tool}`) }];
  }
  #commandEnded(id, call, result, end) {
    let { output, hasFailed: hasFailed2 } = end;
    if (hasFailed2 && REJECTED_CALL.test(output)) return;
    let [exitCode = ""] = EXIT_CODE.exec(output) ?? [];
    textField(result, "backgroundTaskId") !== void 0 ? (this.#background.set(id, call), this.#ran(call, { outcome: "background", summary: null })) : recordOf(result)?.interrupted === !0 ? this.#ran(call, { outcome: "interrupted", summary: null }) : this.#ran(call, hasFailed2 ? judge(call, output.slice(exitCode.length), exitCode) : judge(call, output));
  }
  #failed(call, output) {
    let { tool, kind, target } = call;
    if (kind !== "edit" && (kind !== "other" || REJECTED_CALL.test(output))) return;
    let text = output.replace(TAG, "");
    this.#errors.set(keyOf(call), { tool, text: short(target === "" ? text : `${target}: ${text}`) });
  }
  #ran(call, { outcome, summary }) {
    let { tool, target: command, isTest, folder } = call;
    if (this.#commands.set(command, { command, outcome, isTest, summary }), outcome === "failed" && this.#errors.set(keyOf(call), { tool, text: short(`${command}: ${summary ?? outcome}`) }), outcome !== "passed") return;
    this.#errors.delete(keyOf(call));
    let { paths, wereThere } = deletionBy(command, folder);
    for (let path of paths)
      (wereThere || this.#files.get(path)?.isThere) && this.#change(path, !0, !1);
  }
  #change(path, wasThere, isThere) {
    this.#files.set(path, { wasThere: this.#files.get(path)?.wasThere ?? wasThere, isThere }), this.#errors.delete(`edit ${path}`);
  }
};
function keyOf({ tool, kind, target }) {
  return `${kind} ${target || tool}`;
}
function changeOf([path, { wasThere, isThere }]) {
  return !wasThere && !isThere ? [] : [{ path, change: isThere ? wasThere ? "edited" : "created" : "deleted" }];
}

// handover/transcript/facts-from-transcript.ts
var MAX_CALLS = 1e4, MAX_EARLY = 100, SHORT_BYTES = 1e3;
function factsFromTranscript(lines2) {
  let reader = new ConversationReader();
  for (let line of lines2) reader.read(typeof line == "string" ? Buffer.from(line) : line);
  return reader.facts();
}
var ConversationReader = class {
  /** Each with the id of the line before it, to detect prompts that the person rewound. */
  #prompts = [];
  #lastAnswer = null;
  #model = null;
  #work = new WorkDone();
  #startedAt = null;
  #endedAt = null;
  #compactions = 0;
  #resumes = 0;
  /** Whether the client recorded an end. The session may still be resumed. */
  #hasEnded = !1;
  /** By id; null for finished calls. */
  #calls = new RecentMap(MAX_CALLS);
  #early = new RecentMap(MAX_EARLY);
  /** Ids of the lines that must not count twice. */
  #known = /* @__PURE__ */ new Set();
  read(bytes) {
    if (this.#startedAt !== null && bytes.length > SHORT_BYTES && this.#readStart(bytes)) return;
    let line = parseLine(bytes);
    line === void 0 || line.isSidechain === !0 || (line.type === "cost-state" && (this.#hasEnded = !0), isOfConversation(line) && (this.#startedAt ??= timeOf(line.timestamp), this.#endedAt = line.timestamp ?? this.#endedAt, line.type === "assistant" ? this.#readAnswer(line) : line.type !== "system" ? this.#readUser(line) : line.subtype === "compact_boundary" && this.#isNew(line) && this.#compactions++));
  }
  facts() {
    return {
      prompts: this.#prompts.map(({ text }) => text),
      lastAnswer: this.#lastAnswer,
      ...this.#work.facts(),
      model: this.#model,
      startedAt: this.#startedAt,
      endedAt: timeOf(this.#endedAt) ?? this.#startedAt,
      compactions: this.#compactions,
      resumes: this.#resumes
    };
  }
  /** @returns false if the whole line must be parsed */
  #readStart(bytes) {
    let start = lineStart(bytes);
    if (start === void 0) return !1;
    let { model, id = "", tool } = start;
    if (model !== void 0) {
      let input = tool === void 0 || isLook(tool) ? null : inputIn(bytes, start);
      return input === void 0 || /^\s*(?:git +)?rm /.test(textField(input, "command") ?? "") ? !1 : (this.#continued(model), tool !== void 0 && this.#called(id, toolCall(tool, input, {})), this.#endedAt = timestampOfAnswer(bytes), !0);
    }
    let call = this.#calls.get(id), success = call === void 0 || call?.needsText ? void 0 : successIn(bytes, start);
    return success === void 0 ? !1 : (this.#settle(id, { toolUseResult: success }, {}), this.#endedAt = success.timestamp, !0);
  }
  #readAnswer(line) {
    if (line.isApiErrorMessage !== !0) {
      this.#continued(textField(line.message, "model"));
      for (let block of blocksOf(line)) {
        let text = block.type === "text" ? textField(block, "text")?.trim() : void 0;
        text && (this.#lastAnswer = text);
        let { id, name } = block;
        typeof id == "string" && typeof name == "string" && this.#called(id, toolCall(name, block.input, line));
      }
    }
  }
  #readUser(line) {
    for (let block of blocksOf(line))
      typeof block.tool_use_id == "string" && this.#settle(block.tool_use_id, line, block);
    this.#work.notice(recordOf(line.attachment)?.prompt ?? recordOf(line.message)?.content);
    let text = promptOf(line);
    if (text === null || !this.#isNew(line)) return;
    this.#continued();
    let parent = line.parentUuid, rewound = this.#prompts.findIndex((prompt) => typeof parent == "string" && prompt.parent === parent);
    rewound !== -1 && this.#prompts.splice(rewound), this.#prompts.push({ text, parent });
  }
  #called(id, call) {
    if (this.#calls.get(id) !== void 0) return;
    this.#calls.set(id, call);
    let early = this.#early.get(id);
    early !== void 0 && this.#settle(id, early.line, early.block);
  }
  #settle(id, line, block) {
    let call = this.#calls.get(id);
    call === void 0 && this.#early.set(id, { line, block }), call && (this.#calls.set(id, null), this.#work.settle(id, call, line, block));
  }
  /** The session continues: Claude answers, or the person writes a prompt. */
  #continued(model) {
    model !== void 0 && model !== "<synthetic>" && (this.#model = model), this.#hasEnded && this.#resumes++, this.#hasEnded = !1, this.#work.continued();
  }
  #isNew({ uuid }) {
    let isNew = uuid === void 0 || !this.#known.has(uuid);
    return this.#known.add(uuid), isNew;
  }
};
function timeOf(timestamp) {
  let time = typeof timestamp == "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
function isOfConversation({ type, parentUuid, attachment }) {
  return type !== "attachment" ? type === "user" || type === "assistant" || type === "system" : parentUuid === null || textField(attachment, "type") === "queued_command";
}

// handover/transcript/read-transcript.ts
var import_node_fs9 = require("node:fs"), CHUNK_BYTES = 256 * 1024, MAX_LINE_BYTES = 16 * 1024 * 1024, LINE_FEED = 10;
function* transcriptLines(path, isWanted = () => !0, chunkBytes = CHUNK_BYTES) {
  let file = open(path);
  if (file !== null)
    try {
      let left = (0, import_node_fs9.fstatSync)(file).size, chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, left)), kept = 0, isTooLong = !1;
      for (; left > 0; ) {
        let bytes = (0, import_node_fs9.readSync)(file, chunk, kept, Math.min(chunk.length - kept, left), null);
        if (bytes === 0) break;
        left -= bytes;
        let end = kept + bytes, from = 0;
        for (let feed = chunk.indexOf(LINE_FEED, kept); feed !== -1 && feed < end; feed = chunk.indexOf(LINE_FEED, from))
          isTooLong ||= feed - from > MAX_LINE_BYTES, !isTooLong && isWanted(chunk, from, feed) && (yield chunk.subarray(from, feed)), isTooLong = !1, from = feed + 1;
        isTooLong ||= end - from > MAX_LINE_BYTES, kept = isTooLong ? 0 : end - from;
        let next = kept === chunk.length ? Buffer.allocUnsafeSlow(2 * kept) : chunk;
        chunk.copy(next, 0, from, from + kept), chunk = next;
      }
      kept > 0 && isWanted(chunk, 0, kept) && (yield chunk.subarray(0, kept));
    } catch {
    } finally {
      (0, import_node_fs9.closeSync)(file);
    }
}
function open(path) {
  try {
    let file = (0, import_node_fs9.openSync)(path, "r");
    if ((0, import_node_fs9.fstatSync)(file).isFile()) return file;
    (0, import_node_fs9.closeSync)(file);
  } catch {
  }
  return null;
}

// client/sessions/plain-session.ts
var SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
function isPlainSession(session) {
  return SESSION_ID.test(session);
}

// client/sessions/session-file.ts
var import_node_path10 = require("node:path");
var KEPT_MS = 720 * 60 * 60 * 1e3, OPEN = "+open";
function readSessionFile(paths, session) {
  return isPlainSession(session) ? find(paths, session).content : {};
}
function changeSessionFile(paths, session, change) {
  !isPlainSession(session) || changed(find(paths, session), change) === null || changeUnderLock(
    (0, import_node_path10.join)(paths.sessions, `${session}.lock`),
    () => find(paths, session).content,
    (_, mayReplace) => {
      let found = find(paths, session), after = changed(found, change);
      return after === null ? !0 : (found.file === null && removeOlderFiles(paths.sessions, /./, Date.now() - KEPT_MS), replace(filesOf(paths, session), found.file, after, mayReplace));
    }
  );
}
function find(paths, session) {
  let { open: open2, plain: plain2 } = filesOf(paths, session);
  for (let file of [open2, plain2, open2, plain2]) {
    let found = readVersioned(file);
    if (found.state === "newer") return { file, content: {}, isNewer: !0 };
    if (found.state === "whole") return { file, content: contentOf2(found.value), isNewer: !1 };
  }
  return { file: null, content: {}, isNewer: !1 };
}
function contentOf2(value) {
  let { v: _, ...content } = recordOf(value) ?? {};
  return content;
}
function changed({ content, isNewer }, change) {
  let after = change(content);
  return isNewer || JSON.stringify(after) === JSON.stringify(content) ? null : after;
}
function replace({ open: open2, plain: plain2 }, file, after, mayReplace) {
  let isOpen2 = after.open !== void 0;
  if (isOpen2 && file === plain2 && !isRenamed(plain2, open2)) return !1;
  let target = isOpen2 || file === open2 ? open2 : plain2;
  return writePrivateFile(target, `${JSON.stringify({ v: 1, ...after }, null, 2)}
`, mayReplace) ? (!isOpen2 && target === open2 && isRenamed(open2, plain2), !0) : !1;
}
function isRenamed(from, to) {
  try {
    return replaceFile(from, to), !0;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return !1;
    throw error;
  }
}
function filesOf({ sessions }, session) {
  return { open: (0, import_node_path10.join)(sessions, `${session}${OPEN}.json`), plain: (0, import_node_path10.join)(sessions, `${session}.json`) };
}

// handover/draft/draft-store.ts
function readDraft(paths, session) {
  return parseDraft(session, readSessionFile(paths, session).draft);
}
function saveDraft(paths, { session, ...draft }) {
  requirePlainSession({ session }), changeSessionFile(paths, session, (before) => ({ ...before, draft }));
}
function requirePlainSession({ session }) {
  if (!isPlainSession(session)) throw new RangeError("The session id is invalid.");
}
function parseDraft(session, value) {
  let machine = textField(value, "machine"), text = textField(value, "text"), savedAt = numberField(value, "savedAt");
  if (machine === void 0 || text === void 0 || savedAt === void 0) return null;
  let lastAnswer = textField(value, "lastAnswer"), edited = recordOf(value)?.edited;
  return {
    session,
    project: textField(value, "project") ?? null,
    machine,
    text,
    savedAt,
    folder: textField(value, "folder") ?? "",
    branch: textField(value, "branch") ?? null,
    files: numberField(value, "files") ?? 0,
    prompts: numberField(value, "prompts") ?? 0,
    edits: numberField(value, "edits") ?? 0,
    policy: HANDOVER_POLICIES.find((policy) => policy === textField(value, "policy")) ?? "draft",
    ...recordOf(value)?.isGitSlow === !0 && { isGitSlow: !0 },
    ...Array.isArray(edited) && { edited: edited.filter((path) => typeof path == "string") },
    ...lastAnswer === void 0 ? {} : { lastAnswer }
  };
}

// handover/draft/policy.ts
function decideHandover(state) {
  let isTrivial = state.edits === 0 && state.prompts < 2;
  return state.policy === "off" || isTrivial ? "none" : state.policy === "draft" || !state.isChanged ? "keep" : state.isFinal || isDue(state) ? "publish" : "keep";
}
function isDue({ publishedAt, now }) {
  return publishedAt === null || publishedAt > now || now - publishedAt >= 6e5;
}

// handover/draft/publication-store.ts
function readPublication(paths, session) {
  let published = recordOf(readSessionFile(paths, session).published), id = textField(published, "id"), at = numberField(published, "at"), text = textField(published, "text");
  if (id === void 0 || at === void 0 || text === void 0) return null;
  let byPerson = parsePersons(published?.byPerson);
  return { session, id, at, text, ...byPerson && { byPerson } };
}
function parsePersons(value) {
  if (recordOf(value) !== void 0)
    return {
      text: textField(value, "text") ?? null,
      to: textField(value, "to") ?? null,
      prompts: numberField(value, "prompts") ?? 0,
      edits: numberField(value, "edits") ?? 0
    };
}
var MAX_CARRIED_CHARS = 6e4;
function hasNews(draft, published) {
  let byPerson = published?.byPerson;
  return byPerson && draft.prompts === byPerson.prompts && draft.edits === byPerson.edits ? !1 : textByPolicy(draft, published) !== published?.text;
}
function textByPolicy({ text }, published) {
  let words = published?.byPerson?.text;
  return !words || words.length > MAX_CARRIED_CHARS ? text : `${words.trimEnd()}

---

The session continued after this was written. Its current state:

${text}`;
}

// handover/markdown.ts
function quote(text, maxChars) {
  let quoted = [], left = maxChars;
  for (let line of cleanText(text).trim().split(`
`)) {
    let shown = `> ${line.replaceAll("	", "  ")}`.trimEnd();
    if (shown.length + 4 > left) {
      quoted.push(left > MIN_CUT_CHARS ? clip(shown, left - 1) : "> \u2026");
      break;
    }
    quoted.push(shown), left -= shown.length + 1;
  }
  return quoted.join(`
`);
}
var MIN_CUT_CHARS = 40;
function code(name, maxChars) {
  let plain2 = name.replace(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu, "?"), short2 = plain2.length <= maxChars ? plain2 : `\u2026${wholeCharacters(plain2.slice(1 - maxChars))}`;
  if (!short2.includes("`")) return `\`${short2}\``;
  let fence = "`".repeat(Math.max(...[...short2.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${short2} ${fence}`;
}
function fitting(items, separator, maxChars) {
  let chars = -separator.length, fit = items.findIndex((item2) => (chars += separator.length + item2.length, chars > maxChars));
  return items.slice(0, fit === -1 ? items.length : Math.max(1, fit));
}
function withRest(all, shown, rest) {
  let left = all.length - shown.length;
  return left > 0 ? [...shown, rest(left)] : [...shown];
}

// client/text/counted.ts
function counted(count, noun) {
  return `${count} ${forCount(count, noun, noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`)}`;
}
function forCount(count, one, many) {
  return count === 1 ? one : many;
}

// handover/draft/git-line.ts
var MAX_NAME_CHARS = 50, MAX_NAMED_CHARS = 75, MAX_REMOTE_CHARS = 70;
function gitLine(git2) {
  return [
    position(git2),
    ...relation(git2),
    ...git2.inProgress === null ? [] : [`A ${git2.inProgress} is in progress.`],
    ...named("In conflict", git2.conflicts),
    ...changes(git2),
    ...named("Changed submodules", git2.submodules),
    ...git2.isLinkedWorktree ? ["In a linked worktree."] : [],
    git2.remote === null ? "No remote." : `Remote ${code(git2.remote.url, MAX_REMOTE_CHARS)}.`
  ].join(" ");
}
function position({ branch, head }) {
  let where = branch === null ? "No branch (detached HEAD)" : `Branch ${code(branch, MAX_NAME_CHARS)}`;
  if (head === null) return `${where}, no commits yet.`;
  let subject = clip(inOneLine(head.subject), MAX_NAME_CHARS);
  return `${where}, at ${head.commit.slice(0, 10)}${subject && `, \u201C${subject}\u201D`}.`;
}
function relation({ branch, upstream, unpushed, remote, head }) {
  if (head === null || remote === null) return [];
  let of = upstream && code(upstream.name, MAX_NAME_CHARS);
  if (upstream && (upstream.ahead > 0 || upstream.behind > 0))
    return [`${[
      ...upstream.ahead > 0 ? [`${upstream.ahead} ahead of`] : [],
      ...upstream.behind > 0 ? [`${upstream.behind} behind`] : []
    ].join(" and ")} ${of} at the last fetch.`];
  if (unpushed.length === 0)
    return [branch === null ? "This commit is pushed." : "All commits of this branch are pushed."];
  let to = code(remote.name, MAX_NAME_CHARS);
  return [`${counted(unpushed.length, "commit")} ${forCount(unpushed.length, "is", "are")} not pushed to ${to}.`];
}
function changes({ uncommitted, untracked }) {
  return uncommitted.length + untracked.length === 0 ? ["No uncommitted changes."] : [...named("Uncommitted", uncommitted), ...named("Untracked", untracked)];
}
function named(what, paths) {
  if (paths.length === 0) return [];
  let names = paths.map((path) => code(path, MAX_NAME_CHARS)), [...shown] = fitting(names, ", ", MAX_NAMED_CHARS), rest = withRest(names, shown, (left) => ` and ${left} more`).slice(shown.length).join("");
  return [`${what}: ${shown.join(", ")}${rest}.`];
}

// handover/draft/shown-path.ts
function shownPath(path, roots, home) {
  let inProject = pathWithin(path, roots);
  if (inProject !== null) return inProject;
  let inHome = below(path, home);
  return inHome === null ? withSlashes(path) : `~/${inHome}`;
}
function pathWithin(path, roots) {
  for (let root of roots) {
    let relative = below(path, root);
    if (relative !== null) return relative;
  }
  return null;
}
function below(path, folder) {
  let base = `${withSlashes(folder).replace(/\/+$/, "")}/`, full = withSlashes(path), start = full.slice(0, base.length);
  return (isWindowsPath(path) ? start.toLowerCase() === base.toLowerCase() : start === base) && base !== "/" && full.length > base.length ? full.slice(base.length) : null;
}
function withSlashes(path) {
  return isWindowsPath(path) ? path.replaceAll("\\", "/") : path;
}
function isWindowsPath(path) {
  return /^([A-Za-z]:[\\/]|\\\\)/.test(path);
}

// handover/draft/state-lines.ts
var MAX_COMMAND_CHARS2 = 60, MAX_SUMMARY_CHARS2 = 90;
function stateLines(facts) {
  let far = [...tasks(facts), ...changes2(facts), ...course(facts)].join("; ");
  return [...far === "" ? [] : [`${far}.`], ...lastCheck(facts)].map(
    (line, at, all) => at < all.length - 1 ? `${line}  ` : line
  );
}
function tasks({ todos }) {
  return todos.length === 0 ? [] : [`${todos.filter(({ state }) => state === "completed").length} of ${todos.length} tasks done`];
}
function changes2({ files: files2, edits, prompts }) {
  return edits === 0 ? prompts.length === 0 ? [] : ["No files changed"] : [`${counted(files2.length, "file")} changed in ${counted(edits, "edit")}`];
}
function course({ startedAt, endedAt, model, compactions, resumes }) {
  let minutes = startedAt === null || endedAt === null ? null : Math.round((endedAt - startedAt) / 6e4), span = minutes === null || minutes < 1 ? [] : [minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`], times = [
    ...compactions > 0 ? [`compacted ${compactions}\xD7`] : [],
    ...resumes > 0 ? [`resumed ${resumes}\xD7`] : []
  ], course2 = [...span, ...model === null ? [] : [clip(inOneLine(model), 40)], ...times].join(", ");
  return course2 === "" ? [] : [course2];
}
function lastCheck({ commands, edits }) {
  let last = commands.findLast(({ isTest }) => isTest);
  if (!last) return edits === 0 ? [] : ["No tests were run."];
  let said = last.summary === null ? "" : `, ${clip(inOneLine(last.summary), MAX_SUMMARY_CHARS2)}`;
  return [`Last check: ${code(inOneLine(last.command), MAX_COMMAND_CHARS2)} ${last.outcome}${said}.`];
}

// handover/draft/render-draft.ts
var MAX_DRAFT_CHARS = 3e3, MAX_GOAL_CHARS = 350, MAX_LATER_CHARS = 280, MAX_DONE_CHARS = 200, MAX_OPEN_CHARS = 320, MAX_FILES_CHARS = 260, MAX_CHECKS_CHARS = 150, MAX_DEAD_ENDS_CHARS = 150, MAX_ITEM_CHARS = 120, MAX_NAME_CHARS2 = 70;
function renderDraft(facts) {
  let { transcript, project, git: git2, gitTrouble: gitTrouble2 } = facts, before = [
    `# Handover${project === null ? "" : `: ${project}`}`,
    ...goal(transcript.prompts),
    ...section("State", stateLines(transcript))
  ], done = doneItems(transcript), after = [
    ...section("Open", bounded(openItems(transcript), MAX_OPEN_CHARS)),
    ...section("Files", files(facts)),
    ...section("How to check", bounded(transcript.commands.filter(({ isTest }) => isTest).map(ran), MAX_CHECKS_CHARS)),
    ...section("Dead ends", bounded(deadEnds(transcript.commands).map(ran), MAX_DEAD_ENDS_CHARS)),
    ...section("Git", git2 !== null ? [gitLine(git2)] : gitTrouble2 ? [`Not known: ${gitTrouble2}`] : [])
  ], heading = ["## Done", ...done.length > 0 ? [done.join(`
`)] : []];
  if (transcript.lastAnswer === null) return [...before, ...done.length > 0 ? heading : [], ...after].join(`

`);
  let intro = "Claude's last answer:", left = MAX_DRAFT_CHARS - [...before, ...heading, intro, "", ...after].join(`

`).length;
  return [...before, ...heading, intro, quote(transcript.lastAnswer, left), ...after].join(`

`);
}
function goal([first, ...later]) {
  if (first === void 0) return [];
  let parts = ["## Goal", quote(first, MAX_GOAL_CHARS)];
  if (later.length === 0) return parts;
  let newestFirst = later.map((prompt) => `- ${clip(inOneLine(prompt), MAX_ITEM_CHARS)}`).reverse(), shown = fitting(newestFirst, `
`, MAX_LATER_CHARS).reverse(), left = later.length - shown.length;
  return [...parts, ["Later prompts:", ...left > 0 ? [`- (and ${left} earlier ones)`] : [], ...shown].join(`
`)];
}
function doneItems({ todos, decisions }) {
  let completed = todos.filter(({ state }) => state === "completed").map(({ text }) => item(text)), decided = decisions.map(({ question, answer }) => item(`Decided: ${question} \u2192 ${answer}`));
  return bounded([...decided, ...completed], MAX_DONE_CHARS);
}
function openItems({ todos, commands, openErrors }) {
  let [next, ...later] = [
    ...todos.filter(({ state }) => state === "in_progress"),
    ...todos.filter(({ state }) => state === "pending")
  ], failed = commands.filter((each) => isOpen(each, commands)).map(ran), errors = openErrors.filter(({ tool }) => tool !== "Bash").map(({ tool, text }) => item(`${tool} failed: ${text}`));
  return [
    ...next ? [item(`Next: ${next.text}${next.state === "in_progress" ? " (in progress)" : ""}`)] : [],
    ...failed,
    ...errors,
    ...later.map(({ text }) => item(text))
  ];
}
function isOpen(command, all) {
  return hasFailed(command) ? command.isTest || !all.slice(all.indexOf(command) + 1).some(({ outcome }) => outcome === "passed") : !1;
}
function deadEnds(commands) {
  return commands.filter((command) => hasFailed(command) && !isOpen(command, commands));
}
function hasFailed({ outcome }) {
  return outcome === "failed" || outcome === "interrupted";
}
function ran({ command, outcome, summary }) {
  return `- ${code(inOneLine(command), MAX_NAME_CHARS2)}: ${outcome}${summary === null ? "" : `, ${clip(inOneLine(summary), MAX_ITEM_CHARS - MAX_NAME_CHARS2)}`}`;
}
function files({ transcript, git: git2, folder, home }) {
  let roots = git2 === null ? [folder] : [git2.root, folder], items = transcript.files.map(
    ({ path, change }) => `- ${code(shownPath(path, roots, home), MAX_NAME_CHARS2)} (${change})`
  );
  return bounded(items, MAX_FILES_CHARS);
}
function item(text) {
  return `- ${clip(inOneLine(text), MAX_ITEM_CHARS)}`;
}
function bounded(items, maxChars) {
  return withRest(items, fitting(items, `
`, maxChars), (left) => `- and ${left} more`);
}
function section(title, lines2) {
  return lines2.length === 0 ? [] : [`## ${title}`, lines2.join(`
`)];
}

// handover/draft/keep-draft.ts
function keepDraft(paths, config, moment, now = Date.now()) {
  if (config.handover === "off") return !1;
  let { session, transcriptPath, folder, isFinal } = moment, earlier = readDraft(paths, session), read = factsFromTranscript(transcriptPath === null ? [] : transcriptLines(transcriptPath, mayHoldFacts)), lastAnswer = moment.lastAnswer ?? earlierAnswer(earlier, read), transcript = { ...read, lastAnswer: lastAnswer ?? read.lastAnswer }, published = readPublication(paths, session), state = {
    policy: config.handover,
    prompts: transcript.prompts.length,
    edits: transcript.edits,
    isFinal,
    publishedAt: published?.at ?? null,
    now
  };
  if (decideHandover({ ...state, isChanged: !0 }) === "none") return !1;
  let { git: git2, trouble, isSlow } = gitState(folder, moment.gitMs), before = trouble !== null && earlier?.folder === folder ? earlier : null, { project, machine } = config, draft = {
    session,
    project,
    machine,
    folder,
    savedAt: now,
    policy: config.handover,
    text: renderDraft({ project, folder, home: homeFolder(), transcript, git: git2, gitTrouble: trouble }),
    branch: git2?.branch ?? before?.branch ?? null,
    files: Math.max(countFiles(transcript, git2, folder), before?.files ?? 0),
    prompts: state.prompts,
    edits: state.edits,
    ...isSlow && { isGitSlow: !0 },
    ...editedBy(transcript),
    ...lastAnswer === null ? {} : { lastAnswer }
  };
  return saveDraft(paths, draft), isSetUp(config) && decideHandover({ ...state, isChanged: hasNews(draft, published) }) === "publish";
}
function earlierAnswer(earlier, { prompts }) {
  return earlier !== null && earlier.prompts === prompts.length ? earlier.lastAnswer ?? null : null;
}
var MAX_EDITED = 500;
function editedBy({ files: files2 }) {
  let paths = files2.filter(({ change }) => change !== "deleted").map(({ path }) => path);
  return paths.length === 0 ? {} : { edited: paths.slice(-MAX_EDITED) };
}
function countFiles({ files: files2 }, git2, folder) {
  let roots = git2 === null ? [folder] : [git2.root, folder], names = new Set(files2.map(({ path }) => shownPath(path, roots, "")));
  for (let path of [...git2?.uncommitted ?? [], ...git2?.untracked ?? []])
    path.endsWith("/") && [...names].some((name) => name.startsWith(path)) || names.add(path);
  return names.size;
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  keepDraft
});
