"use strict";

// client/text/old-node.ts
var NEEDED = "20.18.1";
function oldNodeSentence(version = process.versions.node) {
  let have = version.split(".").map(Number), needed = NEEDED.split(".").map(Number), differs = needed.findIndex((part, index) => part !== have[index]);
  return differs === -1 || Number(have[differs]) > Number(needed[differs]) ? null : `needs Node ${NEEDED} or newer; this is ${version}: https://nodejs.org`;
}

// hooks/require-node.ts
var sentence = oldNodeSentence();
if (sentence !== null) {
  let line = `Photon ${sentence}`;
  /session-start\.\w+$/.test(process.argv[1] ?? "") ? process.stdout.write(`${JSON.stringify({ systemMessage: line })}
`) : process.stderr.write(`${line}
`), process.exit(0);
}

// client/disk/private-file.ts
var import_node_crypto = require("crypto"), import_node_fs = require("fs"), import_node_path = require("path");

// contract/parse-json.ts
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return;
  }
}

// client/disk/disk-error.ts
function errorCode(error) {
  return error instanceof Error && "code" in error && typeof error.code == "string" ? error.code : void 0;
}

// client/disk/private-file.ts
function writePrivateFile(path, content, mayReplace = () => !0) {
  (0, import_node_fs.mkdirSync)((0, import_node_path.dirname)(path), { recursive: !0, mode: 448 }), requireReadable(path);
  let temporary = `${path}.${(0, import_node_crypto.randomBytes)(6).toString("hex")}.tmp`;
  try {
    let file = (0, import_node_fs.openSync)(temporary, "wx", 384);
    try {
      (0, import_node_fs.writeFileSync)(file, content), (0, import_node_fs.fsyncSync)(file);
    } finally {
      (0, import_node_fs.closeSync)(file);
    }
    return mayReplace() ? (replaceFile(temporary, path), syncFolder((0, import_node_path.dirname)(path)), !0) : ((0, import_node_fs.rmSync)(temporary, { force: !0 }), !1);
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
function writePrivateJson(path, value) {
  writePrivateFile(path, `${JSON.stringify(value, null, 2)}
`);
}
var FILE_VERSION = 1;
function readPrivateJson(path) {
  let file = readVersioned(path);
  return file.state === "whole" ? file.value : void 0;
}
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
    let code = errorCode(error) ?? "unknown error";
    return /^(?:ENOENT|ENOTDIR)$/.test(code) ? { state: "missing" } : { state: "unreadable", code };
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
      let file = (0, import_node_path.join)(folder, name);
      (0, import_node_fs.statSync)(file).mtimeMs < before && (0, import_node_fs.rmSync)(file, { force: !0 });
    }
  } catch {
  }
}
function textField(value, key) {
  var _a;
  let field = (_a = recordOf(value)) == null ? void 0 : _a[key];
  return typeof field == "string" ? field : void 0;
}
function numberField(value, key) {
  var _a;
  let field = (_a = recordOf(value)) == null ? void 0 : _a[key];
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
var import_node_crypto2 = require("crypto"), import_node_fs3 = require("fs"), import_node_os = require("os"), import_node_path2 = require("path");

// client/disk/is-running.ts
var import_node_fs2 = require("fs");
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
  let own = JSON.stringify({ pid: process.pid, host: (0, import_node_os.hostname)(), token: (0, import_node_crypto2.randomUUID)() }), start = performance.now(), holder = null, heldSince = start;
  for (quietly(() => (0, import_node_fs3.mkdirSync)((0, import_node_path2.dirname)(file), { recursive: !0, mode: 448 })); ; ) {
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
    let code = errorCode(error);
    return code === "EEXIST" || code === "EPERM" && process.platform === "win32" ? "busy" : "impossible";
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
    let code = errorCode(error);
    return !(code === "EACCES" || code === "EROFS" || code === "EPERM" && process.platform !== "win32");
  }
  return !0;
}
function isLeftOver(file, holder) {
  let content = parseJson(holder), pid = numberField(content, "pid");
  if (pid !== void 0 && textField(content, "host") === (0, import_node_os.hostname)()) return !isRunning(pid);
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

// client/disk/cache-file.ts
var MAX_WAIT_MS = 50;
function readCache({ cache }) {
  let file = readVersioned(cache), { v: _, ...content } = file.state === "whole" && recordOf(file.value) || {};
  return content;
}
function changeCache(paths, name, change) {
  let isSame = (before) => JSON.stringify(change(before)) === JSON.stringify(before);
  isSame(readCache(paths)[name]) || changeUnderLock(
    `${paths.cache}.lock`,
    () => readCache(paths),
    (before, mayReplace) => {
      if (isSame(before[name]) || readVersioned(paths.cache).state === "newer") return !0;
      let after = { v: 1, ...before, [name]: change(before[name]) };
      return writePrivateFile(paths.cache, `${JSON.stringify(after, null, 2)}
`, mayReplace);
    },
    MAX_WAIT_MS
  );
}

// client/bridge/backoff.ts
var MAX_PAUSE_MS = 5 * 6e4;
function mayRetry(paths, work, now = Date.now()) {
  var _a;
  let notBefore = numberField((_a = recordOf(readCache(paths).backoff)) == null ? void 0 : _a[work], "notBefore");
  return notBefore === void 0 || now >= notBefore || notBefore - now > 2 * MAX_PAUSE_MS;
}

// client/sessions/session-file.ts
var import_node_path3 = require("path");

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
    (0, import_node_path3.join)(paths.sessions, `${session}.lock`),
    () => find(paths, session).content,
    (_, mayReplace) => {
      let found = find(paths, session), after = changed(found, change);
      return after === null ? !0 : (found.file === null && removeOlderFiles(paths.sessions, /./, Date.now() - KEPT_MS), replace(filesOf(paths, session), found.file, after, mayReplace));
    },
    giveUpMs
  );
}
function openSessionIds(paths) {
  return sessionIds(paths, OPEN_FILE);
}
function sessionIds(paths, pattern = SESSION_FILE) {
  return [...new Set(namesIn(paths.sessions, pattern).map((name) => {
    var _a;
    return ((_a = pattern.exec(name)) == null ? void 0 : _a[1]) ?? "";
  }))];
}
var SESSION_FILE = /^([^+]+)(?:\+open)?\.json$/, OPEN_FILE = /^([^+]+)\+open\.json$/;
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
  return { open: (0, import_node_path3.join)(sessions, `${session}${OPEN}.json`), plain: (0, import_node_path3.join)(sessions, `${session}.json`) };
}

