"use strict";

// cli/statusline/main.ts
var import_node_fs2 = require("node:fs"), import_node_tty = require("node:tty");

// client/announcement.ts
function unreadFor(summary, session) {
  let own = summary.groups.filter((group) => group.session !== void 0 && group.session === session);
  return summary.unread - sum(own);
}
function sum(groups) {
  return groups.reduce((total, group) => total + group.unread, 0);
}

// client/entry-text.ts
function entryText(unread) {
  return unread > 0 ? `photon ${unread}` : "";
}

// client/paths.ts
var import_node_path2 = require("node:path");

// client/user-folders.ts
var import_node_os = require("node:os"), import_node_path = require("node:path");
function homeFolder() {
  try {
    return (0, import_node_os.homedir)() || NO_HOME;
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
    let roaming = env.APPDATA || (0, import_node_path.join)(home, "AppData", "Roaming"), local = env.LOCALAPPDATA || (0, import_node_path.join)(home, "AppData", "Local");
    return { config: (0, import_node_path.join)(roaming, NAME, "Config"), data: (0, import_node_path.join)(local, NAME, "Data") };
  }
  return {
    config: (0, import_node_path.join)(env.XDG_CONFIG_HOME || (0, import_node_path.join)(home, ".config"), NAME),
    data: (0, import_node_path.join)(env.XDG_DATA_HOME || (0, import_node_path.join)(home, ".local", "share"), NAME)
  };
}
var NAME = "photon";

// client/paths.ts
function photonPaths(env) {
  let home = env.PHOTON_HOME, { config, data } = home ? { config: home, data: home } : userFolders(env);
  return {
    configFile: (0, import_node_path2.join)(config, "config.json"),
    keys: (0, import_node_path2.join)(config, "keys.json"),
    trust: (0, import_node_path2.join)(config, "trust.json"),
    roster: (0, import_node_path2.join)(data, "roster.json"),
    order: (0, import_node_path2.join)(data, "sealed-order.json"),
    received: (0, import_node_path2.join)(data, "received-order.json"),
    outbox: (0, import_node_path2.join)(data, "outbox"),
    failed: (0, import_node_path2.join)(data, "failed"),
    capsules: (0, import_node_path2.join)(data, "capsules"),
    drafts: (0, import_node_path2.join)(data, "drafts"),
    published: (0, import_node_path2.join)(data, "published"),
    open: (0, import_node_path2.join)(data, "open"),
    sessions: (0, import_node_path2.join)(data, "sessions"),
    unread: (0, import_node_path2.join)(data, "unread"),
    readers: (0, import_node_path2.join)(data, "readers"),
    seen: (0, import_node_path2.join)(data, "seen"),
    marked: (0, import_node_path2.join)(data, "marked"),
    receipts: (0, import_node_path2.join)(data, "receipts"),
    hops: (0, import_node_path2.join)(data, "hops"),
    sent: (0, import_node_path2.join)(data, "sent"),
    leases: (0, import_node_path2.join)(data, "leases"),
    backoff: (0, import_node_path2.join)(data, "backoff"),
    installation: (0, import_node_path2.join)(data, "installation.json"),
    machines: (0, import_node_path2.join)(data, "machines.json"),
    entries: (0, import_node_path2.join)(data, "entries"),
    wakes: (0, import_node_path2.join)(data, "wakes"),
    live: (0, import_node_path2.join)(data, "live.json"),
    reminders: (0, import_node_path2.join)(data, "reminders")
  };
}

// client/private-file.ts
var import_node_fs = require("node:fs");
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

// client/session-reader.ts
var import_node_path3 = require("node:path");

// client/plain-session.ts
var SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
function isPlainSession(session) {
  return SESSION_ID.test(session);
}

// client/session-reader.ts
var KEPT_MS = 720 * 60 * 60 * 1e3;
function readSessionReader(paths, session) {
  return isPlainSession(session) ? textField(readPrivateJson(fileOf(paths, session)), "reader") ?? null : null;
}
function fileOf({ entries }, session) {
  return (0, import_node_path3.join)(entries, `${session}.json`);
}

// client/unread-cache.ts
var import_node_crypto = require("node:crypto");
var import_node_path4 = require("node:path");
function readUnread(paths, reader) {
  let file = readPrivateJson(unreadFile(paths, reader)), fetchedAt = numberField(file, "fetchedAt"), summary = parseUnread(recordOf(file)?.summary);
  return fetchedAt === void 0 || summary === null ? null : { fetchedAt, summary, tag: parseTag(recordOf(file)?.tag) };
}
function parseTag(value) {
  let etag = textField(value, "etag"), workerUrl = textField(value, "workerUrl"), askedAt = numberField(value, "askedAt");
  return etag === void 0 || workerUrl === void 0 || askedAt === void 0 ? null : { etag, workerUrl, askedAt };
}
function unreadFile(paths, reader) {
  return (0, import_node_path4.join)(paths.unread, `${(0, import_node_crypto.createHash)("sha256").update(reader.toLowerCase()).digest("hex").slice(0, 16)}.json`);
}
function parseUnread(value) {
  let record = recordOf(value), unread = numberField(record, "unread"), handovers = numberField(record, "handovers");
  if (!record || unread === void 0 || handovers === void 0) return null;
  let groups = Array.isArray(record.groups) ? record.groups : [];
  return { unread, handovers, groups: groups.map(parseGroup).filter((group) => group !== null) };
}
function parseGroup(value) {
  let from = textField(value, "from"), unread = numberField(value, "unread"), session = textField(value, "session"), { latest, recent } = recordOf(value) ?? {}, id = textField(latest, "id"), timestamp = textField(latest, "timestamp"), work = parseWork(recordOf(latest)?.work), takenBy = textField(latest, "takenBy"), hops = numberField(latest, "hops");
  return from === void 0 || unread === void 0 || id === void 0 || timestamp === void 0 ? null : {
    from,
    kind: KINDS.find((kind) => kind === textField(value, "kind")) ?? "note",
    ...session === void 0 ? {} : { session },
    unread,
    latest: {
      id,
      timestamp,
      ...work && { work },
      ...takenBy !== void 0 && { takenBy },
      ...hops !== void 0 && { hops }
    },
    ...Array.isArray(recent) && { recent: recent.filter((id2) => typeof id2 == "string") }
  };
}
function parseWork(value) {
  let files = numberField(value, "files");
  if (files === void 0) return;
  let { capsule } = recordOf(value) ?? {}, sha256 = textField(capsule, "sha256"), bytes = numberField(capsule, "bytes");
  return {
    branch: textField(value, "branch") ?? null,
    files,
    ...sha256 !== void 0 && bytes !== void 0 && { capsule: { sha256, bytes } }
  };
}
var KINDS = ["note", "task", "reply", "handover"];

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
    let stdin = (0, import_node_tty.isatty)(STDIN) ? "" : (0, import_node_fs2.readFileSync)(STDIN, "utf8"), session = textField(JSON.parse(stdin), "session_id") ?? "", paths = photonPaths(process.env), reader = readSessionReader(paths, session), known = reader === null ? null : readUnread(paths, reader);
    return known === null ? "" : entryText(unreadFor(known.summary, session));
  } catch {
    return "";
  }
}
