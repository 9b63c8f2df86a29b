/** `.git` as any file system may take it: without case, with dots or spaces behind, with invisible characters, as `GIT~1`. */
export function isGitsOwn(path: string): boolean {
  return path.split(/[\\/]/).some((part) => {
    const plain = plainName(part);
    return /^(?:\.git|git~\d+|\.\.)$/.test(plain);
  });
}

/** Where git looks for the addresses of other repositories, in the spellings that file systems take for it. */
export function isListOfModules(path: string): boolean {
  return path.split(/[\\/]/).some((part) => /^(?:\.gitmodules|gitmod~\d+|gi7eba~\d+)$/.test(plainName(part)));
}

/** Whether a path is a folder or lies in it, on a file system that may not know capitals. Both relative to the root. */
export function isInside(path: string, folder: string): boolean {
  const [inner, outer] = [path, folder].map((each) => each.split(/[\\/]/).map(plainName).join("/"));
  return inner === outer || inner?.startsWith(`${outer}/`) === true;
}

function plainName(part: string): string {
  return part
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .replace(/(?::.*)?[. ]*$/, "")
    .toLowerCase();
}
