import { isAbsolute, resolve, win32 } from "node:path";
import { nameOf, type Program } from "./programs.ts";
import { filesWrittenBy } from "./script-writes.ts";
import { type SimpleCommand, simpleCommands, type Word } from "./simple-commands.ts";

/** A file that a successful command changed. */
export interface FileChange {
  /** Absolute if the folder is absolute. */
  readonly path: string;
  readonly change: "created" | "edited" | "deleted";
  /** Where it was before, if it was moved. */
  readonly from?: string;
  /** Whether the command also succeeds if the file does not exist, as `rm -f` does. */
  readonly isUnsure?: true;
}

interface Place {
  /** null after a change to a folder that is not known. */
  folder: string | null | undefined;
}

/** Quickly excludes most commands. */
const MAY_WRITE =
  />|\b(?:sed|perl|mv|cp|rm|tee|touch|rsync|dd|install|truncate|patch|python[\d.]*|py|node|ruby|curl|wget|git|unlink|ln|gsed|move|copy|del|ren|ni|sc|ac|ri|mi|ci|set-content|add-content|out-file|new-item|remove-item|move-item|rename-item|copy-item)\b/i;

/**
 * The files that a successful command line changed, as far as its words name them. Words that the shell would expand, and
 * files outside of projects (devices, temporary folders), are left out.
 *
 * @param folder - where the command ran
 */
export function fileChangesBy(line: string, folder: string | undefined, commands = simpleCommands(line)): FileChange[] {
  if (!MAY_WRITE.test(line)) return [];
  const place: Place = { folder };
  const places = new Map<number, Place>();
  return commands.flatMap((command) => {
    let here = place;
    for (const shell of command.shells) {
      here = places.get(shell) ?? { ...here };
      places.set(shell, here);
    }
    const changes = changesBy(command, here);
    return command.end === "unknown" ? [] : changes;
  });
}

function changesBy(command: SimpleCommand, place: Place): FileChange[] {
  const { program } = command;
  const change = (word: Word | undefined, kind: FileChange["change"], more: Partial<FileChange> = {}): FileChange[] => {
    const path = word === undefined ? null : pathOf(word, place);
    return path === null ? [] : [{ path, change: kind, ...more }];
  };
  const outputs = command.outputs.flatMap(({ file, appends }) => change(file, appends ? "edited" : "created"));
  if (program === null) return outputs;
  if (/^(?:cd|pushd|set-location)$/.test(program.name)) {
    const target = program.args.length === 0 ? undefined : command.words.at(-1);
    place.folder = command.end === "unknown" ? null : folderAfter(target, place);
    return outputs;
  }
  return [...outputs, ...byProgram(program, command, place, change)];
}

type Change = (word: Word | undefined, kind: FileChange["change"], more?: Partial<FileChange>) => FileChange[];

function byProgram(program: Program, { words, script }: SimpleCommand, place: Place, change: Change): FileChange[] {
  const { name } = program;
  const rest = words.slice(words.length - program.args.length);
  const plain = rest.filter(({ text }) => !/^-/.test(text));
  const has = (pattern: RegExp) => rest.some(({ text }) => pattern.test(text));
  const to = (index: number) => plain.at(index);
  switch (name) {
    case "git":
      return byGit(rest, change, place);
    case "mv":
    case "move":
    case "move-item":
    case "mi":
    case "rename-item":
    case "ren":
      return moved(plain, place, name.startsWith("ren"));
    case "cp":
    case "copy":
    case "copy-item":
    case "install":
    case "ln":
      return plain.length === 2 && !has(/^-[a-zA-Z]*[rRda]|^-recurse$/i) && !/[\\/]$|^\.{1,2}$/.test(to(1)?.text ?? "")
        ? change(to(1), "created")
        : [];
    case "rm":
    case "del":
    case "unlink":
    case "remove-item":
    case "ri":
      if (has(/^-[a-qs-zA-QS-Z]*[rR]|^--recursive$|^-recurse$/)) return [];
      return byRemoval(plain, change, has(/^-[a-zA-Z]*f|^--force/) && name === "rm");
    case "sed":
    case "gsed":
      return has(/^(?:-[a-zA-Z]*i|--in-place)/) ? editedBySed(rest).flatMap((word) => change(word, "edited")) : [];
    case "perl":
      if (has(/^-[a-zA-Z0-9]*i/)) return plain.slice(1).flatMap((word) => change(word, "edited"));
      break;
    case "tee":
      return byOutput(plain, change, has(/^(?:-a|--append)$/));
    case "touch":
    case "truncate":
      return plain.filter(({ text }) => !/^\d/.test(text)).flatMap((word) => change(word, "created"));
    case "curl":
    case "wget": {
      const at = rest.findIndex(({ text }) =>
        (name === "curl" ? /^(?:-[sSfLk]*o|--output)$/ : /^(?:-q?O|--output-document)$/).test(text),
      );
      return at === -1 ? [] : change(rest[at + 1], "created");
    }
    case "dd": {
      const [, file] = /^of=(.+)$/.exec(rest.find(({ text }) => text.startsWith("of="))?.text ?? "") ?? [];
      return file === undefined ? [] : change({ text: file, isPlain: true }, "created");
    }
    case "patch":
      return change(plain[0], "edited");
    case "set-content":
    case "sc":
    case "out-file":
    case "add-content":
    case "ac":
    case "new-item":
    case "ni":
    case "tee-object":
      return byCmdlet(name, rest, change);
  }
  const isInterpreter = /^(?:python[\d.]*|py|node|ruby|perl|tsx|bun|deno|php)$/.test(name);
  const code = isInterpreter
    ? [script, rest[rest.findIndex(({ text }) => /^(?:-c|-e|--eval|-p|-pe)$/.test(text)) + 1]?.text ?? ""]
    : [];
  return code
    .flatMap(filesWrittenBy)
    .flatMap(({ file, wasRead }) => change({ text: file, isPlain: true }, wasRead ? "edited" : "created"));
}