// client/sessions/session-state.ts
function readSession(paths, session) {
  let { told, unread, live, hookRanAt } = readSessionFile(paths, session), upTo = textField(told, "upTo");
  return {
    told: upTo === void 0 ? null : { upTo },
    unread: typeof unread == "number" ? unread : null,
    live: mailConnectionOf(live),
    hookRanAt: typeof hookRanAt == "number" ? hookRanAt : null
  };
}
function updateSession(paths, session, change) {
  changeSessionFile(paths, session, (before) => {
    let { told } = change, upTo = textField(before.told, "upTo"), both = told && upTo !== void 0 ? { told: laterAnnounced({ upTo }, told) } : {};
    return { ...before, ...change, ...both };
  });
}
function wasSessionKilled(paths, session) {
  return readSessionFile(paths, session).killed === !0;
}
function laterAnnounced(before, now) {
  return before !== null && before.upTo > now.upTo ? before : now;
}
function mailConnectionOf(value) {
  let how = textField(value, "how"), since = numberField(value, "since"), pid = numberField(value, "pid"), reader = textField(value, "reader"), workerUrl = textField(value, "workerUrl");
  if (since === void 0 || pid === void 0 || reader === void 0 || workerUrl === void 0) return null;
  let { hasMod } = recordOf(value) ?? {};
  return {
    how: how === "live" || how === "refused" ? how : "polling",
    since,
    pid,
    reader,
    workerUrl,
    hasMod: typeof hasMod == "boolean" ? hasMod : null
  };
}

// client/bridge/without-left-here.ts
function withoutLeftHere(summary, paths) {
  let { unread, handovers } = summary, groups = summary.groups.filter((group) => isLeftHere(group, paths) ? (unread -= group.unread, group.kind === "handover" && (handovers -= group.unread), !1) : !0);
  return Object.assign({}, summary, { unread, handovers, groups });
}
function isLeftHere({ kind, session, broadcast }, paths) {
  return kind !== "handover" || session === void 0 ? broadcast === !0 : !wasSessionKilled(paths, session);
}

// client/git/git-trouble.ts
var import_node_fs6 = require("fs");

