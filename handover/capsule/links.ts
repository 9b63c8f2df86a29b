import { type GitOptions, gitBytes } from "../../client/git/git.ts";
import { LINK, splitAtNul } from "../git/git-entries.ts";
import { objectSizes, readObjects } from "../git/read-objects.ts";
import { isGitsOwn, isInside } from "./file-names.ts";

/** No file system follows a longer chain of links, so a longer one leads nowhere. */
const MAX_LINKS = 64;

/** The longest link target on any common system. */
const MAX_TARGET_BYTES = 4_096;

interface Surroundings {
  readonly links: ReadonlyMap<string, string>;
  readonly gitFolder?: string | null;
}

/**
 * Whether a symbolic link leads, or may lead, out of the project or into git's folder. Follows the links on its way. A
 * program that writes through such a link would write there.
 *
 * @param path - of the link, relative to the root
 * @param target - as stored in the link
 * @param links - the targets of all links of the project, by path
 * @param gitFolder - git's folder relative to the root, if it is in the project under another name than `.git`
 */
export function leadsOutside(
  path: string,
  target: string,
  { links, gitFolder = null }: Surroundings = { links: new Map() },
): boolean {
  const here = path.split("/").slice(0, -1);
  const ahead = partsOf(target);
  if (isAbsolute(target)) return true;
  let followed = 0;
  while (ahead.length > 0) {
    const part = ahead.shift() ?? "";
    if (part === "..") {
      if (here.pop() === undefined) return true;
      continue;
    }
    here.push(part);
    if (isGitsOwn(part) || (gitFolder !== null && isInside(here.join("/"), gitFolder))) return true;
    const next = links.get(here.join("/"));
    if (next === undefined) continue;
    if (isAbsolute(next)) return true;
    if (++followed > MAX_LINKS) return false;
    here.pop();
    ahead.unshift(...partsOf(next));
  }
  return false;
}

function isAbsolute(target: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:)/.test(target);
}

/** Splits at both slashes, as Windows does. Elsewhere a backslash in a target is too rare to matter. */
function partsOf(target: string): string[] {
  return target.split(/[\\/]/).filter((part) => part !== "." && part !== "");
}

/** The targets of all links in the index that the options name, by path. */
export async function linksInIndex(root: string, options: GitOptions): Promise<Map<string, string>> {
  const paths = new Map<string, string[]>();
  for (const entry of splitAtNul(await gitBytes(root, ["ls-files", "-s", "-z"], options))) {
    const [mode = "", object = ""] = entry.toString("latin1", 0, 80).split(" ");
    if (mode !== LINK) continue;
    const path = entry.subarray(entry.indexOf(9) + 1).toString();
    paths.set(object, [...(paths.get(object) ?? []), path]);
  }
  const sizes = await objectSizes(root, paths.keys(), options);
  for (const [object, size] of sizes) if (size > MAX_TARGET_BYTES) sizes.delete(object);
  const links = new Map<string, string>();
  for await (const [object, target] of readObjects(root, sizes, options)) {
    for (const path of paths.get(object) ?? []) links.set(path, target.toString());
  }
  return links;
}
