/**
 * Whether a symbolic link leads out of the project, or may.
 *
 * @param path - of the link, relative to the root
 * @param target - as the link has it
 */
export function leadsOutside(path: string, target: string): boolean {
  if (/^(?:[\\/]|[A-Za-z]:)/.test(target)) return true;
  let depth = path.split("/").length - 1;
  for (const part of target.split(/[\\/]/)) {
    if (part === "..") depth--;
    else if (part !== "." && part !== "") depth++;
    if (depth < 0) return true;
  }
  return false;
}
