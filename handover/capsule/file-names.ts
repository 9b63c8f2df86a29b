/** Control characters, unpaired surrogates, line separators, and invisible characters such as bidi controls, joiners, tags. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/**
 * Makes a file name, or a sentence with one in it, safe to show to a person or a model: on one line, with nothing hidden
 * and nothing that a terminal obeys. Replaces invisible characters by their code points and leaves other text unchanged.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) => {
    if (character === "\n") return "\\n";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** Whether a path contains `.git` or `..` in any spelling that some file system accepts: other case, trailing dots, invisible characters, `GIT~1`. */
export function isGitsOwn(path: string): boolean {
  return path.split(/[\\/]/).some((part) => {
    const plain = plainName(part);
    return /^(?:\.git|git~\d+|\.\.)$/.test(plain);
  });
}

/** Whether a path contains `.gitmodules`, in any spelling that some file system accepts. */
export function isListOfModules(path: string): boolean {
  return path.split(/[\\/]/).some((part) => /^(?:\.gitmodules|gitmod~\d+|gi7eba~\d+)$/.test(plainName(part)));
}

/** Whether a path is a folder or is in it, even on a case-insensitive file system. Both are relative to the root. */
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
