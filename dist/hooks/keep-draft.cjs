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
function writeLosableFile(path, content) {
  let temporary = `${path}.${(0, import_node_crypto.randomBytes)(6).toString("hex")}.tmp`;
  try {
    (0, import_node_fs.mkdirSync)((0, import_node_path2.dirname)(path), { recursive: !0, mode: 448 }), (0, import_node_fs.writeFileSync)(temporary, content, { mode: 384, flag: "wx" }), replaceFile(temporary, path);
  } catch {
    (0, import_node_fs.rmSync)(temporary, { force: !0 });
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
function readIfThere(path) {
  try {
    return (0, import_node_fs.readFileSync)(path);
  } catch {
    return null;
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
function removeOlderFiles(folder, pattern, before) {
  try {
    for (let name of namesIn(folder, pattern)) {
      let file = (0, import_node_path2.join)(folder, name);
      (0, import_node_fs.statSync)(file).mtimeMs < before && (0, import_node_fs.rmSync)(file, { force: !0 });
    }
  } catch {
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
  let { open, plain: plain3 } = filesOf(paths, session);
  for (let file of [open, plain3, open, plain3]) {
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
function replace({ open, plain: plain3 }, file, after, mayReplace) {
  let isOpen = after.open !== void 0;
  if (isOpen && file === plain3 && !isRenamed(plain3, open)) return !1;
  let target = isOpen || file === open ? open : plain3;
  return writePrivateFile(target, `${JSON.stringify({ v: 1, ...after }, null, 2)}
`, mayReplace) ? (!isOpen && target === open && isRenamed(open, plain3), !0) : !1;
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
  return submodulesOf(root, leftMs).filter(
    (path) => !!git((0, import_node_path9.join)(root, path), ["status", "--porcelain", "-z"], leftMs())
  );
}
function submodulesOf(root, leftMs) {
  return (0, import_node_fs8.existsSync)((0, import_node_path9.join)(root, ".gitmodules")) ? (git(root, ["config", "-z", "--file", ".gitmodules", "--get-regexp", "\\.path$"], leftMs()) ?? "").split("\0").map((entry) => entry.slice(entry.indexOf(`
`) + 1)).filter((path) => path !== "" && !path.split(/[\\/]/).includes("..") && (0, import_node_fs8.existsSync)((0, import_node_path9.join)(root, path, ".git"))).slice(0, MAX_SUBMODULES) : [];
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
  let plain3 = name.replace(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu, "?"), short2 = plain3.length <= maxChars ? plain3 : `\u2026${endOfName(wholeCharacters(plain3.slice(1 - maxChars)))}`;
  if (!short2.includes("`")) return `\`${short2}\``;
  let fence = "`".repeat(Math.max(...[...short2.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `${fence} ${short2} ${fence}`;
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
  let short2 = files.map(({ name }) => shortName(name)), counts = /* @__PURE__ */ new Map();
  for (let name of short2) counts.set(name, (counts.get(name) ?? 0) + 1);
  return files.map(({ name, change }, at) => `- ${counts.get(short2[at] ?? "") === 1 ? code(short2[at] ?? "", MAX_NAME_CHARS2) : code(name, 2 * MAX_NAME_CHARS2)} (${change})`);
}
function byFolder(files) {
  let folders = /* @__PURE__ */ new Map();
  for (let file of files) {
    let folder = file.name.slice(0, file.name.lastIndexOf("/", file.name.length - 2) + 1) || "./";
    folders.set(folder, [...folders.get(folder) ?? [], file]);
  }
  return [...folders].map(([folder, inside]) => {
    let names = inside.map(({ name }) => code(name.slice(folder === "./" ? 0 : folder.length), 40)), [only2] = names, shown = names.slice(0, MAX_NAMES_IN_FOLDER).join(", "), left = names.length - MAX_NAMES_IN_FOLDER, all = names.length === 1 ? `${only2} (${inside[0]?.change})` : `${shown}${left > 0 ? ` and ${left} more` : ""}`;
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
  let plain3 = text;
  for (let root of roots.filter((each) => each.length > 1))
    for (let path of spellings(root))
      plain3.includes(path) && (plain3 = plain3.replace(new RegExp(`${BEFORE}${escaped(path)}[\\\\/]+(?=[^\\s'"\`)\\]|;&<>])`, "g"), ""));
  for (let home of homes.filter((each) => each.length > 1))
    for (let path of spellings(home))
      plain3.includes(path) && (plain3 = plain3.replace(new RegExp(`${BEFORE}${escaped(path)}(?![\\w.-])`, "g"), "~"));
  return plain3;
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
  let newest = prompts.slice(-MAX_PROMPTS).reverse(), short2 = (prompt) => clip(inOneLine(clip(prompt, 4 * MAX_ITEM_CHARS2)), MAX_ITEM_CHARS2);
  return { newestFirst: newest.map((prompt) => `- ${short2(prompt)}`), total: prompts.length };
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

// handover/reading/facts-of-session.ts
var import_node_fs13 = require("node:fs");

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
function textOf2(content) {
  return bounded2(typeof content == "string" ? content : Array.isArray(content) ? content.map((block) => textField(block, "text") ?? "").join(`
`) : "");
}
var MAX_BEGINNING_CHARS = 16e3, MAX_END_CHARS = 8e3;
function bounded2(text, maxBeginning = MAX_BEGINNING_CHARS, maxEnd = MAX_END_CHARS) {
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
  return line.isCompactSummary === !0 || typeof content == "string" && content.startsWith(BEGINNING) ? textOf2(content) : void 0;
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
`).map((line) => plain(line.replace(/^[\s*•-]+(?:\[[ ~]\]\s*)?|^\s*\d+[.)]\s*/, ""))).filter((item2) => item2 !== "" && !NOTHING.test(item2) && !/:$/.test(item2) && !/\bcompleted?\b[).]*$/i.test(item2)).slice(0, 6);
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
    block: { is_error, content: bounded2(textOf2(content), MAX_TEXT_CHARS, MAX_TEXT_CHARS) }
  };
}
function only(keys, fields) {
  return Object.fromEntries(keys.filter((key) => key in fields).map((key) => [key, fields[key]]));
}

// handover/transcript/command-result.ts
var import_simple_commands2 = require("./read-commands.cjs"), MAX_SUMMARY_CHARS2 = 200, MAX_END_CHARS2 = 4e3, MAX_LINE_CHARS = 500, COUNTS = /\b\d+ (?:\w+ )?(?:passed|failed|passing|failing|failures?|errors?|examples?)\b|\b(?:tests?|passed|failed|failures|tests run): *\d|^Ran \d+ tests?|test result:|^(?:ok|PASS)\b/gim, TAP_COUNTS = /^(?:#|ℹ) ((?:pass|fail) \d+)$/gm, FAILURES = /\b[1-9]\d* (?:\w+ )?(?:failed|failing|failures?|errors?)\b|\b(?:failed|failures|errors)[:=] *[1-9]|\bfail [1-9]/i, REPORT = /^ *Tests? +\d+ (?:passed|failed)|^Tests: +\d|^(?:=+ )?\d+ (?:passed|failed)[^\n]* in [\d.:]+ ?m?s|^ok[ \t]+\S+\s+(?:[\d.]+s|\(cached\))|^FAIL\t\S+|^test result: |^Ran \d+ tests? in|^ *\d+ passing \(|^\d+ (?:tests?|runs|examples?|scenarios), \d+ |^(?:\[[A-Z]+\] )?Tests run: \d|^# pass \d|^ℹ pass \d|\*\* TEST (?:SUCCEEDED|FAILED)|^\[ +(?:PASSED|FAILED) +\]|^\d+% tests passed|^OK \(\d+ tests?|^Tests Passed: \d|^(?:Passed|Failed)! +- Failed: |^All tests passed|^ok \| \d+ passed|Executed \d+ tests?, with/m, NO_TESTS = /\[no tests to run\]|\bno tests? (?:found|ran|files found|to run)\b|\bcollected 0 items\b/i, PROBLEMS = /\berror TS\d+:|\bFound [1-9]\d* (?:errors?|problems?)\b|✖ \d+ problems? \([1-9]|\b[1-9]\d* errors?(?: generated|, \d+ warnings?| and \d+ warnings?)|^error(?:\[E\d+\])?: |\bBUILD FAILED\b|^Failed to compile|: error: /m, FAIL = /^(?:-+ )?FAIL\b/m, BROKEN = /^npm (?:ERR!|error)|^(?:error|fatal)(?:\[E\d+\])?: |^g?make(?:\[\d+\])?: \*\*\* |: (?:command )?not found$|^\w*(?:Error|Exception): |\bELIFECYCLE\b|^Failed to compile|\bBUILD FAILED\b|\bTests? failed\b|: No such file or directory$|exited with code [1-9]|\bKilled$/m, WHOLE_COUNTS = /\d+ (?:\w+ )?(?:passed|passing|examples?)\b|\b(?:pass|passed|tests run):? *\d|^Ran \d+ tests?/i, FAILED_TEST = /^[ \t]*(?:-+ FAIL|FAIL|not ok|✗|✖|×|✕)/gm, ERROR = /error|exception|fatal|fail|cannot|can't|not found|no such|denied|refused|unexpected|invalid|missing|panic|timed out/gi, NO_ERROR = /\b(?:0|no) (?:errors?|fail)/i;
function checkOf({ check, target, needsText }, output) {
  let end = plain2(output.slice(-MAX_END_CHARS2));
  if (check?.kind === "test" && NO_TESTS.test(end)) {
    let others = end.replace(/^.*\[no tests? (?:to run|files)\].*$|^\?.*no test files.*$/gm, "");
    if (!REPORT.test(others)) return null;
  }
  if (check !== null || needsText !== "problems" || !REPORT.test(end)) return check;
  let [text = "", ...more] = (0, import_simple_commands2.simpleCommands)(target).map((command) => command.text);
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
  let isTest = call.check?.kind === "test", end = plain2(output.slice(-MAX_END_CHARS2)), counts = isTest ? testCounts(end) : void 0, printsOutcome = call.printsOutcome && /[1-9]\d*\s*$/.test(end.slice(-100)), isHidden = call.check?.hasExitCode === !1 && exitCode === void 0, isBroken = isHidden && counts === void 0 && BROKEN.test(end), hasProblems = call.check !== null && (isBroken || (isTest ? FAIL : PROBLEMS).test(end)), hasFailed2 = exitCode !== void 0 || printsOutcome || hasProblems, isProven = !isHidden || REPORT.test(end) || WHOLE_COUNTS.test(counts ?? "") || FAILURES.test(counts ?? "");
  if (counts !== void 0 && isProven && (!hasFailed2 || FAILURES.test(counts)))
    return { outcome: FAILURES.test(counts) ? "failed" : "passed", summary: short(counts) };
  if (!hasFailed2)
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
  return clip(inOneLine(clip(text, 4 * MAX_SUMMARY_CHARS2)), MAX_SUMMARY_CHARS2);
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
  let result = resultOf(line), [, reason = ""] = result?.is_error === !0 && REASON.exec(textOf2(result.content)) || [];
  return typedText(reason.replace(NOTE_AFTER_REASON, ""));
}
function isOfPerson(origin) {
  return (textField(origin, "kind") ?? "human") === "human";
}
function typedText(content) {
  return (Array.isArray(content) ? content : [content]).map((block) => textField(block, "type") === "image" ? "(image)" : asTyped(bounded2((typeof block == "string" ? block : textField(block, "text") ?? "").trim()))).filter((text) => text !== "").join(`
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
    this.#questionId = id, this.#state = { ...this.#state, question: question === void 0 ? null : bounded2(question) };
  }
  settled(id) {
    id === this.#questionId && (this.#state = { ...this.#state, question: null });
  }
  /** The client's line in place of an answer. */
  failed(line) {
    let text = textOf2(recordOf(line.message)?.content).trim();
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
var import_programs2 = require("./read-commands.cjs"), ANSWERS = (0, import_programs2.wordSet)(
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
var MAX_WEIGHED_CHARS = 400, MAX_FIRST = 20, MAX_LAST2 = 60, MIN_WEIGHT = 10;
function isSubstantial2(prompt) {
  return weightOf(prompt) >= MIN_WEIGHT;
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
var import_check_run2 = require("./read-commands.cjs"), import_edited_part = require("./read-commands.cjs"), import_file_changes = require("./read-commands.cjs"), import_git_outcome = require("./read-commands.cjs"), import_other_tools = require("./read-commands.cjs"), import_programs3 = require("./read-commands.cjs"), import_simple_commands3 = require("./read-commands.cjs");
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
]), LOOKS = /^(?:Read|NotebookRead|Grep|Glob|LS|ToolSearch|Web(?:Fetch|Search)|Skill|SlashCommand|EnterPlanMode|Task(?:Get|Output|Stop)|BashOutput|KillShell|KillBash|ListMcpResourcesTool|ReadMcpResourceTool)$/, LEFT_RUNNING = /(?:^|[^&>|])&(?![&>\d])/, MAX_READ_CHARS = 2e4, MAX_COMMAND_CHARS2 = 2e3;
function isLook(tool) {
  return LOOKS.test(tool);
}
function toolCall(tool, input, { cwd }) {
  let known = KINDS.get(tool) ?? (LOOKS.test(tool) ? "look" : void 0), other = known === void 0 ? (0, import_other_tools.otherTool)(tool, input) : { kind: known, target: targetOf(known, input) }, { kind: meant, target } = other, kind = target === "" && (meant === "edit" || meant === "command") ? "look" : meant, folder = typeof cwd == "string" ? cwd : void 0;
  if (kind === "command")
    return { ...commandCall(bounded2(target, MAX_READ_CHARS, 0), folder, tool === "PowerShell"), tool, kind, folder, part: null, input: null };
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
  return command.length <= MAX_COMMAND_CHARS2 && remembered.set(key, known), known;
}
function newCommandCall(command, folder, isPowerShell) {
  let commands = (0, import_simple_commands3.simpleCommands)(command, isPowerShell), check = (0, import_check_run2.checkIn)(command, commands), printsOutcome = endsWithOutcome(command), looks = commands.every(({ program }) => program === null || (0, import_programs3.onlyLooks)(program));
  return {
    target: cut(command),
    check,
    changes: (0, import_file_changes.fileChangesBy)(command, folder, commands),
    staysBehind: LEFT_RUNNING.test(command) && commands.some(({ next, program }) => next === "&" && program !== null && !(0, import_programs3.onlyLooks)(program)),
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
  return command.length > MAX_COMMAND_CHARS2 ? `${withoutPart(command.slice(0, MAX_COMMAND_CHARS2 - 1))}\u2026` : command;
}

// handover/transcript/work-done.ts
var import_git_outcome2 = require("./read-commands.cjs"), import_other_tools2 = require("./read-commands.cjs"), import_programs4 = require("./read-commands.cjs");

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
    let { todos, status } = recordOf(input) ?? {}, id = textField(input, "taskId") ?? "", { task, tasks: tasks2, success } = recordOf(result) ?? {};
    tool === "TodoWrite" && (this.#written = recordsOf(todos).map((todo) => todoOf(todo, "content"))), tool === "TaskCreate" && this.#add([task]), tool === "TaskList" && Array.isArray(tasks2) && (this.#tasks.clear(), this.#add(tasks2));
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
var MAX_KEPT = 1e3, MAX_BACKGROUND = 100, MAX_SUBAGENTS = 50, MAX_FILES2 = 1e3, WROTE = /\b(?:wrote|written|created|updated|edited|saved|modified|implemented|committed|renamed|deleted|fixed)\b/i, MAX_SAID_CHARS = 1e3, PLAN = /[\\/]\.claude[\\/]plans[\\/]/, EXIT_CODE = /^Exit code \d+/, TAG = /<\/?tool_use_error>/g, REJECTED_CALL = /^<tool_use_error>/, DENIED = /^(?:The user doesn't want to|Permission to use|Claude requested permission)/, ENDINGS = /* @__PURE__ */ new Map([
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
    this.#decisions = [...saved?.decisions ?? []], this.#files = new RecentMap(MAX_FILES2, saved?.files), this.#edits = saved?.edits ?? 0, this.#mayHaveChanged = saved?.mayHaveChanged ?? !1, this.#commits = [...saved?.commits ?? []], this.#pushes = new Set(saved?.pushes), this.#pullRequests = new Set(saved?.pullRequests), this.#plans = new Set(saved?.plans), this.#subagents = new RecentMap(MAX_SUBAGENTS, saved?.subagents), this.#commands = new RecentMap(MAX_KEPT, saved?.commands), this.#background = new RecentMap(MAX_BACKGROUND, saved?.background), this.#todos = new TodoList(saved?.todos), this.#promptsBeforeTodos = saved?.promptsBeforeTodos ?? 0, this.#hasWorkedSinceTodos = saved?.hasWorkedSinceTodos ?? !1, this.#errors = new RecentMap(MAX_KEPT, saved?.errors), this.#denials = saved?.denials ?? [];
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
      promptsSinceTodos: since.filter(isSubstantial2).length,
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
    let result = line.toolUseResult, output = textOf2(block.content), isError = !tool.startsWith("mcp__") && kind !== "other" && kind !== "agent" && (typeof result == "string" || !!textField(result, "error")), hasFailed2 = block.is_error === !0 || isError;
    hasFailed2 && (line.toolDenialKind !== void 0 || DENIED.test(output)) ? this.#denied(call, line) : kind === "command" ? this.#commandEnded(id, call, result, { output, hasFailed: hasFailed2 }) : hasFailed2 ? this.#failed(call, output || (textField(result, "error") ?? "")) : this.#succeeded(id, call, line, output);
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
`, 1), isRunning2 = /launched/.test(textField(result, "status") ?? "");
      this.#subagents.set(id, { task: short(task), answer: isRunning2 ? "" : short(said) }), !isRunning2 && WROTE.test(output.slice(0, MAX_SAID_CHARS)) && this.#edits++;
    }
    if (/(?:pull|merge)_?request|create_pr$/i.test(tool) && /create|open/i.test(tool))
      for (let address of (0, import_git_outcome2.pullRequestsIn)(output).slice(0, 1)) this.linked(address);
  }
  #edited({ target, changes: changes3, part }, result) {
    if (PLAN.test(target)) {
      this.#plan(target);
      return;
    }
    let [change = { path: target, change: textField(result, "type") === "create" ? "created" : "edited" }] = changes3;
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
    (line.toolDenialKind === "user-rejected" || line.toolDenialKind === "interrupted") && line.toolDenialBeforeRun !== !0 && textField(line.permissionDecision, "decision") !== "reject" ? kind === "command" && this.#ran(call, { outcome: "interrupted", summary: null }) : this.#denials = [{ tool, text: short(`Not allowed: ${(0, import_programs4.withoutAssignments)(target) || tool}`) }];
  }
  #commandEnded(id, call, result, end) {
    let { output: text, hasFailed: isError } = end;
    if (isError && REJECTED_CALL.test(text)) return;
    let other = call.tool.startsWith("mcp__") ? (0, import_other_tools2.commandOutput)(text) : { output: text, hasFailed: !1 }, [exitCode = other.hasFailed ? "failed" : ""] = EXIT_CODE.exec(text) ?? [], hasFailed2 = isError || other.hasFailed;
    if (textField(result, "backgroundTaskId") !== void 0) {
      this.#background.set(id, call), this.#ran(call, { outcome: "background", summary: null });
      return;
    }
    if (recordOf(result)?.interrupted === !0) {
      this.#ran(call, { outcome: "interrupted", summary: null });
      return;
    }
    let output = hasFailed2 && isError ? text.slice(EXIT_CODE.exec(text)?.[0].length ?? 0) : other.output, checked = { ...call, check: checkOf(call, output) };
    this.#ran(checked, hasFailed2 ? judge(checked, output, exitCode) : judge(checked, output), hasFailed2), this.#git(call, output, hasFailed2);
  }
  #git({ target }, output, hasFailed2) {
    if (!(0, import_git_outcome2.mayChangeGit)(target)) return;
    let { commits: commits2, amends, undone, pushes, pullRequests } = (0, import_git_outcome2.gitOutcome)(target, output, hasFailed2);
    undone > 0 && this.#commits.splice(-undone), amends && this.#commits.pop();
    for (let commit of commits2) this.#commits.push(commit);
    this.#edits += commits2.length;
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
  #ran(call, { outcome, summary }, hasFailed2 = outcome !== "passed") {
    let { tool, target, check } = call, command = check?.text ?? target, key = check === null ? target : `${check.folder} ${check.text}`, shown = call.staysBehind && outcome === "passed" ? "background" : outcome, isStillFailed = outcome === "unknown" && this.#commands.get(key)?.outcome === "failed", failures = (this.#commands.get(key)?.failures ?? 0) + (outcome === "failed" ? 1 : 0);
    isStillFailed || this.#commands.set(key, { command, outcome: shown, check, summary, failures }), this.#hasWorkedSinceTodos = !0, outcome === "failed" && this.#errors.set(keyOf(call), { tool, text: short(`${(0, import_programs4.withoutAssignments)(command)}: ${summary ?? outcome}`) }), outcome === "passed" && this.#errors.delete(keyOf(call)), hasFailed2 || this.#changedBy(call);
  }
  /** The files that a command changed that succeeded. */
  #changedBy({ changes: changes3, mayChange }) {
    this.#mayHaveChanged ||= mayChange;
    for (let change of changes3)
      change.isUnsure || this.#edits++, this.#apply(change, null);
  }
  #apply({ path, change, from, isUnsure }, part) {
    let moved = from === void 0 ? void 0 : this.#files.get(from);
    from !== void 0 && this.#files.delete(from);
    let known = this.#files.get(path) ?? moved;
    this.#files.delete(path), this.#hasWorkedSinceTodos = !0, this.#files.set(path, {
      wasThere: known?.wasThere ?? (change !== "created" || from !== void 0),
      isThere: change !== "deleted",
      from: known?.from ?? from,
      added: (known?.added ?? 0) + (part?.added ?? 0),
      removed: (known?.removed ?? 0) + (part?.removed ?? 0),
      part: part?.name || known?.part || "",
      isUnsure: isUnsure === !0 && known === void 0
    }), this.#errors.delete(`edit ${path}`);
  }
};
function keyOf({ tool, kind, target, check }) {
  return `${kind} ${check?.text ?? (target || tool)}`;
}
function changeOf2([path, state]) {
  let { wasThere, isThere, from, added, removed, part, isUnsure } = state;
  return !wasThere && !isThere ? [] : [
    {
      path,
      change: isThere ? wasThere ? "edited" : "created" : "deleted",
      ...from !== void 0 && isThere && { from },
      ...added + removed > 0 && isThere && { added, removed },
      ...part !== "" && isThere && { part },
      ...isUnsure && { isUnsure }
    }
  ];
}

// handover/transcript/facts-from-transcript.ts
var MAX_CALLS = 4e3, MAX_KNOWN = 2e3, MAX_EARLY = 20, MAX_BEGINNING_CHARS2 = 4e3, MAX_END_CHARS3 = 2e3, SHORT_BYTES = 300;
function factsFromTranscript(lines2) {
  let reader = new ConversationReader();
  for (let line of lines2) reader.read(typeof line == "string" ? Buffer.from(line) : line);
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
    line.type === "cost-state" && (this.#course.hasEnded = !0), line.type === "ai-title" && (this.#course.title = bounded2(textField(line, "aiTitle") ?? "").trim() || this.#course.title);
    let pullRequest = line.type === "pr-link" ? textField(line, "prUrl") : void 0;
    pullRequest !== void 0 && this.#work.linked(pullRequest), isOfConversation(line) && (this.#course.entrypoint = textField(line, "entrypoint") ?? this.#course.entrypoint, this.#course.startedAt ??= timeOf2(line.timestamp), this.#course.endedAt = line.timestamp ?? this.#course.endedAt, line.type === "assistant" ? this.#readAnswer(line) : line.type !== "system" ? this.#readUser(line) : this.#isNew(line) && this.#readSystem(line));
  }
  facts() {
    return {
      prompts: this.#prompts.map(({ text }) => text),
      lastAnswer: this.#course.lastAnswer,
      title: this.#course.title,
      recap: this.#prompts.slice(this.#course.recap.prompts).some(({ text }) => isSubstantial2(text)) ? null : this.#course.recap.text,
      summary: compactionSummary(this.#course.summary),
      promptsBeforeSummary: this.#course.promptsBeforeSummary,
      ...this.#work.facts(this.#prompts.map(({ text }) => text)),
      model: this.#course.model,
      startedAt: this.#course.startedAt,
      endedAt: timeOf2(this.#course.endedAt) ?? this.#course.startedAt,
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
        text && (this.#course.lastAnswer = bounded2(text));
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
    rewound !== -1 && this.#prompts.splice(rewound), this.#prompts.push({ text: bounded2(text, MAX_BEGINNING_CHARS2, MAX_END_CHARS3), parent }), this.#shorten(this.#prompts.length - 1 - MAX_LAST2);
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
  return bounded2(textField(line, "content") ?? "").trim().replace(/\((?:disable|turn off|configure)\b[^()]*\/config\)$/i, "").trim() || null;
}
function timeOf2(timestamp) {
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
var import_node_crypto3 = require("node:crypto"), import_node_fs10 = require("node:fs");

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
  if (!(head?.version === package_default.version && head.body === digest(body)) || textField(head, "transcript") !== identityOf(file, offset, readAt)) return null;
  let value = parseJson(body.toString());
  return isBody(value) ? { ...value, offset } : null;
}
function isBody(value) {
  return recordOf(value) !== void 0;
}
function writeCheckpoint(path, file, { offset, conversation, subagents: subagents2 }) {
  let transcript = identityOf(file, offset), body = `{"conversation":${conversation},"subagents":${JSON.stringify(subagents2)}}`;
  if (transcript === null) return;
  let head = { version: package_default.version, offset, transcript, body: digest(body) };
  body.length > MAX_CHARS ? removeFile(path) : writeLosableFile(path, `${JSON.stringify(head)}
${body}`);
}
function identityOf(file, offset, readAt = import_node_fs10.readSync) {
  try {
    let { ino, size } = (0, import_node_fs10.fstatSync)(file);
    if (!(offset <= size)) return null;
    let length = Math.min(SAME_BYTES, offset), parts = Buffer.alloc(2 * length);
    return readAt(file, parts, 0, length, 0), readAt(file, parts, length, length, offset - length), `${ino} ${digest(parts)}`;
  } catch {
    return null;
  }
}
function digest(content) {
  return (0, import_node_crypto3.createHash)("sha256").update(content).digest("hex");
}

// handover/reading/read-transcript.ts
var import_node_fs11 = require("node:fs"), CHUNK_BYTES = 256 * 1024, MAX_LINE_BYTES = 16 * 1024 * 1024, LINE_FEED = 10;
function* transcriptLines(path, isWanted, chunkBytes = CHUNK_BYTES) {
  let file = openTranscript(path);
  if (file !== null)
    try {
      let { rest } = yield* linesOf2(file, { ...isWanted && { isWanted }, chunkBytes });
      rest !== null && (yield rest);
    } finally {
      (0, import_node_fs11.closeSync)(file);
    }
}
function* linesOf2(file, { from = 0, isWanted = () => !0, chunkBytes = CHUNK_BYTES, readAt = import_node_fs11.readSync } = {}) {
  let offset = from;
  try {
    let position2 = from, left = (0, import_node_fs11.fstatSync)(file).size - from, chunk = Buffer.allocUnsafeSlow(Math.max(0, Math.min(chunkBytes, left))), kept = 0, isTooLong = !1;
    for (; left > 0; ) {
      let bytes = readAt(file, chunk, kept, Math.min(chunk.length - kept, left), position2);
      if (bytes === 0) break;
      left -= bytes, position2 += bytes;
      let end = kept + bytes, begin = 0;
      for (let feed = chunk.indexOf(LINE_FEED, kept); feed !== -1 && feed < end; feed = chunk.indexOf(LINE_FEED, begin))
        isTooLong ||= feed - begin > MAX_LINE_BYTES, !isTooLong && isWanted(chunk, begin, feed) && (yield chunk.subarray(begin, feed)), isTooLong = !1, begin = feed + 1, offset = position2 - (end - begin);
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
    let file = (0, import_node_fs11.openSync)(path, "r");
    if ((0, import_node_fs11.fstatSync)(file).isFile()) return file;
    (0, import_node_fs11.closeSync)(file);
  } catch {
  }
  return null;
}

// handover/reading/subagent-files.ts
var import_node_fs12 = require("node:fs"), import_node_path11 = require("node:path");
var MAX_BYTES = 8e6, MAX_TRANSCRIPTS = 50;
function readSubagents(transcriptPath, before) {
  let folder = (0, import_node_path11.join)(transcriptPath.replace(/\.jsonl$/, ""), "subagents"), left = MAX_BYTES;
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
    return (0, import_node_fs12.readdirSync)(folder, { recursive: !0 }).map(String).filter((name) => name.endsWith(".jsonl")).slice(0, MAX_TRANSCRIPTS).map((name) => ({ path: (0, import_node_path11.join)(folder, name), stat: (0, import_node_fs12.statSync)((0, import_node_path11.join)(folder, name)) })).sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs).map(({ path, stat }) => ({ path, bytes: stat.size, writtenAt: stat.mtimeMs }));
  } catch {
    return [];
  }
}

// handover/reading/facts-of-session.ts
function factsOfSession(transcriptPath, checkpointFile, readAt) {
  let file = openTranscript(transcriptPath);
  if (file === null) return NO_FACTS;
  try {
    let before = checkpointFile === null ? null : readCheckpoint(checkpointFile, file, readAt), reader = new ConversationReader(before?.conversation), lines2 = linesOf2(file, { from: before?.offset ?? 0, isWanted: mayHoldFacts, ...readAt && { readAt } }), next = lines2.next();
    for (; !next.done; next = lines2.next()) reader.read(next.value);
    let { offset, rest } = next.value, isNew = checkpointFile !== null && offset !== before?.offset, conversation = isNew ? JSON.stringify(reader.saved()) : "";
    rest !== null && reader.read(rest);
    let facts = reader.facts(), subagents2 = facts.subagents.length === 0 ? [] : readSubagents(transcriptPath, before?.subagents ?? []);
    return isNew && writeCheckpoint(checkpointFile, file, { offset, conversation, subagents: subagents2 }), withSubagents(facts, subagents2);
  } finally {
    (0, import_node_fs13.closeSync)(file);
  }
}

// handover/draft/keep-draft.ts
var import_prompt_weight4 = require("./read-session.cjs"), import_transcript_facts2 = require("./read-session.cjs");

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
  let earlier = readDraft(paths, session), read = transcriptPath === null ? import_transcript_facts2.NO_FACTS : factsOfSession(transcriptPath, losableFileOf(paths, session, "read")), lastAnswer = moment.lastAnswer ?? earlierAnswer(earlier, read), transcript = withAnswer(read, lastAnswer, moment.lastAnswer !== null), published = readPublication(paths, session), state = {
    policy: config.handover,
    prompts: transcript.prompts.filter((text, at) => at === 0 || at < ENOUGH_PROMPTS && (0, import_prompt_weight4.weightOf)(text) > 0).length,
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