// client/git/found-repository.ts
var import_node_fs4 = require("fs"), import_node_path4 = require("path");
var MAX_CONFIG_BYTES = 64 * 1024;
function findRepository(folder) {
  for (let at = realFolder(folder); ; at = (0, import_node_path4.dirname)(at)) {
    let gitFolder = gitFolderOf(at);
    if (gitFolder !== null) return repositoryWith(at, gitFolder);
    if (at === (0, import_node_path4.dirname)(at)) return null;
  }
}
function realFolder(folder) {
  try {
    return (0, import_node_fs4.realpathSync)(folder);
  } catch {
    return (0, import_node_path4.resolve)(folder);
  }
}
function gitFolderOf(root) {
  let entry = (0, import_node_path4.join)(root, ".git");
  try {
    if ((0, import_node_fs4.statSync)(entry).isDirectory()) return isMissing((0, import_node_path4.join)(entry, "HEAD")) ? null : entry;
  } catch (error) {
    return errorCode(error) === "EACCES" && (0, import_node_fs4.existsSync)(root) ? entry : null;
  }
  let [, path = ""] = /^gitdir: (.+)/.exec(readText(entry) ?? "") ?? [];
  return path === "" ? null : isLocal(path.trim()) ? (0, import_node_path4.resolve)(root, path.trim()) : entry;
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
  let common = commonFolder(gitFolder), config = readText((0, import_node_path4.join)(common, "config")), ofWorktree = config === null ? null : readText((0, import_node_path4.join)(gitFolder, "config.worktree")), isNormal = /[\\/]\.git$/.test(common);
  return { root, main: isNormal ? (0, import_node_path4.dirname)(common) : common, config: config && [config, ofWorktree ?? ""].join(`
`) };
}
function commonFolder(gitFolder) {
  var _a;
  let common = (_a = readText((0, import_node_path4.join)(gitFolder, "commondir"))) == null ? void 0 : _a.trim();
  return common && isLocal(common) ? (0, import_node_path4.resolve)(gitFolder, common) : (0, import_node_fs4.existsSync)(gitFolder) ? gitFolder : gitFolder.replace(/(?<=[\\/]\.git)[\\/]worktrees[\\/][^\\/]+$/, "");
}
function readText(file) {
  try {
    let { size } = (0, import_node_fs4.statSync)(file);
    return (0, import_node_fs4.statSync)(file).isFile() && size <= MAX_CONFIG_BYTES ? (0, import_node_fs4.readFileSync)(file, "utf8") : null;
  } catch {
    return null;
  }
}
var SECTION = /^\s*\[\s*([\w-]+)(?:\s+"((?:[^"\\]|\\.)*)"|\.([^\]\s]+))?\s*\]/;
function remoteIn(config) {
  let urls = /* @__PURE__ */ new Map(), remote = null;
  for (let line of config.split(/\r?\n/)) {
    let [head = "", section, quoted, dotted] = SECTION.exec(line) ?? [];
    if (section !== void 0) {
      let name = (quoted == null ? void 0 : quoted.replace(/\\(.)/g, "$1")) ?? dotted;
      remote = section.toLowerCase() === "remote" && name !== void 0 ? name : null;
    }
    let [, value] = /^\s*url\s*=(.*)$/i.exec(line.slice(head.length)) ?? [], url = value === void 0 ? "" : plainValue(value);
    remote !== null && url !== "" && !urls.has(remote) && urls.set(remote, url);
  }
  return urls.get("origin") ?? [...urls.values()][0] ?? null;
}
function hasIncludes(config) {
  return /^[ \t]*\[[ \t]*include(?:if)?\b/im.test(config);
}
function plainValue(text) {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|\\(.)|([#;].*$)|([^"\\#;]+)/g)].map(([, quoted, escaped, , plain]) => (quoted == null ? void 0 : quoted.replace(/\\(.)/g, "$1")) ?? escaped ?? plain ?? "").join("").trim();
}

// client/git/inert-git.ts
var import_node_child_process = require("child_process");

// client/git/git-call.ts
var import_node_fs5 = require("fs"), import_node_path5 = require("path"), SAFE = [
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
  var _a;
  let verb = verbOf(args), options = ((_a = SAFE_OPTIONS.find(([verbs]) => verbs.test(verb))) == null ? void 0 : _a[1]) ?? [], at = args.indexOf(verb) + 1;
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
  for (let folder of (process.env.PATH ?? "").split(import_node_path5.delimiter)) {
    let path = (0, import_node_path5.join)(folder, name);
    if ((0, import_node_path5.isAbsolute)(folder) && isProgram(path)) return path;
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
  for (let folder = (0, import_node_path5.resolve)(cwd); ; folder = (0, import_node_path5.dirname)(folder)) {
    if ((0, import_node_fs5.existsSync)((0, import_node_path5.join)(folder, ".git"))) return !1;
    if (["HEAD", "objects", "refs"].every((name) => (0, import_node_fs5.existsSync)((0, import_node_path5.join)(folder, name)))) return (0, import_node_path5.basename)(folder) !== ".git";
    if (folder === (0, import_node_path5.dirname)(folder)) return !1;
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
function inertGit(cwd, args) {
  if (!runsNoPrograms(args))
    throw new TypeError(`git ${verbOf(args)} is not allowed here: it may run programs that a folder names.`);
  try {
    return startAndWait(cwd, args, GIT_TIMEOUT_MS);
  } catch {
    return null;
  }
}
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

// client/git/git-trouble.ts
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

// contract/address.ts
var MACHINE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/, MESSAGE_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
function parseAddress(text) {
  let slash = text.indexOf("/"), machine = slash === -1 ? text : text.slice(0, slash), project = slash === -1 ? null : text.slice(slash + 1);
  return project !== null && !PROJECT_NAME.test(project) ? null : machine === "*" ? project === null ? null : { machine, project } : MACHINE_ID.test(machine) ? { machine, project } : null;
}
function isSameName(a, b) {
  return a.toLowerCase() === b.toLowerCase();
}

// client/disk/computer-id.ts
var import_node_fs7 = require("fs"), import_node_os2 = require("os");

// client/disk/sha256-hex.ts
var import_node_crypto3 = require("crypto");
function sha256Hex(content) {
  return (0, import_node_crypto3.createHash)("sha256").update(content).digest("hex");
}

// client/disk/computer-id.ts
function thisComputer() {
  return { id: computerId(), host: (0, import_node_os2.hostname)() };
}
var known;
function computerId() {
  return known === void 0 && (known = idIn("/etc/machine-id")), known;
}
function idIn(file) {
  try {
    let text = (0, import_node_fs7.readFileSync)(file, "utf8").trim();
    return /^[0-9a-f]{32}$/.test(text) ? sha256Hex(`photon ${text}`).slice(0, 8) : null;
  } catch {
    return null;
  }
}

// client/settings/installation.ts
var import_node_crypto4 = require("crypto"), import_node_fs9 = require("fs"), import_node_path8 = require("path");

// client/settings/identity.ts
var import_node_fs8 = require("fs"), import_node_os4 = require("os"), import_node_path7 = require("path");

// client/disk/user-folders.ts
var import_node_os3 = require("os"), import_node_path6 = require("path");
function homeFolder() {
  try {
    return (0, import_node_path6.isAbsolute)((0, import_node_os3.homedir)()) ? (0, import_node_os3.homedir)() : NO_HOME;
  } catch {
    return NO_HOME;
  }
}
function workingFolder(env) {
  try {
    return process.cwd();
  } catch {
    return env.PWD && (0, import_node_path6.isAbsolute)(env.PWD) ? env.PWD : homeFolder();
  }
}
var NO_HOME = (0, import_node_path6.join)(import_node_os3.devNull, "no-home");
function userFolders(env, platform = process.platform, home = homeFolder()) {
  if (platform === "darwin") {
    let library = (0, import_node_path6.join)(home, "Library");
    return { config: (0, import_node_path6.join)(library, "Preferences", NAME), data: (0, import_node_path6.join)(library, "Application Support", NAME) };
  }
  if (platform === "win32") {
    let roaming = absolute(env.APPDATA) ?? (0, import_node_path6.join)(home, "AppData", "Roaming"), local = absolute(env.LOCALAPPDATA) ?? (0, import_node_path6.join)(home, "AppData", "Local");
    return { config: (0, import_node_path6.join)(roaming, NAME, "Config"), data: (0, import_node_path6.join)(local, NAME, "Data") };
  }
  return {
    config: (0, import_node_path6.join)(absolute(env.XDG_CONFIG_HOME) ?? (0, import_node_path6.join)(home, ".config"), NAME),
    data: (0, import_node_path6.join)(absolute(env.XDG_DATA_HOME) ?? (0, import_node_path6.join)(home, ".local", "share"), NAME)
  };
}
var NAME = "photon";
function absolute(path) {
  return path && (0, import_node_path6.isAbsolute)(path) ? path : null;
}

// client/settings/identity.ts
function machineFromHost(host = (0, import_node_os4.hostname)()) {
  let label = host.split(".")[0] ?? "";
  return sanitized(label.normalize("NFKD").replace(/[^\w.-]+/g, "-"), 63) ?? "machine";
}
var NO_MEMORY = { note: () => {
}, known: () => null };
function projectOf(folder, memory = NO_MEMORY) {
  let path = (0, import_node_path7.resolve)(folder), remembered = ofDeleted(path, memory);
  if (remembered !== null) return remembered;
  let repository = findRepository(path);
  if (repository === null)
    return path === (0, import_node_path7.resolve)(homeFolder()) || path === (0, import_node_path7.parse)(path).root ? null : projectFromPath(path);
  let { root, main, config } = repository, isUnsure = config === null || hasIncludes(config), remote = (config && remoteIn(config)) ?? (isUnsure ? remoteByGit(path) : null), named = remote === null ? null : projectFromRemote(remote), project = named ?? (isUnsure ? memory.known(root) : null) ?? projectFromPath(main);
  return project !== null && (named !== null || !isUnsure) && memory.note(root, project), project;
}
function ofDeleted(path, memory) {
  for (let at = path; !(0, import_node_fs8.existsSync)(at) && at !== (0, import_node_path7.dirname)(at); at = (0, import_node_path7.dirname)(at)) {
    let project = memory.known(at);
    if (project !== null) return project;
  }
  return null;
}
function remoteByGit(folder) {
  let remotes = (inertGit(folder, ["config", "-z", "--get-regexp", "^remote\\..*\\.url$"]) ?? "").split("\0").filter((line) => line.includes(`
`)), chosen = remotes.find((line) => line.startsWith(`remote.origin.url
`)) ?? remotes[0];
  return chosen === void 0 ? null : chosen.slice(chosen.indexOf(`
`) + 1);
}
var MAX_URL_CHARS = 4096;
function projectFromRemote(url) {
  var _a;
  let path = url.slice(0, MAX_URL_CHARS).trim().replace(/[?#].*$/, "");
  return ((_a = projectFromPath(path.replace(/[\\/]+$/, "").replace(/\.git$/i, ""))) == null ? void 0 : _a.toLowerCase()) ?? null;
}
function projectFromPath(path) {
  let last = path.split(/[\\/:]/).filter(Boolean).at(-1) ?? "";
  if (!/[^ -~]/.test(last)) return sanitized(last, 100);
  let composed = last.normalize("NFC").toLowerCase().normalize("NFC"), hash = sha256Hex(composed).slice(0, 8);
  return `${sanitized(last.normalize("NFKD").replace(ACCENTS, ""), 91) ?? "project"}-${hash}`;
}
var ACCENTS = /[\u0300-\u036f]/g;
function sanitized(text, maxChars) {
  let name = text.normalize("NFKD").replace(/[^\w. -]+/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, maxChars).replace(/[ -]+$/, "");
  return PROJECT_NAME.test(name) ? name : null;
}

// client/settings/installation.ts
function readInstallation(paths, now = Date.now(), computer = thisComputer()) {
  return presentInstallation(paths, computer) ?? create(paths, now, computer);
}
function presentInstallation({ installation }, computer = thisComputer()) {
  let file = fileOf(installation, computer), found = parse2(readPrivateJson(file), computer);
  return found !== null && found.inode === inodeOf(file) ? found : null;
}
function parse2(file, { host }) {
  var _a;
  let id = textField(file, "id"), createdAt = numberField(file, "createdAt");
  if (id === void 0 || !/^[0-9a-f]{8}$/.test(id) || createdAt === void 0) return null;
  let written = textField(file, "name") ?? "", name = MACHINE_ID.test(written) ? written : machineFromHost(host);
  return { id, createdAt, name, isCopy: ((_a = recordOf(file)) == null ? void 0 : _a.isCopy) === !0, inode: textField(file, "inode") ?? null };
}
function fileOf(installation, { id }) {
  return id === null ? installation : installation.replace(/\.json$/, `.${id}.json`);
}
function inodeOf(file) {
  try {
    return String((0, import_node_fs9.statSync)(file, { bigint: !0 }).ino);
  } catch {
    return null;
  }
}
function create(paths, now, computer) {
  let file = fileOf(paths.installation, computer), draft = `${file}.${(0, import_node_crypto4.randomBytes)(6).toString("hex")}.tmp`;
  try {
    (0, import_node_fs9.mkdirSync)((0, import_node_path8.dirname)(file), { recursive: !0, mode: 448 });
    let handle = (0, import_node_fs9.openSync)(draft, "wx", 384);
    try {
      let inode = String((0, import_node_fs9.fstatSync)(handle, { bigint: !0 }).ino);
      (0, import_node_fs9.writeFileSync)(handle, JSON.stringify({ v: 1, ...firstContent(paths, now, computer), inode }));
    } finally {
      (0, import_node_fs9.closeSync)(handle);
    }
    (0, import_node_fs9.existsSync)(file) ? replaceUseless(file, draft, () => presentInstallation(paths, computer) !== null) : (0, import_node_fs9.linkSync)(draft, file);
  } catch {
  }
  return (0, import_node_fs9.existsSync)(draft) && (0, import_node_fs9.rmSync)(draft, { force: !0 }), presentInstallation(paths, computer);
}
function replaceUseless(file, draft, isUseful) {
  changeUnderLock(`${file}.lock`, isUseful, (isDone, mayReplace) => isDone ? !0 : mayReplace() ? ((0, import_node_fs9.rmSync)(file, { force: !0 }), (0, import_node_fs9.linkSync)(draft, file), !0) : !1);
}
function firstContent({ installation }, now, computer) {
  let ofOthers = namesIn((0, import_node_path8.dirname)(installation), /^installation\.[0-9a-f]{8}\.json$/), earlier = parse2(
    readPrivateJson(ofOthers.length === 0 ? installation : fileOf(installation, computer)),
    computer
  );
  if (earlier !== null && earlier.inode === null) return { ...earlier, name: machineFromHost(computer.host) };
  let isCopy = earlier !== null || ofOthers.length > 0, name = (computer.id !== null && ofOthers.length > 0 ? earlier == null ? void 0 : earlier.name : void 0) ?? machineFromHost(computer.host);
  return { id: (0, import_node_crypto4.randomBytes)(4).toString("hex"), createdAt: now, name, isCopy };
}

// client/machines/machines-cache.ts
function readMachines(paths) {
  let file = recordOf(readCache(paths).machines), fetchedAt = numberField(file, "fetchedAt");
  return fetchedAt === void 0 ? null : { fetchedAt, machines: listOf(file == null ? void 0 : file.machines).flatMap(machineOf) };
}
function machineOf(value) {
  var _a, _b;
  let machine = textField(value, "machine"), seenAt = textField(value, "seenAt");
  if (machine === void 0 || seenAt === void 0) return [];
  let installations = listOf((_a = recordOf(value)) == null ? void 0 : _a.installations).flatMap((each) => {
    let id = textField(each, "id"), seenAt2 = textField(each, "seenAt");
    return id === void 0 || seenAt2 === void 0 ? [] : [{ id, seenAt: seenAt2 }];
  }), formerNames = listOf((_b = recordOf(value)) == null ? void 0 : _b.formerNames).filter((each) => typeof each == "string"), mailSince = textField(value, "mailSince");
  return [
    {
      machine,
      seenAt,
      ...mailSince !== void 0 && { mailSince },
      ...formerNames.length > 0 && { formerNames },
      ...installations.length > 0 && { installations }
    }
  ];
}
function listOf(value) {
  return Array.isArray(value) ? value : [];
}

// client/machines/name-clash.ts
var COPY_REPORTED_MS = 10080 * 60 * 1e3;
function nameClash(paths, name, now = Date.now(), computer = thisComputer()) {
  var _a, _b;
  let own = presentInstallation(paths, computer);
  return own === null ? null : (((_b = (((_a = readMachines(paths)) == null ? void 0 : _a.machines) ?? []).find(({ machine }) => isSameName(machine, name))) == null ? void 0 : _b.installations) ?? []).some(({ id, seenAt }) => id !== own.id && Date.parse(seenAt) > own.createdAt) ? `another computer is also named "${name}". ${remedy(paths)}` : own.isCopy && Math.abs(now - own.createdAt) < COPY_REPORTED_MS ? `Photon's files here are a copy from another computer, or shared with one. If that is in use, another computer is also named "${name}". ${remedy(paths)}` : null;
}
function clashReminder(paths) {
  var _a;
  return `name-clash-${((_a = presentInstallation(paths)) == null ? void 0 : _a.id) ?? ""}`;
}
function remedy(paths) {
  var _a;
  let keys = recordOf((_a = recordOf(readPrivateJson(paths.keys))) == null ? void 0 : _a.keys) ?? {};
  return Object.keys(keys).length > 0 ? "On one of them, delete keys.json, then join again with `photon join` under another name (--machine)." : "Rename one of them with `photon setup`.";
}

// client/text/names.ts
function addressName(address, own) {
  let { machine, project } = parseAddress(address) ?? { machine: "", project: null };
  return machine === "" ? UNUSABLE_NAME : project === null ? machine : own !== null && isSameName(project, own) ? `${machine}/${own}` : machine === "*" ? "another project" : `${machine} in another project`;
}
var UNUSABLE_NAME = "a machine with an unusable name";

// client/mail/outbox-folder.ts
var import_node_path9 = require("path");
var WAITING = /^\d{13}-[^.]+\.json$/, REFUSED = /^\d{13}-[^.]+\.refused\.json$/;
function outboxLength(paths, workerUrl) {
  let bridgeOf = (name) => textField(readPrivateJson((0, import_node_path9.join)(paths.outbox, name)), "workerUrl") ?? workerUrl;
  return namesIn(paths.outbox, WAITING).filter((name) => [null, bridgeOf(name)].includes(workerUrl)).length;
}
function readFailed(paths) {
  return namesIn(paths.outbox, REFUSED).flatMap((name) => {
    let file = (0, import_node_path9.join)(paths.outbox, name), entry = readPrivateJson(file), reason = textField(entry, "reason");
    if (reason === void 0) return [];
    let { draft, toldAt } = recordOf(entry) ?? {}, failedAt = numberField(entry, "failedAt") ?? 0, queuedAt = numberField(entry, "queuedAt") ?? failedAt, workerUrl = textField(entry, "workerUrl") ?? null;
    return [{ file, queuedAt, workerUrl, failedAt, reason, isReported: toldAt !== void 0, draft }];
  });
}
function noteFailureTold({ file }, now = Date.now()) {
  try {
    let entry = recordOf(readPrivateJson(file));
    entry && writePrivateJson(file, { ...entry, toldAt: now });
  } catch {
  }
}

// client/mail/failure-line.ts
function unreportedFailures(paths) {
  return readFailed(paths).filter(({ isReported }) => !isReported);
}
function failureLine(failed, project) {
  let last = failed.at(-1), to = textField(last == null ? void 0 : last.draft, "to"), name = to === void 0 ? "everyone" : addressName(to, project), more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
  return `Photon: a message to ${name}${more} could not be delivered: ${last == null ? void 0 : last.reason} See \`photon failed\`.`;
}

// client/mail/receipts.ts
var import_node_path10 = require("path");
function readReceipts(paths, workerUrl, reader) {
  let shown = /* @__PURE__ */ new Set(), read = /* @__PURE__ */ new Set(), taken = /* @__PURE__ */ new Set(), undone = /* @__PURE__ */ new Set(), files = [], since = null;
  for (let name of namesIn(paths.outbox, NAME2)) {
    let file = (0, import_node_path10.join)(paths.outbox, name), record = recordOf(readPrivateJson(file));
    if (!record || record.workerUrl !== (workerUrl ?? record.workerUrl) || record.reader !== reader && (record.computer ?? computerId()) !== computerId()) continue;
    files.push(file);
    let at = numberField(record, "at") ?? 0;
    since = since === null ? at : Math.min(since, at);
    for (let id of idsOf(record.shown)) shown.add(id);
    for (let id of idsOf(record.read)) read.add(id);
    for (let id of idsOf(record.taken)) taken.add(id);
    for (let id of idsOf(record.undone))
      read.delete(id), taken.delete(id), undone.add(id);
    for (let id of [...idsOf(record.read), ...idsOf(record.taken)]) undone.delete(id);
  }
  return { files, shown: [...shown], read: [...read], taken: [...taken], undone: [...undone], since };
}
function queuedReadIds(paths, workerUrl, reader) {
  let { read, taken } = readReceipts(paths, workerUrl, reader);
  return /* @__PURE__ */ new Set([...read, ...taken]);
}
function hasReceipts(paths, workerUrl, reader) {
  return readReceipts(paths, workerUrl, reader).files.length > 0;
}
function idsOf(value) {
  return Array.isArray(value) ? value.filter((id) => typeof id == "string" && ID.test(id)) : [];
}
var ID = new RegExp(`^${MESSAGE_ID}$`), NAME2 = /^\d{13}-[0-9a-f]+\.receipt\.json$/;

// client/sessions/reminder.ts
function isReminderDue(paths, name, everyMs, now = Date.now()) {
  let saidAt = numberField(readCache(paths).reminders, name);
  return saidAt === void 0 || Math.abs(now - saidAt) >= everyMs;
}
function noteReminder(paths, name, now = Date.now()) {
  try {
    changeCache(paths, "reminders", (before) => ({ ...recordOf(before), [name]: now }));
  } catch {
  }
}

// client/disk/paths.ts
var import_node_os5 = require("os"), import_node_path11 = require("path");
function photonPaths(env) {
  let home = env.PHOTON_HOME && photonHome(env.PHOTON_HOME), { config, data } = home ? { config: home, data: home } : userFolders(env);
  return {
    config: (0, import_node_path11.join)(config, "config.json"),
    keys: (0, import_node_path11.join)(config, "keys.json"),
    bridgeKey: (0, import_node_path11.join)(config, "bridge-key"),
    trust: (0, import_node_path11.join)(config, "trust.json"),
    machineList: (0, import_node_path11.join)(data, "machine-list.json"),
    numbers: (0, import_node_path11.join)(data, "numbers"),
    outbox: (0, import_node_path11.join)(data, "outbox"),
    sessions: (0, import_node_path11.join)(data, "sessions"),
    log: (0, import_node_path11.join)(data, "log"),
    leases: (0, import_node_path11.join)(data, "leases"),
    cache: (0, import_node_path11.join)(data, "cache.json"),
    installation: (0, import_node_path11.join)(data, "installation.json")
  };
}
function photonHome(text) {
  let path = text.replace(/^~(?=$|[\\/])/, () => homeFolder());
  return (0, import_node_path11.isAbsolute)(path) ? path : NOWHERE;
}
var NOWHERE = (0, import_node_path11.join)(import_node_os5.devNull, "photon-home");
function isNowhere(file) {
  return file.startsWith(NOWHERE);
}

// client/settings/known-projects.ts
var MAX_FOLDERS = 100;
function noteProject(paths, root, project) {
  if (knownProject(paths, root) !== project)
    try {
      changeCache(paths, "projects", (before) => {
        let { [root]: _, ...others } = recordOf(before) ?? {};
        return Object.fromEntries([...Object.entries(others).slice(1 - MAX_FOLDERS), [root, project]]);
      });
    } catch {
    }
}
function knownProject(paths, root) {
  return textField(readCache(paths).projects, root) ?? null;
}

// client/settings/policies.ts
var HANDOVER_POLICIES = ["auto", "written", "draft", "off"];
var CAPSULE_POLICIES = ["encrypted", "explicit", "auto", "off"], CONVERSATION_POLICIES = ["off", "auto"];

// client/settings/settings.ts
var SETTINGS = {
  workerUrl: [
    "BRIDGE_WORKER_URL",
    "workerUrl",
    webAddress,
    (place) => `The bridge's address from ${place} is not a web address.`,
    () => null
  ],
  apiKey: [
    "BRIDGE_API_KEY",
    "apiKey",
    (text) => matching(text, /^[\x21-\x7e]+$/),
    (place) => `The key from ${place} has characters that are invalid.`,
    () => null
  ],
  machine: [
    "BRIDGE_MACHINE_ID",
    "machineId",
    (text) => matching(text, MACHINE_ID),
    (place) => `The machine name from ${place} may have only letters, digits, ".", "_" and "-".`,
    () => machineFromHost()
  ],
  project: [
    "BRIDGE_PROJECT",
    null,
    (text) => matching(text, PROJECT_NAME),
    () => 'BRIDGE_PROJECT may have only letters, digits, spaces, ".", "_" and "-".',
    (_, folder, memory) => projectOf(folder, memory)
  ],
  handover: [
    "PHOTON_HANDOVER",
    "handover",
    (text) => oneOf(text, HANDOVER_POLICIES),
    (place) => `The handover policy from ${place} must be ${HANDOVER_POLICIES.join(", ")}.`,
    (isUnclear) => isUnclear ? "draft" : "auto"
  ],
  capsule: [
    "PHOTON_CAPSULE",
    "capsule",
    (text) => oneOf(text, CAPSULE_POLICIES),
    (place) => `The capsule policy from ${place} must be ${CAPSULE_POLICIES.join(", ")}.`,
    (isUnclear) => isUnclear ? "off" : "encrypted"
  ],
  conversation: [
    "PHOTON_CONVERSATION",
    "conversation",
    (text) => oneOf(text, CONVERSATION_POLICIES),
    (place) => `The conversation policy from ${place} must be ${CONVERSATION_POLICIES.join(" or ")}.`,
    () => "off"
  ]
};
function findSetting(name, { env, file, isFileUnknown, folder, memory }) {
  let [variable, field, parse3, problem, otherwise] = SETTINGS[name], places = [
    ["environment", env[variable]],
    ["config file", field === null ? void 0 : textField(file, field)]
  ].flatMap(([source, text]) => text != null && text.trim() ? [{ source, value: parse3(text.trim()) }] : []), [first] = places;
  return {
    value: (first == null ? void 0 : first.value) ?? otherwise(isFileUnknown || !!first, folder, memory),
    source: (first == null ? void 0 : first.source) ?? "default",
    places,
    problem: (first == null ? void 0 : first.value) === null ? { code: name, sentence: problem(`the ${first.source}`) } : null
  };
}
function matching(text, pattern) {
  return pattern.test(text) ? text : null;
}
function oneOf(text, values) {
  return values.find((value) => value === text) ?? null;
}
function webAddress(text) {
  if (!URL.canParse(text)) return null;
  let url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.search === "" ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : null;
}

// client/settings/settings-file.ts
var import_node_fs10 = require("fs");
function readSettingsFile(path) {
  if (isNowhere(path)) return { value: {}, problem: RELATIVE_HOME, isDamaged: !1 };
  let read = readJson(path), unusable = (why, isDamaged = !1) => ({ value: {}, problem: `${path} ${why}.`, isDamaged });
  switch (read.state) {
    case "missing":
      return isDeadLink(path) ? unusable("is a link to a file that does not exist") : { value: {}, problem: null, isDamaged: !1 };
    case "damaged":
      return unusable("is not valid JSON", !0);
    case "unreadable":
      return unusable(`cannot be read (${read.code})${whyUnreadable(path, read.code)}`);
    case "whole": {
      let value = recordOf(read.value);
      return value ? { value, problem: null, isDamaged: !1 } : unusable("is not a JSON object", !0);
    }
  }
}
var RELATIVE_HOME = "PHOTON_HOME must be an absolute path or begin with ~/, so nothing is read or written.";
function isDeadLink(path) {
  try {
    return (0, import_node_fs10.lstatSync)(path).isSymbolicLink();
  } catch {
    return !1;
  }
}
function whyUnreadable(path, code) {
  var _a;
  if (code === "EISDIR") return ": it is a folder";
  if (code !== "EACCES" && code !== "EPERM") return "";
  let own = (_a = process.getuid) == null ? void 0 : _a.call(process);
  try {
    return own === void 0 || (0, import_node_fs10.statSync)(path).uid === own ? "" : ": it belongs to another user";
  } catch {
    return ": its folder belongs to another user";
  }
}

// client/settings/config.ts
function loadConfig({ env, paths, folder, computer = thisComputer() }) {
  let file = readSettingsFile(paths.config), places = { env, folder, file: file.value, isFileUnknown: file.problem !== null, memory: memoryIn(paths) }, find2 = (name) => findSetting(name, places), address = find2("workerUrl"), key = find2("apiKey"), machine = find2("machine"), project = find2("project"), handover = find2("handover"), capsule = find2("capsule"), conversation = find2("conversation"), [url] = address.places, [ownKey] = key.places, ofKey = address.places.find(({ source }) => source === (ownKey == null ? void 0 : ownKey.source)), isForeign = url && ownKey && (ofKey ? ofKey.value !== url.value : url.source !== "config file"), problems = [address, key, machine, project, handover, capsule, conversation].flatMap(({ problem }) => problem ?? []);
  if (isForeign) {
    let sentence2 = `The address comes from the ${url.source}, the key from the ${ownKey.source}: nothing is sent. Set both together.`;
    problems.push({ code: "pair", sentence: sentence2 });
  }
  let isElsewhere = url && ownKey && machine.source !== "default" && !isNowhere(paths.config);
  return file.problem !== null && !isElsewhere && problems.push({ code: "file", sentence: file.problem }), {
    workerUrl: address.value,
    apiKey: isForeign ? null : key.value,
    machine: machine.source === "default" ? keptName(paths, url && ownKey ? "use" : "look", computer) : machine.value,
    project: project.value,
    handover: handover.value,
    capsule: capsule.value,
    conversation: conversation.value,
    sources: {
      workerUrl: address.source,
      apiKey: key.source,
      machine: machine.source,
      project: project.source,
      handover: handover.source,
      capsule: capsule.source,
      conversation: conversation.source
    },
    problems
  };
}
function keptName({ installation }, why, computer) {
  if (installation === void 0) return machineFromHost(computer.host);
  let kept = why === "use" ? readInstallation({ installation }, Date.now(), computer) : presentInstallation({ installation }, computer);
  return (kept == null ? void 0 : kept.name) ?? machineFromHost(computer.host);
}
function memoryIn({ cache }) {
  if (cache !== void 0)
    return {
      note: (root, project) => noteProject({ cache }, root, project),
      known: (root) => knownProject({ cache }, root)
    };
}
function isSetUp(config) {
  return config.workerUrl !== null && config.apiKey !== null && config.problems.length === 0;
}
function whatIsMissing(config) {
  return config.problems.length > 0 ? config.problems.map(({ sentence: sentence2 }) => sentence2).join(" ") : config.workerUrl === null && config.apiKey === null ? "This machine has no bridge: it was never connected to one, or it has left (`photon leave`)." : `This machine does not know ${[
    ...config.workerUrl === null ? ["the bridge's address (BRIDGE_WORKER_URL)"] : [],
    ...config.apiKey === null ? ["the key (BRIDGE_API_KEY)"] : []
  ].join(" and ")}.`;
}

// handover/draft/open-sessions.ts
var import_node_fs11 = require("fs"), import_node_os6 = require("os");
var MAX_AGE_MS = 336 * 60 * 60 * 1e3, IDLE_MS = 1440 * 60 * 1e3, TOLERANCE_MS = 6e4;
function noteOpen(paths, { session, ...open }) {
  changeSessionFile(paths, session, ({ killed: _, ...before }) => ({ ...before, open }));
}
function forgetOpen(paths, session) {
  changeSessionFile(paths, session, ({ open: _, ...others }) => others);
}
function readOpen(paths, session) {
  let { open } = readSessionFile(paths, session), seenAt = numberField(open, "seenAt");
  if (seenAt === void 0) return null;
  let { isDue, hasEnded, isFinal } = recordOf(open) ?? {};
  return {
    session,
    seenAt,
    isDue: isDue === !0,
    hasEnded: hasEnded === !0,
    pid: numberField(open, "pid") ?? 0,
    transcriptPath: textField(open, "transcriptPath") ?? "",
    folder: textField(open, "folder") ?? "",
    ...isFinal === !0 && { isFinal }
  };
}
function openSessions(paths, now) {
  let all = openSessionIds(paths).flatMap((session) => readOpen(paths, session) ?? []), isOld = ({ seenAt }) => Math.abs(now - seenAt) > MAX_AGE_MS;
  for (let { session } of all.filter(isOld)) forgetOpen(paths, session);
  return all.filter((each) => !isOld(each));
}
function wasKilled({ pid, seenAt, transcriptPath }, now, upMs = (0, import_node_os6.uptime)() * 1e3) {
  return seenAt < now - upMs - TOLERANCE_MS || !isRunning(pid) ? !0 : Math.max(seenAt, writtenAt(transcriptPath)) < now - IDLE_MS;
}
function writtenAt(file) {
  try {
    return (0, import_node_fs11.statSync)(file).mtimeMs;
  } catch {
    return 0;
  }
}

// handover/resume/may-be-undone.ts
var import_node_fs13 = require("fs");

// client/git/git.ts
var MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

// client/disk/line-log.ts
var import_node_fs12 = require("fs"), import_node_path12 = require("path");
var FULL_BYTES = 128 * 1024;
var FILE = /^(\d{9})\.txt$/;
function readLines(folder) {
  return fileNumbers(folder).flatMap((number) => linesIn(folder, number));
}
function fileNumbers(folder) {
  return namesIn(folder, FILE).map((name) => {
    var _a;
    return Number((_a = FILE.exec(name)) == null ? void 0 : _a[1]);
  });
}
function linesIn(folder, number) {
  try {
    return (0, import_node_fs12.readFileSync)(fileOf2(folder, number), "utf8").split(`
`);
  } catch {
    return [];
  }
}
function fileOf2(folder, number) {
  return (0, import_node_path12.join)(folder, `${String(number).padStart(9, "0")}.txt`);
}

// client/mail/mail-log.ts
var ID_AND_TIME = new RegExp(`^(${MESSAGE_ID}) (\\d{13})$`), KINDS = {
  /** A message that was shown here. */
  shown: ID_AND_TIME,
  /** A message that the bridge acknowledged, as JSON. */
  sent: /^(\{.+\})$/,
  /** A message's id, and how many agents' messages follow a person's in its thread. */
  hops: new RegExp(`^(${MESSAGE_ID}) (\\d{7})$`),
  /** A handover that the person declined here. */
  declined: ID_AND_TIME,
  /** Where a handover was applied, as JSON. */
  resumed: /^(\{.+\})$/
};
function readLog(paths, kind) {
  let prefix = `${kind} `;
  return readLines(paths.log).flatMap((line) => {
    let parts = line.startsWith(prefix) ? KINDS[kind].exec(line.slice(prefix.length)) : null;
    return parts === null ? [] : [parts];
  });
}

// handover/resume/resumed-here.ts
var MAX_AGE_MS2 = 720 * 60 * 60 * 1e3;
function resumedHere(paths, now = Date.now()) {
  let young = readLog(paths, "resumed").flatMap(([, line = ""]) => parseLine(line) ?? []).filter(({ at }) => Math.abs(now - at) < MAX_AGE_MS2);
  return [...new Map(young.map((work) => [`${work.id} ${work.folder}`, work])).values()];
}
function parseLine(line) {
  let value = parseJson(line), id = textField(value, "id"), at = numberField(value, "at"), root = textField(value, "root"), folder = textField(value, "folder");
  if (id === void 0 || at === void 0 || root === void 0 || folder === void 0) return null;
  let { files, contents, isUndone: wasUndone } = recordOf(value) ?? {};
  return {
    id,
    at,
    root,
    folder,
    branch: textField(value, "branch") ?? null,
    isUndone: wasUndone === !0,
    gitFolder: textField(value, "gitFolder") ?? null,
    tip: textField(value, "tip") ?? null,
    files: Array.isArray(files) ? files.filter((path) => typeof path == "string") : [],
    contents: Array.isArray(contents) ? contents.map((each) => typeof each == "string" ? each : null) : []
  };
}

// handover/resume/may-be-undone.ts
function mayBeUndone(paths) {
  return resumedHere(paths).some(
    ({ isUndone: isUndone2, branch, folder, gitFolder }) => !isUndone2 && (branch === null || !(gitFolder === null || (0, import_node_fs13.existsSync)(gitFolder) || (0, import_node_fs13.existsSync)(folder)))
  );
}

// hooks/load-parts.ts
var import_node_module = require("module");
function loadAskBridge() {
  return (0, import_node_module.createRequire)(__filename)("./ask-bridge.cjs");
}

// hooks/open-session.ts
function openSessionOf({ event, paths, env, folder }, change = {}) {
  var _a;
  let { session, transcriptPath } = event;
  if (session === null) return null;
  let isDue = ((_a = readOpen(paths, session)) == null ? void 0 : _a.isDue) ?? !1;
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

// client/settings/session-folder.ts
var import_node_fs14 = require("fs");
function sessionFolder(cwd, projectFolder) {
  let [first = null, ...others] = [cwd, projectFolder].filter((each) => !!each && (0, import_node_fs14.existsSync)(each)), [project] = others;
  return cwd !== null && first === cwd && project !== void 0 && !isWorkTreeOf(cwd, project) ? project : first ?? (cwd || projectFolder || null);
}
function isWorkTreeOf(folder, project) {
  let [its, projects] = [findRepository(folder), findRepository(project)];
  return its !== null && (projects === null || its.main === projects.main);
}

// hooks/hook-event.ts
function parseHookEvent(stdin, env) {
  let input = recordOf(parseJson(stdin.replace(/^\uFEFF/, ""))), field = (key) => textField(input, key) || null;
  return {
    event: {
      name: field("hook_event_name"),
      session: field("session_id") ?? (env.CLAUDE_CODE_SESSION_ID || null),
      transcriptPath: field("transcript_path"),
      cwd: field("cwd"),
      agent: field("agent_id"),
      lastAnswer: field("last_assistant_message"),
      source: field("source"),
      reason: field("reason")
    },
    isReadable: input !== void 0
  };
}

// hooks/run-hook.ts
var STDIN_WAIT_MS = 300, MAX_STDIN_BYTES = 16 * 1024 * 1024, MAX_COMPLAINT_CHARS = 300;
async function runHook({ budgetMs }, handler) {
  let complaint = null, complain = (text) => {
    complaint ?? (complaint = text);
  }, callbacks = [], isEnding = !1, end = (output) => {
    isEnding || (isEnding = !0, writeThen("stdout", output && `${JSON.stringify(output)}
`, (isWritten) => {
      if (isWritten) for (let callback of callbacks) run(callback);
      writeThen("stderr", complaint && `Photon: ${oneLine(complaint)}
`, () => process.exit(0));
    }));
  }, run = (callback) => {
    try {
      callback();
    } catch (error) {
      complain(`the state of this session could not be saved: ${error}`);
    }
  }, fail = (error) => {
    complain(error instanceof Error ? error.message : String(error)), end(null);
  }, remainingMs = () => Math.max(0, Math.floor(budgetMs - performance.now()));
  setTimeout(() => {
    isEnding && process.exit(0), complain(`the hook was stopped after ${budgetMs} ms.`), end(null);
  }, remainingMs()), process.on("uncaughtException", fail);
  for (let signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => end(null));
  try {
    let env = process.env, { event, isReadable } = parseHookEvent(await readStdin(), env);
    isReadable || complain("the client's input to the hook could not be read.");
    let paths = photonPaths(env), folder = sessionFolder(event.cwd, env.CLAUDE_PROJECT_DIR) ?? workingFolder(env), config = loadConfig({ env, paths, folder });
    end(await handler({ event, config, paths, env, folder, remainingMs, complain, whenWritten: (callback) => {
      callbacks.push(callback);
    } }));
  } catch (error) {
    fail(error);
  }
}
function readStdin() {
  let { stdin } = process;
  return stdin.isTTY ? Promise.resolve("") : new Promise((resolve5) => {
    let chunks = [], size = 0, done = () => {
      clearTimeout(timer), stdin.pause(), resolve5(Buffer.concat(chunks).toString());
    }, timer = setTimeout(done, STDIN_WAIT_MS);
    stdin.on("data", (chunk) => {
      size += chunk.length, chunks.push(chunk), !(size <= MAX_STDIN_BYTES) && (chunks.length = 0, done());
    }), stdin.on("end", done), stdin.on("error", done);
  });
}
function writeThen(name, text, then) {
  if (text === null) {
    then(!1);
    return;
  }
  let stream = process[name], isDone = !1, once = (error) => {
    isDone || (isDone = !0, then(!error));
  };
  stream.on("error", once), stream.write(text, once);
}
function oneLine(text) {
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ").slice(0, MAX_COMPLAINT_CHARS);
}

// hooks/start-flush.ts
var import_node_child_process2 = require("child_process"), import_node_fs15 = require("fs"), import_node_path13 = require("path");
function startFlush(env, script = cliOfThisHook()) {
  if (script === null || !(0, import_node_fs15.existsSync)(script)) return !1;
  let child = (0, import_node_child_process2.spawn)(process.execPath, [script, "flush"], {
    cwd: (0, import_node_path13.dirname)(script),
    detached: !0,
    env,
    stdio: "ignore",
    windowsHide: !0
  });
  return child.on("error", () => {
  }), child.unref(), !0;
}
function cliOfThisHook() {
  let hook = process.argv[1];
  return hook === void 0 ? null : (0, import_node_path13.join)((0, import_node_path13.dirname)((0, import_node_path13.resolve)(hook)), "..", "photon.mjs");
}

// hooks/session-start.ts
var BUDGET_MS = 950, FETCH_BUDGET_MS = 800, RESERVE_MS = 50, GIT_BUDGET_MS = 300, DAY_MS = 1440 * 60 * 1e3, SETUP_HINT_INTERVAL_MS = 30 * DAY_MS, SETUP_HINT = "set-up";
runHook({ budgetMs: BUDGET_MS }, async (context) => {
  let { config, paths, env } = context;
  if (!isSetUp(config)) return lineForPerson(setupHint(context));
  let waiting = outboxLength(paths, config.workerUrl), isUnsettled = noteThisSession(context, config), flush = () => {
    (waiting > 0 || isUnsettled || hasReceipts(paths, config.workerUrl, config.machine) || mayBeUndone(paths)) && startFlush(env);
  }, warnings = warningsFor(context, config), asked = await askBridge(context, config);
  if (typeof asked == "string") {
    noteRun(context), mayRetry(paths, "sending") && flush();
    let trouble = context.event.source === "compact" ? [] : [loadAskBridge().troubleLine(asked, waiting)];
    return lineForPerson([...trouble, ...warnings].join(`
`) || null);
  }
  flush();
  let announcement = newsIn(asked, context, config), lines = [...announcement ? [announcement.line] : [], ...warnings];
  return lines.length === 0 ? null : {
    systemMessage: lines.join(`
`),
    ...announcement && {
      hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: announcement.text }
    }
  };
});
function noteThisSession(context, { handover }) {
  let { paths, complain } = context;
  if (handover === "off") return !1;
  try {
    let open = openSessionOf(context);
    open !== null && context.event.agent === null && noteOpen(paths, open);
    let now = Date.now();
    return openSessions(paths, now).some(
      (each) => each.session !== (open == null ? void 0 : open.session) && (each.isDue || each.hasEnded || wasKilled(each, now))
    );
  } catch (error) {
    return complain(`this session could not be recorded: ${error}`), !1;
  }
}
function askBridge({ paths, remainingMs }, config) {
  let part = loadAskBridge(), budgetMs = Math.min(FETCH_BUDGET_MS, remainingMs() - RESERVE_MS);
  return part.askBridge(config, queuedReadIds(paths, config.workerUrl, config.machine), budgetMs);
}
function newsIn(mail, context, config) {
  let { event, paths, whenWritten } = context, { session } = event, told = session === null ? null : readSession(paths, session).told, { announcement, unread } = loadAskBridge().newsIn(withoutLeftHere(mail, paths), paths, config, {
    session,
    told
  });
  return noteRun(context, { unread }), whenWritten(() => {
    announcement && session !== null && updateSession(paths, session, { told: laterAnnounced(told, announcement.covers) });
  }), announcement;
}
function noteRun({ event, paths, complain }, learned = {}) {
  try {
    event.session !== null && updateSession(paths, event.session, { ...learned, hookRanAt: Date.now() });
  } catch (error) {
    complain(`the session's file could not be written: ${error}`);
  }
}
function warningsFor(context, { machine, project }) {
  let { paths, whenWritten, folder, event } = context, failed = unreportedFailures(paths), trouble = event.source === "compact" ? null : gitTrouble(folder, GIT_BUDGET_MS), reminder = clashReminder(paths), clash = isReminderDue(paths, reminder, DAY_MS) ? nameClash(paths, machine) : null;
  return whenWritten(() => {
    for (let failure of failed) noteFailureTold(failure);
    clash !== null && noteReminder(paths, reminder);
  }), [
    ...failed.length > 0 ? [failureLine(failed, project)] : [],
    ...clash === null ? [] : [`Photon: ${clash}`],
    ...trouble === null ? [] : [`Photon: ${trouble.sentence} Handovers contain less; \`photon doctor\` says more.`]
  ];
}
function setupHint({ config, paths }) {
  return config.problems.length === 0 && config.workerUrl === null && config.apiKey === null ? isReminderDue(paths, SETUP_HINT, SETUP_HINT_INTERVAL_MS) ? (noteReminder(paths, SETUP_HINT), "Photon is not set up on this machine yet. Run /photon:setup to see how.") : null : `Photon: ${whatIsMissing(config)} Run /photon:setup to see how to correct it.`;
}
function lineForPerson(line) {
  return line === null ? null : { systemMessage: line };
}
