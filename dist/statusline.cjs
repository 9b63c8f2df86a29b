"use strict";

// cli/statusline/main.ts
var import_node_fs2 = require("fs"), import_node_tty = require("tty");

// client/disk/paths.ts
var import_node_os2 = require("os"), import_node_path2 = require("path");

// client/disk/user-folders.ts
var import_node_os = require("os"), import_node_path = require("path");
function homeFolder() {
  try {
    return (0, import_node_path.isAbsolute)((0, import_node_os.homedir)()) ? (0, import_node_os.homedir)() : NO_HOME;
  } catch {
    return NO_HOME;
  }
}
var NO_HOME = (0, import_node_path.join)(import_node_os.devNull, "no-home");
function userFolders(env, platform = process.platform, home = homeFolder()) {
  if (platform === "darwin") {
    let library = (0, import_node_path.join)(home, "Library");
    return { config: (0, import_node_path.join)(library, "Preferences", NAME), data: (0, import_node_path.join)(library, "Application Support", NAME) };
  }
  if (platform === "win32") {
    let roaming = absolute(env.APPDATA) ?? (0, import_node_path.join)(home, "AppData", "Roaming"), local = absolute(env.LOCALAPPDATA) ?? (0, import_node_path.join)(home, "AppData", "Local");
    return { config: (0, import_node_path.join)(roaming, NAME, "Config"), data: (0, import_node_path.join)(local, NAME, "Data") };
  }
  return {
    config: (0, import_node_path.join)(absolute(env.XDG_CONFIG_HOME) ?? (0, import_node_path.join)(home, ".config"), NAME),
    data: (0, import_node_path.join)(absolute(env.XDG_DATA_HOME) ?? (0, import_node_path.join)(home, ".local", "share"), NAME)
  };
}
var NAME = "photon";
function absolute(path) {
  return path && (0, import_node_path.isAbsolute)(path) ? path : null;
}

// client/disk/paths.ts
function photonPaths(env) {
  let home = env.PHOTON_HOME && photonHome(env.PHOTON_HOME), { config, data } = home ? { config: home, data: home } : userFolders(env);
  return {
    config: (0, import_node_path2.join)(config, "config.json"),
    keys: (0, import_node_path2.join)(config, "keys.json"),
    bridgeKey: (0, import_node_path2.join)(config, "bridge-key"),
    trust: (0, import_node_path2.join)(config, "trust.json"),
    machineList: (0, import_node_path2.join)(data, "machine-list.json"),
    numbers: (0, import_node_path2.join)(data, "numbers"),
    outbox: (0, import_node_path2.join)(data, "outbox"),
    sessions: (0, import_node_path2.join)(data, "sessions"),
    log: (0, import_node_path2.join)(data, "log"),
    leases: (0, import_node_path2.join)(data, "leases"),
    cache: (0, import_node_path2.join)(data, "cache.json"),
    installation: (0, import_node_path2.join)(data, "installation.json")
  };
}
function photonHome(text) {
  let path = text.replace(/^~(?=$|[\\/])/, () => homeFolder());
  return (0, import_node_path2.isAbsolute)(path) ? path : NOWHERE;
}
var NOWHERE = (0, import_node_path2.join)(import_node_os2.devNull, "photon-home");

// client/disk/private-file.ts
var import_node_fs = require("fs");

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
function find(paths, session) {
  let { open, plain } = filesOf(paths, session);
  for (let file of [open, plain, open, plain]) {
    let found = readVersioned(file);
    if (found.state === "newer") return { file, content: {}, isNewer: !0 };
    if (found.state === "whole") return { file, content: contentOf(found.value), isNewer: !1 };
  }
  return { file: null, content: {}, isNewer: !1 };
}
function contentOf(value) {
  let { v: _, ...content } = recordOf(value) ?? {};
  return content;
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

// client/text/entry-text.ts
function entryText(unread) {
  return unread > 0 ? `photon ${unread}` : "";
}

// client/text/statusline-use.ts
var STATUSLINE_USE = [
  "`photon statusline` prints the unread count of a session, for Claude Code's own status line. Claude Code runs it; here is no session.",
  'To use it, add this to ~/.claude/settings.json: "statusLine": {"type": "command", "command": "photon statusline"}',
  "`photon status` shows your unread messages."
].join(`
`);

// cli/statusline/main.ts
var STDIN = 0, STDOUT = 1;
try {
  let text = statusline();
  text !== "" && (0, import_node_fs2.writeSync)(STDOUT, `${text}
`);
} catch {
}
function statusline() {
  try {
    if ((0, import_node_tty.isatty)(STDIN)) return STATUSLINE_USE;
    let stdin = (0, import_node_fs2.readFileSync)(STDIN, "utf8"), session = textField(parseJson(stdin), "session_id") ?? "", { unread } = readSession(photonPaths(process.env), session);
    return unread === null ? "" : entryText(unread);
  } catch {
    return "";
  }
}
