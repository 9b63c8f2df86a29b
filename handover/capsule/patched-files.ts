import { leadsOutside } from "./link-target.ts";
import { type GitOptions, gitBytes, gitText } from "./run-git.ts";

/** A capsule that is not applied, and why. Nothing was changed. The message is a sentence for a person. */
export class NotApplied extends Error {
  override readonly name = "NotApplied";
}

/** One file that a capsule changes. */
export interface PatchedFile {
  readonly path: string;
  readonly change: "added" | "changed" | "deleted";
}

/** What starts, or is obeyed, without being asked when a project is opened, built or committed to. */
const RUNS_BY_ITSELF = [
  /^\.claude\//,
  /^\.mcp\.json$/,
  /^\.github\/(?:workflows|actions)\//,
  /^\.gitlab-ci\.yml$/,
  /^\.circleci\//,
  /^\.husky\//,
  /^\.pre-commit-config\.ya?ml$/,
  /^\.vscode\//,
  /^\.idea\//,
  /^\.devcontainer(?:\/|\.json$)/,
  /(?:^|\/)package\.json$/,
  /(?:^|\/)(?:makefile|gnumakefile|justfile|rakefile|build\.gradle(?:\.kts)?|build\.rs|setup\.py|conftest\.py)$/i,
  /(?:^|\/)\.envrc$/,
  /(?:^|\/)\.git(?:attributes|modules)$/,
  /(?:^|\/)(?:CLAUDE|AGENTS)(?:\.local)?\.md$/,
];

export function runsByItself({ path, change }: PatchedFile): boolean {
  return change !== "deleted" && RUNS_BY_ITSELF.some((pattern) => pattern.test(path));
}

const SUBMODULE = "160000";
const LINK = "120000";

/**
 * The files in which two trees differ, refusing what must not come from elsewhere. Git itself refuses a path that leaves
 * the project or lies behind a link; here are the rest.
 *
 * @throws NotApplied for git's own folder under any spelling, a submodule, or a link that leads out of the project
 */
export async function patchedFiles(
  root: string,
  from: string,
  to: string,
  options: GitOptions,
): Promise<PatchedFile[]> {
  const raw = await gitBytes(root, ["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to], options);
  const fields = raw.toString().split("\0");
  const files: PatchedFile[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = "", object = "", status = ""] =
      /^:\d{6} (\d{6}) [0-9a-f]+ ([0-9a-f]+) ([A-Z])/.exec(fields[at] ?? "") ?? [];
    const path = fields[at + 1] ?? "";
    if (isGitsOwn(path)) throw new NotApplied(`It wants to change git's own files (${path}).`);
    if (mode === SUBMODULE) throw new NotApplied(`It wants to change the submodule ${path}.`);
    if (mode === LINK && leadsOutside(path, await gitText(root, ["cat-file", "blob", object], options))) {
      throw new NotApplied(`It holds a link that leads out of the project (${path}).`);
    }
    files.push({ path, change: status === "A" ? "added" : status === "D" ? "deleted" : "changed" });
  }
  return files;
}

/** `.git` as any file system may take it: without case, with dots or spaces behind, with invisible characters, as `git~1`. */
function isGitsOwn(path: string): boolean {
  return path.split(/[\\/]/).some((part) => {
    const plain = part
      .normalize("NFKC")
      .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
      .replace(/(?::.*)?[. ]*$/, "")
      .toLowerCase();
    return plain === ".git" || plain === "git~1" || plain === "..";
  });
}
