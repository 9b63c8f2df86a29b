/** `.git` as any file system may take it: without case, with dots or spaces behind, with invisible characters, as `git~1`. */
export function isGitsOwn(path: string): boolean {
  return path.split(/[\\/]/).some((part) => {
    const plain = plainName(part);
    return plain === ".git" || plain === "git~1" || plain === "..";
  });
}

/** Where git looks for the addresses of other repositories, in the spellings that file systems take for it. */
export function isListOfModules(path: string): boolean {
  return path.split(/[\\/]/).some((part) => /^(?:\.gitmodules|gitmod~\d+|gi7eba~\d+)$/.test(plainName(part)));
}

function plainName(part: string): string {
  return part
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .replace(/(?::.*)?[. ]*$/, "")
    .toLowerCase();
}