function byRemoval(words: readonly Word[], change: Change, isForced: boolean): FileChange[] {
  return words.flatMap((word) => change(word, "deleted", isForced ? { isUnsure: true } : {}));
}

function byOutput(words: readonly Word[], change: Change, appends: boolean): FileChange[] {
  return words.flatMap((word) => change(word, appends ? "edited" : "created"));
}

function byGit(words: readonly Word[], change: Change, place: Place): FileChange[] {
  let at = 0;
  while (/^-/.test(words[at]?.text ?? "")) at += /^-[Cc]$/.test(words[at]?.text ?? "") ? 2 : 1;
  const verb = words[at]?.text;
  const rest = words.slice(at + 1);
  const plain = rest.filter(({ text }) => !text.startsWith("-"));
  if (verb === "mv") return moved(plain, place, false);
  const keeps = rest.some(({ text }) => /^(?:--cached|-n|--dry-run|-r)$/.test(text));
  return verb === "rm" && !keeps ? plain.flatMap((word) => change(word, "deleted")) : [];
}

function moved(words: readonly Word[], place: Place, isRenamed: boolean): FileChange[] {
  const target = words.at(-1);
  const sources = words.slice(0, -1);
  if (target === undefined || sources.length === 0) return [];
  const isFolder = sources.length > 1 || /[\\/]$|^\.{1,2}$/.test(target.text);
  return sources.flatMap((source) => {
    const from = pathOf(source, place);
    const name = source.text.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
    const beside = source.text.slice(0, -name.length || undefined) + target.text;
    const text = isFolder ? `${target.text.replace(/[\\/]$/, "")}/${name}` : isRenamed ? beside : target.text;
    const path = pathOf({ ...target, text }, place);
    return path === null || from === null || from === path ? [] : [{ path, change: "created" as const, from }];
  });
}

/** The words after the script; `-i ''` and `-e script` are options with a value. */
function editedBySed(words: readonly Word[]): readonly Word[] {
  const files: Word[] = [];
  let hasScript = false;
  for (let at = 0; at < words.length; at++) {
    const { text } = words[at] ?? { text: "" };
    if (text === "") continue;
    if (/^(?:-e|-f|--expression|--file)$/.test(text)) {
      hasScript = true;
      at++;
    } else if (text.startsWith("-")) hasScript ||= /^--expression=/.test(text);
    else if (hasScript) files.push(words[at] as Word);
    else hasScript = true;
  }
  return files;
}

function byCmdlet(name: string, words: readonly Word[], change: Change): FileChange[] {
  const given = words.findIndex(({ text }) => /^-(?:path|filepath|literalpath)$/i.test(text));
  const isFolder = words.some(({ text }) => /^directory$/i.test(text));
  const first = words[given + 1];
  if (isFolder || first === undefined || first.text.startsWith("-")) return [];
  return change(first, /^a/.test(name) || words.some(({ text }) => /^-append$/i.test(text)) ? "edited" : "created");
}

function folderAfter(word: Word | undefined, { folder }: Place): string | null | undefined {
  if (word === undefined || !word.isPlain || word.text === "-" || folder === null) return null;
  return inFolder(word.text, folder);
}

/** Devices, outputs, and places that no handover is about. */
const ELSEWHERE =
  /\.(?:log|pid|out)$|^(?:\/dev\/|\/tmp\/|\/var\/tmp\/|\/private\/tmp\/|\/proc\/|&|\$|nul$|[A-Za-z]:[\\/](?:Temp|Windows)[\\/])/i;

/** @returns null for a path that is not known, or of no interest */
function pathOf({ text, isPlain }: Word, { folder }: Place): string | null {
  if (!isPlain || text === "" || /[\\/]$|^\.{1,2}$|^-$|\n|…/.test(text) || nameOf(text) === "") return null;
  const isFixed = isAbsolute(text) || win32.isAbsolute(text);
  if (ELSEWHERE.test(text) || (folder === null && !isFixed)) return null;
  return inFolder(text, folder ?? undefined);
}

function inFolder(path: string, folder: string | undefined): string {
  if (folder === undefined || win32.isAbsolute(path)) return path;
  if (isAbsolute(folder)) return resolve(folder, path);
  return win32.isAbsolute(folder) ? win32.resolve(folder, path) : path;
}
