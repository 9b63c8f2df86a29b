import { recordOf, textField } from "../../client/disk/private-file.ts";

/** What a tool of an MCP server or an editor does, by its name and its input. */
export interface OtherTool {
  readonly kind: "edit" | "command" | "agent" | "look" | "other";
  /** The file or the command, else empty. */
  readonly target: string;
  /** Set if the file is created, deleted or moved there. */
  readonly change?: "created" | "deleted" | { readonly from: string };
}

const PATHS = [
  "file_path",
  "filePath",
  "path",
  "relative_path",
  "relativePath",
  "pathInProject",
  "path_in_project",
  "filepath",
  "target_file",
  "targetFile",
  "filename",
  "file_name",
  "file",
  "uri",
];
const TEXTS =
  /^(?:old_?(?:string|str|text)|new_?(?:string|str|text|content)|content|contents|text|edits|changes|patch|diff|repl|replacement|replace|body|code|file_text|insert_text|code_edit|data|lines|needle|new_source|operations)$/i;
const WRITES =
  /(?:^|_)(?:edit|write|create|replace|insert|update|patch|apply|append|prepend|modify|overwrite|save|put|str|rewrite|refactor)(?:_|$)/;
const REMOVES = /(?:^|_)(?:delete|remove|unlink|rm)(?:_|$)/;
const MOVES = /(?:^|_)(?:move|rename|mv)(?:_|$)/;
const RUNS = /(?:^|_)(?:bash|shell|execute|exec|run|command|terminal|powershell|process|cmd)(?:_|$)/;
const READS =
  /(?:^|_)(?:read|get|list|search|find|fetch|view|show|browse|browser|navigate|screenshot|snapshot|open|google|lookup|describe|check|wait|think|resolve|ask|status|info|web|console|network|hover|click|docs?)(?:_|$)/;

export function otherTool(tool: string, input: unknown): OtherTool {
  if (tool === "Agent" || tool === "Task" || tool === "Workflow") return { kind: "agent", target: "" };
  const name = (tool.split("__").at(-1) ?? tool)
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/[.-]/g, "_")
    .toLowerCase();
  const fields = recordOf(input) ?? {};
  // A repository on a server is not this folder.
  const isRemote = "owner" in fields || "repo" in fields || "repository" in fields || "page_id" in fields;
  const field = (keys: readonly string[]) =>
    keys.map((key) => textField(fields, key)).find((value) => value !== undefined && value !== "");
  const path = isRemote ? undefined : field(PATHS)?.replace(/^file:\/\//, "");
  const from = field(["source", "from", "old_path", "oldPath", "source_path"]);
  const to = field(["destination", "to", "new_path", "newPath", "destination_path", "target"]);
  if (MOVES.test(name) && from !== undefined && to !== undefined && !isRemote)
    return { kind: "edit", target: to, change: { from } };
  if (path !== undefined && REMOVES.test(name) && !/symbol|line|memory/.test(name))
    return { kind: "edit", target: path, change: "deleted" };
  const command = field(["command", "cmd", "script"]);
  const hasText = Object.keys(fields).some((key) => TEXTS.test(key));
  if (path !== undefined && WRITES.test(name) && hasText && !/^(?:view|read)$/.test(command ?? "")) {
    const isNew = /(?:^|_)(?:write|create|save|put)(?:_|$)/.test(name) || command === "create";
    return { kind: "edit", target: path, ...(isNew && { change: "created" }) };
  }
  if (command !== undefined && RUNS.test(name)) return { kind: "command", target: command };
  return { kind: READS.test(name) ? "look" : "other", target: "" };
}

/** What a client or a server writes around the output of a command. */
export function commandOutput(text: string): { output: string; hasFailed: boolean } {
  const [, code] = /^(?:Exited with|Exit|exit)(?: code|_code)?:? (\d+)\b/i.exec(text) ?? [];
  return {
    output: text.replace(/^Exited with code \d+\.\s*(?:Final output:\s*)?/, ""),
    hasFailed: code !== undefined && code !== "0",
  };
}
