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

// client/sessions/session-file.ts
var import_node_path4 = require("node:path");

// client/disk/disk-error.ts
function errorCode(error) {
  return error instanceof Error && "code" in error && typeof error.code == "string" ? error.code : void 0;
}

// client/disk/private-file.ts
var import_node_crypto = require("node:crypto"), import_node_fs = require("node:fs"), import_node_path2 = require("node:path");

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
  (0, import_node_fs.mkdirSync)((0, import_node_path2.dirname)(path), { recursive: !0, mode: 448 }), requireReadable(path);
  let temporary = `${path}.${(0, import_node_crypto.randomBytes)(6).toString("hex")}.tmp`;
  try {
    let file = (0, import_node_fs.openSync)(temporary, "wx", 384);
    try {
      (0, import_node_fs.writeFileSync)(file, content), (0, import_node_fs.fsyncSync)(file);
    } finally {
      (0, import_node_fs.closeSync)(file);
    }
    return mayReplace() ? (replaceFile(temporary, path), syncFolder((0, import_node_path2.dirname)(path)), !0) : ((0, import_node_fs.rmSync)(temporary, { force: !0 }), !1);
  } catch (error) {
    throw (0, import_node_fs.rmSync)(temporary, { force: !0 }), error;
  }
}
function requireReadable(path) {
  try {
    (0, import_node_fs.accessSync)(path, import_node_fs.constants.R_OK);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
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
var FILE_VERSION = 1;
function readVersioned(path) {
  let file = readJson(path);
  return file.state === "damaged" && setAside(path), file.state !== "whole" ? { state: "missing" } : (numberField(file.value, "v") ?? FILE_VERSION) > FILE_VERSION ? { state: "newer" } : file;
}
var DAMAGED = ".damaged";
function readJson(path) {
  let content;
  try {
    content = (0, import_node_fs.readFileSync)(path);
  } catch (error) {
    let code2 = errorCode(error) ?? "unknown error";
    return /^(?:ENOENT|ENOTDIR)$/.test(code2) ? { state: "missing" } : { state: "unreadable", code: code2 };
  }
  let value = parseJson(textOf(content));
  return value === void 0 ? { state: "damaged" } : { state: "whole", value };
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
function removeOlderFiles(folder, pattern, before) {
  try {
    for (let name of namesIn(folder, pattern)) {
      let file = (0, import_node_path2.join)(folder, name);
      (0, import_node_fs.statSync)(file).mtimeMs < before && (0, import_node_fs.rmSync)(file, { force: !0 });
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
var import_node_crypto2 = require("node:crypto"), import_node_fs3 = require("node:fs"), import_node_os2 = require("node:os"), import_node_path3 = require("node:path");

// client/disk/is-running.ts
var import_node_fs2 = require("node:fs");
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
    return (0, import_node_fs2.readFileSync)(`/proc/${pid}/stat`, "latin1").includes(") Z");
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
      own !== null && isHeld() && quietly(() => (0, import_node_fs3.rmSync)(lockFile, { force: !0 }));
    }
  }
  throw new Error(`Other processes keep changing what ${lockFile} protects.`);
}
function takeLock(file, giveUpMs) {
  let own = JSON.stringify({ pid: process.pid, host: (0, import_node_os2.hostname)(), token: (0, import_node_crypto2.randomUUID)() }), start = performance.now(), holder = null, heldSince = start;
  for (quietly(() => (0, import_node_fs3.mkdirSync)((0, import_node_path3.dirname)(file), { recursive: !0, mode: 448 })); ; ) {
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
    handle = (0, import_node_fs3.openSync)(file, "wx", 384);
  } catch (error) {
    let code2 = errorCode(error);
    return code2 === "EEXIST" || code2 === "EPERM" && process.platform === "win32" ? "busy" : "impossible";
  }
  try {
    return (0, import_node_fs3.writeFileSync)(handle, content), "made";
  } catch {
    return quietly(() => (0, import_node_fs3.rmSync)(file, { force: !0 })), "impossible";
  } finally {
    (0, import_node_fs3.closeSync)(handle);
  }
}
function takeAway(file, holder) {
  let taken = `${file}.${(0, import_node_crypto2.randomUUID)()}`;
  try {
    (0, import_node_fs3.renameSync)(file, taken), contentOf(taken) === holder ? (0, import_node_fs3.rmSync)(taken, { force: !0 }) : (0, import_node_fs3.renameSync)(taken, file);
  } catch (error) {
    let code2 = errorCode(error);
    return !(code2 === "EACCES" || code2 === "EROFS" || code2 === "EPERM" && process.platform !== "win32");
  }
  return !0;
}
function isLeftOver(file, holder) {
  let content = parseJson(holder), pid = numberField(content, "pid");
  if (pid !== void 0 && textField(content, "host") === (0, import_node_os2.hostname)()) return !isRunning(pid);
  try {
    return Math.abs(Date.now() - (0, import_node_fs3.statSync)(file).mtimeMs) > STALE_MS;
  } catch {
    return !1;
  }
}
function contentOf(file) {
  try {
    return (0, import_node_fs3.readFileSync)(file, "utf8");
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

// client/sessions/plain-session.ts
var SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
function isPlainSession(session) {
  return SESSION_ID.test(session);
}

// client/sessions/session-file.ts
var KEPT_MS = 720 * 60 * 60 * 1e3, OPEN = "+open";
function readSessionFile(paths, session) {
  return isPlainSession(session) ? find(paths, session).content : {};
}
function changeSessionFile(paths, session, change, giveUpMs) {
  !isPlainSession(session) || changed(find(paths, session), change) === null || changeUnderLock(
    (0, import_node_path4.join)(paths.sessions, `${session}.lock`),
    () => find(paths, session).content,
    (_, mayReplace) => {
      let found = find(paths, session), after = changed(found, change);
      return after === null ? !0 : (found.file === null && removeOlderFiles(paths.sessions, /./, Date.now() - KEPT_MS), replace(filesOf(paths, session), found.file, after, mayReplace));
    },
    giveUpMs
  );
}
function losableFileOf({ sessions }, session, name) {
  return isPlainSession(session) ? (0, import_node_path4.join)(sessions, `${session}+${name}.json`) : null;
}
function find(paths, session) {
  let { open, plain } = filesOf(paths, session);
  for (let file of [open, plain, open, plain]) {
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
function replace({ open, plain }, file, after, mayReplace) {
  let isOpen = after.open !== void 0;
  if (isOpen && file === plain && !isRenamed(plain, open)) return !1;
  let target = isOpen || file === open ? open : plain;
  return writePrivateFile(target, `${JSON.stringify({ v: 1, ...after }, null, 2)}
`, mayReplace) ? (!isOpen && target === open && isRenamed(open, plain), !0) : !1;
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
  return { open: (0, import_node_path4.join)(sessions, `${session}${OPEN}.json`), plain: (0, import_node_path4.join)(sessions, `${session}.json`) };
}

// client/disk/paths.ts
var import_node_os3 = require("node:os"), import_node_path5 = require("node:path");
var NOWHERE = (0, import_node_path5.join)(import_node_os3.devNull, "photon-home");

// client/git/found-repository.ts
var import_node_fs4 = require("node:fs"), import_node_path6 = require("node:path");
var MAX_CONFIG_BYTES = 64 * 1024;
function findRepository(folder) {
  for (let at = realFolder(folder); ; at = (0, import_node_path6.dirname)(at)) {
    let gitFolder = gitFolderOf(at);
    if (gitFolder !== null) return repositoryWith(at, gitFolder);
    if (at === (0, import_node_path6.dirname)(at)) return null;
  }
}
function realFolder(folder) {
  try {
    return (0, import_node_fs4.realpathSync)(folder);
  } catch {
    return (0, import_node_path6.resolve)(folder);
  }
}
function gitFolderOf(root) {
  let entry = (0, import_node_path6.join)(root, ".git");
  try {
    if ((0, import_node_fs4.statSync)(entry).isDirectory()) return isMissing((0, import_node_path6.join)(entry, "HEAD")) ? null : entry;
  } catch (error) {
    return errorCode(error) === "EACCES" && (0, import_node_fs4.existsSync)(root) ? entry : null;
  }
  let [, path = ""] = /^gitdir: (.+)/.exec(readText(entry) ?? "") ?? [];
  return path === "" ? null : isLocal(path.trim()) ? (0, import_node_path6.resolve)(root, path.trim()) : entry;
}
function isLocal(path) {
  return !/^[\\/]{2}/.test(path);
}
function isMissing(file) {
  try {
    return (0, import_node_fs4.statSync)(file), !1;
  } catch (error) {
    return errorCode(error) !== "EACCES";
  }
}
function repositoryWith(root, gitFolder) {
  let common = commonFolder(gitFolder), config = readText((0, import_node_path6.join)(common, "config")), ofWorktree = config === null ? null : readText((0, import_node_path6.join)(gitFolder, "config.worktree")), isNormal = /[\\/]\.git$/.test(common);
  return { root, main: isNormal ? (0, import_node_path6.dirname)(common) : common, config: config && [config, ofWorktree ?? ""].join(`
`) };
}
function commonFolder(gitFolder) {
  let common = readText((0, import_node_path6.join)(gitFolder, "commondir"))?.trim();
  return common && isLocal(common) ? (0, import_node_path6.resolve)(gitFolder, common) : (0, import_node_fs4.existsSync)(gitFolder) ? gitFolder : gitFolder.replace(/(?<=[\\/]\.git)[\\/]worktrees[\\/][^\\/]+$/, "");
}
function readText(file) {
  try {
    let { size } = (0, import_node_fs4.statSync)(file);
    return (0, import_node_fs4.statSync)(file).isFile() && size <= MAX_CONFIG_BYTES ? (0, import_node_fs4.readFileSync)(file, "utf8") : null;
  } catch {
    return null;
  }
}

// client/git/inert-git.ts
var import_node_child_process = require("node:child_process");

// client/git/git-call.ts
var import_node_fs5 = require("node:fs"), import_node_path7 = require("node:path"), SAFE = [
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
  for (let folder of (process.env.PATH ?? "").split(import_node_path7.delimiter)) {
    let path = (0, import_node_path7.join)(folder, name);
    if ((0, import_node_path7.isAbsolute)(folder) && isProgram(path)) return path;
  }
  throw new Error("git is not installed.");
}
function isProgram(path) {
  try {
    return (0, import_node_fs5.accessSync)(path, import_node_fs5.constants.X_OK), (0, import_node_fs5.statSync)(path).isFile();
  } catch {
    return !1;
  }
}
function isInBareRepository(cwd) {
  for (let folder = (0, import_node_path7.resolve)(cwd); ; folder = (0, import_node_path7.dirname)(folder)) {
    if ((0, import_node_fs5.existsSync)((0, import_node_path7.join)(folder, ".git"))) return !1;
    if (["HEAD", "objects", "refs"].every((name) => (0, import_node_fs5.existsSync)((0, import_node_path7.join)(folder, name)))) return (0, import_node_path7.basename)(folder) !== ".git";
    if (folder === (0, import_node_path7.dirname)(folder)) return !1;
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
  let options = { cwd, env: call.env, encoding: "utf8", detached: HAS_GROUPS }, ended2 = (0, import_node_child_process.spawnSync)(call.program, call.args, {
    ...options,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: MAX_STATUS_BYTES,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: !0
  });
  return ended2.error !== void 0 && endGroup(ended2.pid), ended2;
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

// client/settings/policies.ts
var HANDOVER_POLICIES = ["auto", "written", "draft", "off"];

// client/settings/config.ts
function isSetUp(config) {
  return config.workerUrl !== null && config.apiKey !== null && config.problems.length === 0;
}

// handover/git/changes-since.ts
var import_node_fs6 = require("node:fs"), import_node_path8 = require("node:path");

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
function git(cwd, args, timeoutMs = GIT_TIMEOUT_MS, onSettings) {
  let end = performance.now() + timeoutMs, ask = (asked) => {
    let left = Math.ceil(end - performance.now());
    if (left <= 0) throw new Error("The timeout has passed.");
    return startAndWait(cwd, asked, left);
  };
  try {
    if (runsNoPrograms(args)) return ask(args);
    let listing = ask(LIST_SETTINGS);
    onSettings?.(listing);
    let { settings } = foreignPrograms(listing);
    return ask([...settings.flatMap((setting) => ["-c", setting]), ...args]);
  } catch {
    return null;
  }
}

// handover/git/changes-since.ts
var MAX_FILES = 300, MAX_COMMITS = 30, BUDGET_MS = 300, LATE_MS = 6e4;
function changesSince(facts, startedAt, endedAt) {
  let { commits: commits2, files: committed } = facts.head === null ? NONE : commitsIn(facts.root, startedAt, endedAt + LATE_MS), newest = [...[
    ...facts.uncommitted.map((path) => ({ path, isTracked: !0 })),
    ...facts.untracked.map((path) => ({ path, isTracked: !1 }))
  ].slice(0, MAX_FILES).flatMap(({ path, isTracked }) => {
    let time = timeOf((0, import_node_path8.join)(facts.root, path));
    return (time ?? timeOf((0, import_node_path8.join)(facts.root, path, "..")) ?? 0) < startedAt ? [] : [{ path, change: time === null ? "deleted" : isTracked ? "edited" : "created", time: time ?? 0 }];
  })].sort((a, b) => b.time - a.time).map(({ path, change }) => ({ path, change })), known = new Set(newest.map(({ path }) => path));
  return { commits: commits2, files: [...newest, ...committed.filter(({ path }) => !known.has(path))] };
}
var NONE = { files: [], commits: [] }, LETTERS = {
  A: "created",
  M: "edited",
  D: "deleted",
  R: "created",
  C: "created",
  T: "edited"
};
function commitsIn(root, startedAt, until) {
  let args = [
    "log",
    "-g",
    `--max-count=${MAX_COMMITS}`,
    `--since=@${Math.floor(startedAt / 1e3)}`,
    "--name-status",
    "-z"
  ], entries = (git(root, [...args, "--format=%x01%h%x02%ct%x02%gs%x02%s", "HEAD"], BUDGET_MS) ?? "").split("").slice(1).map((entry) => {
    let [head = "", ...status] = entry.split("\0"), [id = "", time = "", action = "", subject = ""] = head.split("");
    return { id, time: Number(time) * 1e3, action, subject: subject.trim(), status };
  }), found = [], replaced = 0;
  for (let entry of entries) {
    if (!/^(?:commit|cherry-pick|revert)/.test(entry.action)) {
      let [, back] = /moving to HEAD(?:~(\d*)|\^)/.exec(entry.action) ?? [];
      /moving to HEAD[~^]/.test(entry.action) && (replaced += Number(back || 1));
      continue;
    }
    replaced > 0 ? replaced-- : entry.time >= startedAt - 1e3 && entry.time <= until && found.push(entry), /^commit \(amend\)/.test(entry.action) && replaced++;
  }
  return {
    commits: found.map(({ id, subject }) => ({ id, subject })).reverse(),
    files: filesIn(found.flatMap(({ status }) => status))
  };
}
function filesIn(status) {
  let files = /* @__PURE__ */ new Map();
  for (let at = 0; at < status.length; at++) {
    let change = LETTERS[status[at]?.trim().charAt(0) ?? ""];
    if (change === void 0 || !/^\s*[A-Z]\d*$/.test(status[at] ?? "")) continue;
    /^\s*[RC]/.test(status[at] ?? "") && at++;
    let path = status[++at] ?? "", newer = files.get(path);
    files.set(path, newer === void 0 ? change : change === "created" && newer === "edited" ? "created" : newer);
  }
  return [...files].map(([path, change]) => ({ path, change }));
}
function timeOf(path) {
  try {
    let { mtimeMs } = (0, import_node_fs6.statSync)(path);
    if (!path.endsWith("/")) return mtimeMs;
    let inside = (0, import_node_fs6.readdirSync)(path).slice(0, MAX_ENTRIES).map((name) => (0, import_node_fs6.statSync)((0, import_node_path8.join)(path, name)).mtimeMs);
    return Math.max(mtimeMs, ...inside);
  } catch {
    return null;
  }
}
var MAX_ENTRIES = 50;

// client/git/git-trouble.ts
var import_node_fs7 = require("node:fs");
function gitTrouble(folder, timeoutMs = GIT_TIMEOUT_MS) {
  if (!(0, import_node_fs7.existsSync)(folder)) return { sentence: "This folder does not exist any more.", advice: "use another" };
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
var import_node_fs9 = require("node:fs"), import_node_path10 = require("node:path");

// handover/git/dirty-submodules.ts
var import_node_fs8 = require("node:fs"), import_node_path9 = require("node:path");
var MAX_SUBMODULES = 20;
function dirtySubmodules(root, leftMs) {
  return submodulesOf(root, leftMs).paths.filter(
    (path) => !!git((0, import_node_path9.join)(root, path), ["status", "--porcelain", "-z"], leftMs())
  );
}
function submodulesOf(root, leftMs) {
  if (!(0, import_node_fs8.existsSync)((0, import_node_path9.join)(root, ".gitmodules"))) return { paths: [], rest: 0 };
  let paths = (git(root, ["config", "-z", "--file", ".gitmodules", "--get-regexp", "\\.path$"], leftMs()) ?? "").split("\0").map((entry) => entry.slice(entry.indexOf(`
`) + 1)).filter((path) => path !== "" && !path.split(/[\\/]/).includes("..") && (0, import_node_fs8.existsSync)((0, import_node_path9.join)(root, path, ".git")));
  return { paths: paths.slice(0, MAX_SUBMODULES), rest: Math.max(paths.length - MAX_SUBMODULES, 0) };
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
function remotesAmong(listing) {
  return settingsIn(listing).flatMap(({ name: setting, value: url }) => {
    let [, name] = /^remote\.(.*)\.url$/.exec(setting) ?? [];
    return name === void 0 || url === "" ? [] : [{ name, url }];
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
var MAX_UNPUSHED = 20, BUDGET_MS2 = 700;
function factsFromGit(folder, budgetMs = BUDGET_MS2) {
  let end = performance.now() + budgetMs, ask = (cwd, args) => git(cwd, args, end - performance.now()), places = ask(folder, ["rev-parse", "--show-toplevel", "--absolute-git-dir", "--git-common-dir"]), [root, gitFolder = "", commonFolder2 = ""] = (places ?? "").split(/\r?\n/);
  if (!root) return null;
  let listing = "", keep = (settings) => {
    listing = settings;
  }, printed = git(root, STATUS, end - performance.now(), keep);
  if (printed === null) return null;
  let { commit, branch, upstream, entries } = parseStatus(Buffer.from(printed)), paths = (isMeant) => entries.filter(isMeant).map(({ path }) => path.toString()), dirty = dirtySubmodules(root, () => end - performance.now()), remotes = bySharing(remotesAmong(listing), upstream?.name.split("/")[0] ?? null), known = remotes.length > 1 ? remotes.find((each) => !!ask(root, anyBranchOf(each))) : remotes[0], remote = known ?? remotes[0] ?? null, unpushed = commit === null ? [] : lines(ask(root, [...UNPUSHED, ...notOn(known ?? null)])), [subject = ""] = unpushed.length > 0 || commit === null ? unpushed : lines(ask(root, HEAD_ALONE));
  return {
    root,
    branch,
    uncommitted: [.../* @__PURE__ */ new Set([...paths(({ kind }) => kind !== "?"), ...dirty])],
    conflicts: paths(({ kind }) => kind === "u"),
    untracked: paths(({ kind }) => kind === "?"),
    submodules: [.../* @__PURE__ */ new Set([...paths(({ isSubmodule }) => isSubmodule), ...dirty])],
    upstream,
    head: commit === null ? null : { commit, subject },
    remote: remote && { ...remote, url: remote.url.replace(/^([a-z+]+:\/\/)[^/]*@/i, "$1") },
    unpushed,
    isLinkedWorktree: (0, import_node_path10.resolve)(folder, commonFolder2) !== (0, import_node_path10.resolve)(gitFolder),
    inProgress: operationIn(gitFolder)
  };
}
var STATUS = ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal"], LOG = ["log", "--no-color", "--format=%s"], UNPUSHED = [...LOG, `--max-count=${MAX_UNPUSHED}`, "HEAD"], HEAD_ALONE = [...LOG, "--max-count=1", "HEAD"];
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
  return OPERATIONS.find(([file]) => (0, import_node_fs9.existsSync)((0, import_node_path10.join)(gitFolder, file)))?.[1] ?? null;
}

// handover/git/git-state.ts
var TROUBLE_MS = 200;
function gitState(folder, budgetMs) {
  let git2 = factsFromGit(folder, budgetMs);
  if (git2 !== null) return { git: git2, trouble: null, isSlow: !1 };
  let trouble = gitTrouble(folder, TROUBLE_MS) ?? (findRepository(folder) === null ? null : SLOW);
  return { git: git2, trouble: trouble?.sentence ?? null, isSlow: trouble === SLOW };
}

// client/text/clip.ts
function clip(text, maxChars) {
  if (text.length <= maxChars) return text;
  let cut = wholeCharacters(text.slice(0, Math.max(0, maxChars - MARK.length))), words = cut.replace(/(?<!\s)\s+\S*$/, "");
  return `${words.length > cut.length / 2 ? words : withoutPart(cut).trimEnd()}${MARK}`.trimStart();
}
function withoutPart(cut) {
  return cut.replace(/(?<![!-~])[!-~]+$/, "");
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
  let plain = name.replace(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu, "?"), short = plain.length <= maxChars ? plain : `\u2026${endOfName(wholeCharacters(plain.slice(1 - maxChars)))}`;
  if (!short.includes("`")) return `\`${short}\``;
  let fence = "`".repeat(Math.max(...[...short.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${short} ${fence}`;
}
function endOfName(end) {
  let folder = end.indexOf("/");
  return folder !== -1 && folder < end.length - 1 ? end.slice(folder) : PLAIN_END.exec(end)?.[0] ?? "";
}
var PLAIN_END = /(?:(?:[-_.]|[^!-~])(?:[A-Z]?[a-z]{1,15}|[A-Z]{1,8}|\d{1,4})?(?![A-Za-z0-9]))*\/?$/u;
function commandAsCode(command, maxChars) {
  if (command.length <= maxChars) return code(command, maxChars);
  let tails = [...command.matchAll(/(?:&&|\|\||;)\s+/g)].map(({ 0: sign, index }) => command.slice(index + sign.length)).filter((tail2) => tail2.length >= MIN_COMMAND_CHARS), tail = tails.find(({ length }) => length < maxChars) ?? tails.at(-1);
  return code(clip(tail === void 0 ? command : `\u2026${tail}`, maxChars), maxChars);
}
var MIN_COMMAND_CHARS = 8;
function printedAsCode(text, maxChars) {
  return code(clip(inOneLine(text).replaceAll("`", "'"), maxChars - 2), maxChars);
}
function fitting(items, separator, maxChars) {
  let chars = -separator.length, fit = items.findIndex((item2) => (chars += separator.length + item2.length, chars > maxChars));
  return items.slice(0, fit === -1 ? items.length : Math.max(1, fit));
}
function withRest(all, shown, rest) {
  let left = all.length - shown.length;
  return left > 0 ? [...shown, rest(left)] : [...shown];
}

// handover/page/render-draft.ts
var import_goal = require("./read-session.cjs");

// handover/page/checks.ts
var import_check_run = require("./read-commands.cjs"), import_programs = require("./read-commands.cjs"), import_simple_commands = require("./read-commands.cjs");
function shownCommand({ command, check }) {
  let folder = check?.folder.replace(/^\.\/|\/+$/g, "") ?? "", isInProject = folder !== "" && !/^(?:[/~$.-]|[A-Za-z]:)/.test(folder), shown = (0, import_programs.withoutAssignments)(command);
  return inOneLine(isInProject ? `cd ${folder} && ${shown}` : shown);
}
function lastTest(commands) {
  return commands.findLast(({ check }) => check?.kind === "test");
}
function lastOtherCheck(commands) {
  return commands.findLast(({ check }) => check !== null && check.kind !== "test");
}
function waysToCheck(commands) {
  let newest = commands.filter(({ check, outcome }) => check !== null && outcome !== "background").reverse(), ways = [];
  for (let command of newest)
    ways.some(
      (way) => way.check?.kind === command.check?.kind && (way.check?.kind !== "test" || way.check.runner === command.check?.runner || isAnswered(command, [way]))
    ) || ways.push(command);
  let rank = ({ check }) => check?.kind === "test" ? 0 : 1;
  return ways.sort((a, b) => rank(a) - rank(b));
}
function failingChecks(commands) {
  return commands.filter(
    (command, at) => command.check !== null && hasFailed(command) && !isAnswered(command, commands.slice(at + 1))
  ).reverse();
}
function isAnswered({ check }, later) {
  return later.some(
    (other) => check !== null && other.check !== null && other.outcome === "passed" && (0, import_check_run.covers)(other.check, check)
  );
}
function failedLast(commands) {
  let last = commands.at(-1);
  return last !== void 0 && last.check === null && last.outcome === "failed" && isOfWork(last) ? [last] : [];
}
function deadEnds(commands) {
  let open = new Set(failedLast(commands)), failed = commands.filter(
    (command) => command.check === null && command.outcome === "failed" && isOfWork(command) && !open.has(command)
  );
  return [...grouped(failed)].flatMap(([name, group]) => {
    let times = group.reduce((sum, { failures }) => sum + failures, 0), last = group.at(-1), hasWorked = commands.some((command) => command.outcome !== "failed" && nameOf(command) === name);
    return last === void 0 || times < 2 || hasWorked ? [] : [{ ...last, failures: times }];
  });
}
function grouped(commands) {
  let groups = /* @__PURE__ */ new Map();
  for (let command of commands) groups.set(nameOf(command), [...groups.get(nameOf(command)) ?? [], command]);
  return groups;
}
function nameOf({ command }) {
  let { program } = (0, import_simple_commands.simpleCommands)(command).find((each) => each.program !== null && !(0, import_programs.onlyLooks)(each.program)) ?? {};
  return program ? [program.name, program.args.find((word) => !word.startsWith("-"))].join(" ") : "";
}
function isOfWork(command) {
  return nameOf(command) !== "";
}
function hasFailed({ outcome }) {
  return outcome === "failed" || outcome === "interrupted";
}

// client/text/counted.ts
function counted(count, noun) {
  return `${count} ${forCount(count, noun, noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`)}`;
}
function forCount(count, one, many) {
  return count === 1 ? one : many;
}

// handover/page/open-items.ts
var import_prompt_weight = require("./read-session.cjs");
var MAX_ITEM_CHARS = 120, MAX_NEXT_CHARS = 220, MAX_NAME_CHARS = 70, MAX_FAILING = 2;
function openItems(facts, wasKilled) {
  let { ending, openErrors, commands } = facts, request = openRequest(facts, wasKilled), question = ending.question ?? askedLast(facts), steps = request === null && question === null ? nextSteps(facts) : nextSteps(facts).map((text) => text.replace(/^Next: /, "")), failing = failingChecks(commands), killed = commands.findLastIndex(({ command, outcome }) => outcome === "passed" && KILLS.test(command)), running = commands.filter(({ outcome }, at) => outcome === "background" && at > killed);
  return [
    ...request === null ? [] : [item(`Next: ${request}`, MAX_NEXT_CHARS)],
    ...question === null ? [] : [item(`Claude asked, and nobody answered: ${question}`, MAX_NEXT_CHARS)],
    ...steps.slice(0, 1).map((text) => item(text, MAX_NEXT_CHARS)),
    ...failing.slice(0, MAX_FAILING).map(ran),
    ...failing.length > MAX_FAILING ? [`- ${counted(failing.length - MAX_FAILING, "other check")} failed before`] : [],
    ...failedLast(commands).map(ran),
    ...openErrors.filter(isOfWork2).map(errorItem),
    ...steps.slice(1).map((text) => item(text)),
    ...openAtCompaction(facts),
    ...running.map(
      (command) => `- Left running (no end was seen): ${commandAsCode(shownCommand(command), MAX_NAME_CHARS)}`
    )
  ];
}
var KILLS = /\b(?:p?kill|killall|taskkill|stop-process)\b/i;
function lastRequest({ prompts }) {
  return prompts.slice(-MAX_LAST).map(import_prompt_weight.withoutPaste).findLast(import_prompt_weight.isSubstantial) ?? prompts.at(-1);
}
var MAX_LAST = 50;
function openRequest(facts, wasKilled) {
  let { cutOff, isInterrupted, isAnswered: isAnswered2, isTurnOver } = facts.ending, request = lastRequest(facts);
  if (request === void 0) return null;
  let text = clip(inOneLine(request), MAX_NEXT_CHARS - 50);
  return cutOff !== null || isInterrupted ? `${text} (asked last, not finished)` : isAnswered2 ? wasKilled && !isTurnOver ? `${text} (asked last; the client was killed, so it may not be finished)` : null : `${text} (asked last, not answered)`;
}
function askedLast({ lastAnswer, ending }) {
  let last = lastAnswer?.trim().split(`
`).at(-1) ?? "";
  return !ending.isAnswered || !/[?？]["”»*_)]*$/.test(last) ? null : last.split(/(?<=[.!?。！？])\s+/).at(-1)?.replace(/[*_]+/g, "") ?? null;
}
var FORGOTTEN_AFTER = 2;
function isForgotten({ promptsSinceTodos }) {
  return promptsSinceTodos >= FORGOTTEN_AFTER;
}
function nextSteps(facts) {
  let { todos, recap, summary, prompts, promptsBeforeSummary } = facts, open = isForgotten(facts) ? [] : [...todos.filter(({ state }) => state === "in_progress"), ...todos.filter(({ state }) => state === "pending")], [first, ...later] = open;
  if (first !== void 0)
    return [
      `Next: ${first.text}${first.state === "in_progress" ? " (in progress)" : ""}`,
      ...later.map(({ text }) => text)
    ];
  let [, next] = /\bNext(?: steps?| up)?(?: is)?[:,]? (?:to )?([\s\S]+)$/.exec(recap ?? "") ?? [];
  if (next !== void 0) return [`Next: ${next.trim()}`];
  let isCurrent = prompts.slice(promptsBeforeSummary).filter(import_prompt_weight.isSubstantial).length === 0;
  return summary === null || !isCurrent ? [] : [...summary.next ? [summary.next] : [], ...summary.pending].map((text, at) => at === 0 ? `Next: ${text}` : text);
}
var MAX_AT_COMPACTION = 3;
function openAtCompaction({ summary, prompts, promptsBeforeSummary }) {
  return summary === null || prompts.slice(promptsBeforeSummary).filter(import_prompt_weight.isSubstantial).length === 0 ? [] : summary.pending.slice(0, MAX_AT_COMPACTION).map((text) => item(`Open before the last compaction: ${text}`));
}
var PROTOCOL = /has not been read yet|modified since read|String to replace not found|Found \d+ matches|no changes to make|InputValidation|Input validation|validation error|required property|Invalid (?:arguments|parameters|input)|Missing required|No such tool|not found in file|does not exist|exceeds maximum/i;
function isOfWork2({ tool, text }) {
  return tool !== "Bash" && tool !== "PowerShell" && !PROTOCOL.test(text) ? !0 : text.startsWith("Not allowed: ");
}
function errorItem({ tool, text }) {
  let [, denied] = /^Not allowed: ([\s\S]*)$/.exec(text) ?? [], start = denied === void 0 ? `${clip(inOneLine(tool), MAX_NAME_CHARS)} failed:` : "Not allowed:";
  return `- ${start} ${printedAsCode(denied ?? text, MAX_ITEM_CHARS - start.length)}`;
}
function ran(command) {
  let { outcome, summary, failures } = command, what = commandAsCode(shownCommand(command), MAX_NAME_CHARS), times = outcome === "failed" && failures > 1 ? ` ${failures} times` : "";
  return `- ${what}: ${outcome === "unknown" ? "outcome not known" : outcome}${times}${summary === null ? "" : `, ${printedAsCode(summary, MAX_ITEM_CHARS - MAX_NAME_CHARS + 20)}`}`;
}
function item(text, maxChars = MAX_ITEM_CHARS) {
  return `- ${clip(inOneLine(text), maxChars)}`;
}

// handover/page/done-items.ts
var MAX_SUBJECT_CHARS = 90, MAX_ADDRESS_CHARS = 150, SHORT_ID = 8;
function doneItems(facts, since) {
  let { pullRequests, pushes, decisions, finished, subagents: subagents2 } = facts;
  return [
    ...pullRequests.map((address) => `- Pull request ${clip(inOneLine(address), MAX_ADDRESS_CHARS)}`).reverse(),
    ...pushes.map((branch) => `- Pushed to ${code(branch, MAX_SUBJECT_CHARS)}`).reverse(),
    ...commits(facts, since).map(
      ({ id, subject }) => `- Commit ${id === null ? "" : `${id.slice(0, SHORT_ID)} `}\u201C${clip(inOneLine(subject), MAX_SUBJECT_CHARS)}\u201D`
    ).reverse(),
    ...decisions.map(({ question, answer }) => item(`Decided: ${question} \u2192 ${answer}`)),
    ...finished.map((text) => item(text)).reverse(),
    ...subagents2.filter(({ answer }) => answer !== "").map(({ task, answer }) => item(`Subagent \u201C${task}\u201D: ${answer}`)).reverse()
  ];
}
function commits({ commits: made }, since) {
  let byGit = since?.commits ?? [], isSame = (id, subject, other) => id === null ? subject === other.subject : id.startsWith(other.id) || other.id.startsWith(id), own = made.map(({ id, subject }) => byGit.find((other) => isSame(id, subject, other)) ?? { id, subject });
  return [...byGit.filter((other) => !own.includes(other)), ...own];
}

// handover/page/shown-path.ts
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

// handover/page/file-lines.ts
var MAX_NAME_CHARS2 = 70, MAX_PART_CHARS = 40, MAX_NAMES_IN_FOLDER = 4;
function changedFiles({ files }, since, roots, home) {
  let byGit = new Map(since?.files.map(({ path, change }) => [path, change]) ?? []), paths = currentPaths(files), named2 = files.map((file, at) => {
    let name = shownPath(paths[at] ?? file.path, roots, home), from = file.from === void 0 ? void 0 : shownPath(file.from, roots, home);
    return { name, from, change: changeText(file, byGit.get(name), from) };
  }), known = new Set(named2.flatMap(({ name, from }) => [name, from])), others = [...byGit].filter(
    ([path]) => !known.has(path) && !(path.endsWith("/") && named2.some(({ name }) => `${name}/`.startsWith(path)))
  );
  return [
    ...named2.reverse(),
    ...others.map(([name, change]) => ({ name, change: change === "created" ? "new" : change }))
  ];
}
var MAX_MOVES = 50;
function currentPaths(files) {
  let moves = files.flatMap(
    ({ path, from }, at) => from === void 0 ? [] : [{ at, from: `${from}/`, to: `${path}/` }]
  );
  return files.map(
    ({ path }, at) => moves.slice(-MAX_MOVES).reduce(
      (now, move) => move.at > at && now.startsWith(move.from) ? move.to + now.slice(move.from.length) : now,
      path
    )
  );
}
function changeText({ change, added, removed, part, isUnsure }, git2, from) {
  let sure = from === void 0 ? isUnsure && git2 === void 0 ? "deleted, if it was there" : git2 ?? change : `moved from ${code(shortName(from), MAX_NAME_CHARS2)}`, lines2 = added === void 0 || removed === void 0 ? "" : `, +${added} \u2212${removed}`;
  return `${sure}${lines2}${part === void 0 || part.length > MAX_PART_CHARS ? "" : `, ${code(part, MAX_PART_CHARS)}`}`;
}
function fileLines(files, older = 0) {
  let near = files.slice(0, MAX_LISTED), total = files.length + older, lines2 = linesOf(near), folders = byFolder(near);
  return (maxChars) => {
    let shown = fitting(lines2, `
`, maxChars);
    if (shown.length === total) return lines2;
    let groups = fitting(
      folders.map(({ line }) => line),
      `
`,
      maxChars
    ), inGroups = folders.slice(0, groups.length).reduce((sum, { count: count2 }) => sum + count2, 0), [best, count] = folders.length === 1 || inGroups <= shown.length ? [shown, shown.length] : [groups, inGroups];
    return count < total ? [...best, `- and ${total - count} more`] : best;
  };
}
var MAX_LISTED = 300;
function linesOf(files) {
  let short = files.map(({ name }) => shortName(name)), counts = /* @__PURE__ */ new Map();
  for (let name of short) counts.set(name, (counts.get(name) ?? 0) + 1);
  return files.map(({ name, change }, at) => `- ${counts.get(short[at] ?? "") === 1 ? code(short[at] ?? "", MAX_NAME_CHARS2) : code(name, 2 * MAX_NAME_CHARS2)} (${change})`);
}
function byFolder(files) {
  let folders = /* @__PURE__ */ new Map();
  for (let file of files) {
    let folder = file.name.slice(0, file.name.lastIndexOf("/", file.name.length - 2) + 1) || "./";
    folders.set(folder, [...folders.get(folder) ?? [], file]);
  }
  return [...folders].map(([folder, inside]) => {
    let names = inside.map(({ name }) => code(name.slice(folder === "./" ? 0 : folder.length), 40)), [only] = names, shown = names.slice(0, MAX_NAMES_IN_FOLDER).join(", "), left = names.length - MAX_NAMES_IN_FOLDER, all = names.length === 1 ? `${only} (${inside[0]?.change})` : `${shown}${left > 0 ? ` and ${left} more` : ""}`;
    return { line: `- ${code(shortName(folder), MAX_NAME_CHARS2)}: ${all}`, count: inside.length };
  });
}
function shortName(name) {
  if (name.length <= MAX_NAME_CHARS2) return name;
  let parts = name.split("/"), head = parts.slice(0, parts[0] === "~" || parts[0] === "" ? 2 : 1), tail = [];
  for (let part of parts.slice(head.length).reverse()) {
    if ([...head, "\u2026", part, ...tail].join("/").length > MAX_NAME_CHARS2 && tail.length > 0) break;
    tail = [part, ...tail];
  }
  return [...head, "\u2026", ...tail].join("/");
}

// handover/page/git-line.ts
var MAX_NAME_CHARS3 = 50, MAX_NAMED_CHARS = 75, MAX_REMOTE_CHARS = 70;
function gitLine(git2, home) {
  return [
    position(git2),
    ...relation(git2),
    ...git2.inProgress === null ? [] : [`A ${git2.inProgress} is in progress.`],
    ...named("In conflict", git2.conflicts),
    ...changes(git2),
    ...named("Changed submodules", git2.submodules),
    ...git2.isLinkedWorktree ? ["In a linked worktree."] : [],
    git2.remote === null ? "No remote." : `Remote ${code(shownRemote(git2.remote.url, home), MAX_REMOTE_CHARS)}.`
  ].join(" ");
}
function shownRemote(url, home) {
  return shownPath(url.replace(/^file:\/\/(?=\/)/, ""), [], home);
}
function position({ branch, head }) {
  let where = branch === null ? "No branch (detached HEAD)" : `Branch ${code(branch, MAX_NAME_CHARS3)}`;
  if (head === null) return `${where}, no commits yet.`;
  let subject = clip(inOneLine(head.subject), MAX_NAME_CHARS3);
  return `${where}, at ${head.commit.slice(0, 10)}${subject && `, \u201C${subject}\u201D`}.`;
}
function relation({ branch, upstream, unpushed, remote, head }) {
  if (head === null || remote === null) return [];
  let of = upstream && code(upstream.name, MAX_NAME_CHARS3);
  if (upstream && (upstream.ahead > 0 || upstream.behind > 0))
    return [`${[
      ...upstream.ahead > 0 ? [`${upstream.ahead} ahead of`] : [],
      ...upstream.behind > 0 ? [`${upstream.behind} behind`] : []
    ].join(" and ")} ${of} at the last fetch.`];
  if (unpushed.length === 0)
    return [branch === null ? "This commit is pushed." : "All commits of this branch are pushed."];
  let to = code(remote.name, MAX_NAME_CHARS3);
  return [`${counted(unpushed.length, "commit")} ${forCount(unpushed.length, "is", "are")} not pushed to ${to}.`];
}
function changes({ uncommitted, untracked }) {
  return uncommitted.length + untracked.length === 0 ? ["No uncommitted changes."] : [...named("Uncommitted", uncommitted), ...named("Untracked", untracked)];
}
function named(what, paths) {
  if (paths.length === 0) return [];
  let names = paths.map((path) => code(path, MAX_NAME_CHARS3)), [...shown] = fitting(names, ", ", MAX_NAMED_CHARS), rest = withRest(names, shown, (left) => ` and ${left} more`).slice(shown.length).join("");
  return [`${what}: ${shown.join(", ")}${rest}.`];
}

// handover/page/plain-paths.ts
function plainPaths(text, roots, homes) {
  let plain = text;
  for (let root of roots.filter((each) => each.length > 1))
    for (let path of spellings(root))
      plain.includes(path) && (plain = plain.replace(new RegExp(`${BEFORE}${escaped(path)}[\\\\/]+(?=[^\\s'"\`)\\]|;&<>])`, "g"), ""));
  for (let home of homes.filter((each) => each.length > 1))
    for (let path of spellings(home))
      plain.includes(path) && (plain = plain.replace(new RegExp(`${BEFORE}${escaped(path)}(?![\\w.-])`, "g"), "~"));
  return plain;
}
var BEFORE = "(?:(?<![\\w.~/-])|(?<=\\bfile:/{2,3}(?:localhost)?)|(?<=\\b[a-z-]{1,20}://file/?)|(?<=(?<![^\\s'\"`(=,])-{1,2}[A-Za-z][\\w-]{0,20}))";
function spellings(path) {
  let [, drive = "", rest = ""] = /^([A-Za-z]):[\\/](.*)$/.exec(path) ?? [];
  if (drive === "") return [path];
  let slashed = rest.replaceAll("\\", "/"), letter = drive.toLowerCase();
  return [
    path,
    path.replaceAll("/", "\\"),
    `${drive}:/${slashed}`,
    `/${letter}/${slashed}`,
    `/mnt/${letter}/${slashed}`
  ];
}
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
function homeIn(path) {
  let [home] = /^(?:\/(?:home\/[^/]+|Users\/[^/]+|root(?=\/|$))|[A-Za-z]:[\\/]Users[\\/][^\\/]+)/.exec(path) ?? [];
  return home === void 0 ? [] : [home];
}
function withTexts(value, change) {
  return typeof value == "string" ? change(value) : Array.isArray(value) ? value.map((each) => withTexts(each, change)) : typeof value != "object" || value === null ? value : Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, PATH_FIELDS.has(key) ? each : withTexts(each, change)])
  );
}
var PATH_FIELDS = /* @__PURE__ */ new Set(["path", "from", "plans"]);

// handover/page/state-lines.ts
var MAX_COMMAND_CHARS = 60, MAX_SUMMARY_CHARS = 90, MAX_REASON_CHARS = 110, MAX_REQUEST_CHARS = 80, ENDED_BY_PERSON = "; ended by the person";
function stateLines(known) {
  let { facts } = known, far = [...tasks(facts), ...changes2(known), ...subagents(facts), ...course(facts)].join("; "), isEnded = known.isEndedByPerson || facts.ending.isExited, lines2 = [
    ...stopped(known),
    ...far === "" ? [] : [`${far}${isEnded ? ENDED_BY_PERSON : ""}.`],
    ...lastCheck(known)
  ], recap = facts.recap === null ? null : inOneLine(facts.recap);
  return (maxRecapChars) => {
    let all = recap === null || maxRecapChars <= 0 ? lines2 : [...lines2, `Recap: ${clip(recap, maxRecapChars)}`];
    return all.map((line, at) => at < all.length - 1 ? `${line}  ` : line);
  };
}
function stopped({ facts, wasKilled }) {
  let { cutOff, isInterrupted } = facts.ending, request = lastRequest(facts), during = request === void 0 ? "" : `, while it worked on \u201C${clip(inOneLine(request), MAX_REQUEST_CHARS)}\u201D`;
  return cutOff !== null ? [`Cut off: ${clip(inOneLine(cutOff), MAX_REASON_CHARS)}${during}. That request is not done.`] : isInterrupted ? [`Interrupted by the person${during}.`] : wasKilled ? ["The client was killed, or it crashed."] : [];
}
function tasks(facts) {
  let { todos, finished, promptsSinceTodos } = facts, open = todos.filter(({ state }) => state !== "completed").length;
  if (isForgotten(facts) && open > 0)
    return [`a task list was not touched for the last ${counted(promptsSinceTodos, "prompt")}`];
  let total = finished.length + open;
  return total === 0 ? [] : [`${finished.length} of ${total} tasks done`];
}
function changes2({ facts, files, commits: commits2 }) {
  let { prompts, mayHaveChanged, subagents: agents, plans, olderFiles } = facts, made = commits2 > 0 ? [counted(commits2, "commit")] : [];
  return files.length > 0 ? [`${counted(files.length + olderFiles, "file")} changed`, ...made] : prompts.length > 0 && !mayHaveChanged && agents.length === 0 && plans.length === 0 && commits2 === 0 ? ["No files changed"] : made;
}
function subagents({ subagents: agents }) {
  return agents.length === 0 ? [] : [`${counted(agents.length, "subagent")} worked`];
}
function course({ startedAt, endedAt, model, compactions, resumes }) {
  let minutes = startedAt === null || endedAt === null ? null : Math.round((endedAt - startedAt) / 6e4), times = [
    ...compactions > 0 ? [`compacted ${compactions}\xD7`] : [],
    ...resumes > 0 ? [`resumed ${resumes}\xD7`] : []
  ], course2 = [...minutes === null || minutes < 1 ? [] : [spanText(minutes)], ...model === null ? [] : [clip(inOneLine(model), 40)], ...times].join(", ");
  return course2 === "" ? [] : [course2];
}
function spanText(minutes) {
  if (minutes < 120) return `${minutes} min`;
  let hours = Math.round(minutes / 60);
  return hours < 24 ? `${hours} h` : `over ${counted(Math.ceil(hours / 24), "day")}`;
}
var DOCUMENT = /\.(?:md|mdx|markdown|txt|rst|adoc|org|tex|docx?|odt|pdf|rtf|pptx?|csv|png|jpe?g|gif|svg|webp)$|(?:^|\/)(?:LICEN[CS]E|NOTICE|AUTHORS|CHANGELOG|README|\.gitignore)$|\/$/i;
function lastCheck({ facts, files }) {
  let { commands } = facts, test = lastTest(commands), other = lastOtherCheck(commands);
  if (test !== void 0) return [`Last check: ${ended(checkText(test))}`];
  let none = files.some(({ name }) => !DOCUMENT.test(name)) ? ["No test was seen."] : [];
  return other === void 0 ? none : [[`Last check: ${ended(checkText(other))}`, ...none].join(" ")];
}
var OUTCOMES = {
  passed: "passed",
  failed: "failed",
  interrupted: "was interrupted",
  background: "is still running",
  unknown: "may have run, outcome not known"
};
function checkText(command) {
  let { outcome, summary } = command, said = summary === null ? "" : `, ${printedAsCode(summary, MAX_SUMMARY_CHARS)}`;
  return `${commandAsCode(shownCommand(command), MAX_COMMAND_CHARS)} ${OUTCOMES[outcome]}${said}`;
}
function ended(sentence) {
  return /\.`?$/.test(sentence) ? sentence : `${sentence}.`;
}

// handover/page/render-draft.ts
var MAX_DRAFT_CHARS = 3e3, ROOM = {
  goal: 270,
  before: 0,
  later: 150,
  recap: 0,
  done: 180,
  answer: 200,
  open: 280,
  files: 200,
  checks: 120,
  deadEnds: 0
}, UNLIMITED = {
  goal: MAX_DRAFT_CHARS,
  before: MAX_DRAFT_CHARS,
  later: MAX_DRAFT_CHARS,
  recap: MAX_DRAFT_CHARS,
  done: MAX_DRAFT_CHARS,
  answer: MAX_DRAFT_CHARS,
  open: MAX_DRAFT_CHARS,
  files: MAX_DRAFT_CHARS,
  checks: MAX_DRAFT_CHARS,
  deadEnds: MAX_DRAFT_CHARS
}, GROWTH = [
  ["open", 700],
  ["done", 450],
  ["files", 900],
  ["recap", 320],
  ["answer", 800],
  ["before", 250],
  ["later", 450],
  ["deadEnds", 200],
  ["goal", 600],
  ["done", MAX_DRAFT_CHARS],
  ["files", MAX_DRAFT_CHARS],
  ["open", MAX_DRAFT_CHARS],
  ["later", MAX_DRAFT_CHARS],
  ["checks", 300],
  ["goal", 1200],
  ["answer", MAX_DRAFT_CHARS]
], MAX_ITEM_CHARS2 = 120, MAX_QUOTED_CHARS = 2 * MAX_DRAFT_CHARS, MAX_TITLE_CHARS = 100, MAX_PLAN_CHARS = 70, MAX_CHECKS = 3;
function renderDraft(facts) {
  let compose = composer(facts), all = compose(UNLIMITED);
  if (all.length <= MAX_DRAFT_CHARS) return all;
  let over = compose(ROOM).length - MAX_DRAFT_CHARS, room = {
    ...ROOM,
    ...over > 0 && { answer: Math.max(MIN_ANSWER_CHARS, ROOM.answer - over - REST_CHARS) }
  };
  for (let [section2, most] of GROWTH) {
    let free = MAX_DRAFT_CHARS - compose(room).length - REST_CHARS;
    if (free <= 0) break;
    let grown = { ...room, [section2]: Math.min(most, room[section2] + free) };
    compose(grown).length <= MAX_DRAFT_CHARS && (room[section2] = grown[section2]);
  }
  return compose(room);
}
var MIN_ANSWER_CHARS = 20, REST_CHARS = 30;
function composer(draft) {
  let { project, folder, home, git: git2, gitTrouble: gitTrouble2, since = null, wasKilled = !1, isEndedByPerson = !1 } = draft, roots = git2 === null ? [folder] : [git2.root, folder], homes = [.../* @__PURE__ */ new Set([home, ...roots.flatMap(homeIn)])], facts = withTexts(fromRoot(draft.transcript, roots), (text) => plainPaths(text, roots, homes)), files = changedFiles(facts, since, roots, homes[0] ?? home), goal = goalSection((0, import_goal.goalOf)(facts), facts.title), fileList = fileLines(files, facts.olderFiles), plans = facts.plans.map(
    (path) => `- ${code(shownPath(path, roots, homeIn(path)[0] ?? home), MAX_PLAN_CHARS)} (plan; it stays on this machine)`
  ), done = doneItems(facts, since), open = openItems(facts, wasKilled), checks = waysToCheck(facts.commands).slice(0, MAX_CHECKS).map(ran), ends = deadEnds(facts.commands).map(ran), known = { facts, files, commits: commits(facts, since).length, wasKilled, isEndedByPerson }, state = stateLines(known), gitLines = git2 !== null ? [gitLine(git2, homes[0] ?? home)] : gitTrouble2 ? [`Not known: ${gitTrouble2}`] : [];
  return (room) => [
    `# Handover${project === null ? "" : `: ${project}`}`,
    ...goal(room),
    ...section("State", state(room.recap)),
    ...doneSection(bounded(done, room.done), facts.lastAnswer, room.answer),
    ...section("Open", bounded(open, room.open)),
    ...section("Files", [...plans.slice(-1), ...fileList(room.files)]),
    ...section("How to check", bounded(checks, room.checks)),
    ...section("Dead ends", room.deadEnds > 0 ? bounded(ends, room.deadEnds) : []),
    ...section("Git", gitLines)
  ].join(`

`);
}
function fromRoot(facts, roots) {
  let commands = facts.commands.map(({ check, ...command }) => ({
    ...command,
    check: check && roots.includes(check.folder.replace(/[\\/]+$/, "")) ? { ...check, folder: "" } : check
  }));
  return { ...facts, commands };
}
var MAX_PROMPTS = 40;
function promptLines(prompts) {
  let newest = prompts.slice(-MAX_PROMPTS).reverse(), short = (prompt) => clip(inOneLine(clip(prompt, 4 * MAX_ITEM_CHARS2)), MAX_ITEM_CHARS2);
  return { newestFirst: newest.map((prompt) => `- ${short(prompt)}`), total: prompts.length };
}
function goalSection({ text, isFromClient, before, later }, title) {
  if (text === null) return () => [];
  let lists = [promptLines(before), promptLines(later)];
  return (room) => [
    "## Goal",
    ...title === null ? [] : [`Title: ${clip(inOneLine(title), MAX_TITLE_CHARS)}`],
    ...isFromClient ? ["From the client's summary:"] : [],
    quote(clip(text, MAX_QUOTED_CHARS), room.goal),
    ...promptList("Before that:", lists[0], room.before),
    ...promptList("Later prompts:", lists[1], room.later)
  ];
}
function promptList(heading, { newestFirst, total }, maxChars) {
  if (total === 0 || maxChars <= 0) return [];
  let shown = fitting(newestFirst, `
`, maxChars).reverse(), left = total - shown.length;
  return [[heading, ...left > 0 ? [`- (and ${left} earlier ones)`] : [], ...shown].join(`
`)];
}
function doneSection(done, lastAnswer, maxChars) {
  let items = done.length > 0 ? [done.join(`
`)] : [];
  return lastAnswer === null ? items.length > 0 ? ["## Done", ...items] : [] : ["## Done", ...items, "Claude's last answer:", quote(clip(lastAnswer, MAX_QUOTED_CHARS), maxChars)];
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
var import_facts_of_session = require("./read-session.cjs"), import_prompt_weight2 = require("./read-session.cjs"), import_transcript_facts = require("./read-session.cjs");

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
  let lastAnswer = textField(value, "lastAnswer"), transcriptPath = textField(value, "transcriptPath"), edited = recordOf(value)?.edited;
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
    ...transcriptPath === void 0 ? {} : { transcriptPath },
    ...lastAnswer === void 0 ? {} : { lastAnswer }
  };
}

// handover/draft/policy.ts
function decideHandover(state) {
  return state.policy === "off" || isTrivial(state) ? "none" : state.policy === "draft" || !state.isChanged ? "keep" : state.isFinal || isDue(state) ? "publish" : "keep";
}
function isTrivial({ prompts, edits, startedBy }) {
  return startedBy === "observer" ? !0 : edits === 0 && (prompts < 2 || startedBy === "sdk");
}
function isDue({ publishedAt, now }) {
  return publishedAt === null || publishedAt > now || now - publishedAt >= 6e5;
}

// handover/draft/publication-store.ts
function readPublication(paths, session) {
  let published = recordOf(readSessionFile(paths, session).published), id = textField(published, "id"), at = numberField(published, "at"), text = textField(published, "text");
  if (id === void 0 || at === void 0 || text === void 0) return null;
  let byPerson = parsePersons(published?.byPerson), hasConversation = recordOf(published)?.hasConversation === !0;
  return { session, id, at, text, ...byPerson && { byPerson }, ...hasConversation && { hasConversation } };
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
  if (byPerson && draft.prompts === byPerson.prompts && draft.edits === byPerson.edits) return !1;
  let [text, before] = [textByPolicy(draft, published), published?.text].map(
    (each) => each?.replace(ENDED_BY_PERSON, "")
  );
  return text !== before;
}
function textByPolicy({ text }, published) {
  let words = published?.byPerson?.text;
  return !words || words.length > MAX_CARRIED_CHARS ? text : `${words.trimEnd()}

---

The session continued after this was written. Its current state:

${text}`;
}

// handover/draft/writing-store.ts
function wasAsked(paths, session) {
  return readSessionFile(paths, session).writing !== void 0;
}

// handover/draft/keep-draft.ts
function keepDraft(paths, config, moment, now = Date.now()) {
  let { session, transcriptPath, folder, isFinal, isAsked = !1 } = moment;
  if (config.handover === "off" && !isAsked) return !1;
  let earlier = readDraft(paths, session), read = transcriptPath === null ? import_transcript_facts.NO_FACTS : (0, import_facts_of_session.factsOfSession)(transcriptPath, losableFileOf(paths, session, "read")), lastAnswer = moment.lastAnswer ?? earlierAnswer(earlier, read), transcript = withAnswer(read, lastAnswer, moment.lastAnswer !== null), published = readPublication(paths, session), state = {
    policy: config.handover,
    prompts: transcript.prompts.filter((text, at) => at === 0 || at < ENOUGH_PROMPTS && (0, import_prompt_weight2.weightOf)(text) > 0).length,
    edits: transcript.edits,
    startedBy: transcript.startedBy,
    isFinal,
    publishedAt: published?.at ?? null,
    now
  }, mayBeNothing = !isAsked && isNothing(state);
  if (mayBeNothing && !(transcript.mayHaveChanged && !isNothing({ ...state, edits: 1 }))) return !1;
  let { git: git2, trouble, isSlow } = gitState(folder, moment.gitMs), since = changesOf(git2, transcript), edits = Math.max(state.edits, since === null ? 0 : since.files.length + since.commits.length);
  if (mayBeNothing && isNothing({ ...state, edits })) return !1;
  let before = trouble !== null && earlier?.folder === folder ? earlier : null, { project, machine } = config, draft = {
    session,
    project,
    machine,
    folder,
    savedAt: now,
    policy: config.handover,
    text: renderDraft({
      project,
      folder,
      home: homeFolder(),
      transcript,
      git: git2,
      gitTrouble: trouble,
      since,
      wasKilled: moment.wasKilled ?? !1,
      isEndedByPerson: moment.isEndedByPerson ?? !1
    }),
    branch: git2?.branch ?? before?.branch ?? null,
    files: Math.max(countFiles(transcript, git2, folder), before?.files ?? 0),
    prompts: transcript.prompts.length,
    edits: state.edits,
    ...isSlow && { isGitSlow: !0 },
    ...editedBy(transcript),
    ...transcriptPath === null ? {} : { transcriptPath },
    ...lastAnswer === null ? {} : { lastAnswer }
  };
  saveDraft(paths, draft);
  let isChanged = config.handover === "written" && isFinal && !published?.byPerson && !wasAsked(paths, session) || hasNews(draft, published);
  return isSetUp(config) && decideHandover({ ...state, edits, isChanged }) === "publish";
}
var ENOUGH_PROMPTS = 20;
function withAnswer(facts, lastAnswer, isNew) {
  if (lastAnswer === null) return facts;
  let { cutOff } = facts.ending, isLimit = cutOff !== null && lastAnswer.trim().startsWith(cutOff.slice(0, SAME_WORDS)), isOver = isNew && !isLimit;
  return { ...facts, lastAnswer, ending: { ...facts.ending, isAnswered: !0, ...isOver && { cutOff: null } } };
}
var SAME_WORDS = 20;
function isNothing(state) {
  return decideHandover({ ...state, isChanged: !0 }) === "none";
}
function changesOf(git2, { startedAt, endedAt }) {
  return git2 === null || startedAt === null ? null : changesSince(git2, startedAt, endedAt ?? startedAt);
}
function earlierAnswer(earlier, { prompts }) {
  return earlier !== null && earlier.prompts === prompts.length ? earlier.lastAnswer ?? null : null;
}
var MAX_EDITED = 500;
function editedBy({ files }) {
  let paths = files.filter(({ change }) => change !== "deleted").map(({ path }) => path);
  return paths.length === 0 ? {} : { edited: paths.slice(-MAX_EDITED) };
}
function countFiles({ files, olderFiles }, git2, folder) {
  let roots = git2 === null ? [folder] : [git2.root, folder], names = new Set(files.map(({ path }) => shownPath(path, roots, "")));
  for (let path of [...git2?.uncommitted ?? [], ...git2?.untracked ?? []])
    path.endsWith("/") && [...names].some((name) => name.startsWith(path)) || names.add(path);
  return names.size + olderFiles;
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  keepDraft
});
