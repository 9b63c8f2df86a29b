import { isAbsolute, resolve } from "node:path";

/** A word as the shell takes it, without anything that the shell would replace, nor the mark of a command that was cut. */
const WORD = /'[^'\n]*'|"[^"$`\\!\n]*"|[^\s'"\\$`*?[\]{}~;&|<>()#!…]+/g;
const DELETION = new RegExp(`^(git +rm|rm)((?: +(?:${WORD.source}))+)$`);
const OPTION = /^-(?:[fqv]+|-force|-quiet|-verbose|-)$/;

interface Deletion {
  /** Absolute, when the folder is. */
  readonly paths: readonly string[];
  /** False when the command succeeds for what is not there, too. */
  readonly wereThere: boolean;
}

const NOTHING: Deletion = { paths: [], wereThere: false };

/**
 * The files that a successful command deleted: a plain `rm` or `git rm` that names them.
 *
 * @param folder - where it ran
 * @returns no paths for every other command, and for one that may mean more than it says
 */
export function deletionBy(command: string, folder: string | undefined): Deletion {
  const [, program, rest = ""] = DELETION.exec(command) ?? [];
  if (program === undefined) return NOTHING;
  const words = (rest.match(WORD) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/, "$2"));
  const options = words.filter((word) => word.startsWith("-"));
  const paths = words.filter((word) => !word.startsWith("-"));
  if (!options.every((option) => OPTION.test(option)) || paths.some((path) => /^$|\/$/.test(path))) return NOTHING;
  return {
    paths: paths.map((path) => (folder !== undefined && isAbsolute(folder) ? resolve(folder, path) : path)),
    wereThere: program !== "rm" || !options.some((option) => /^-[qv]*f|^--force/.test(option)),
  };
}
