import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * A program's absolute path. A bare name could also be found in the current folder: on Windows always, elsewhere if PATH
 * has a relative entry.
 *
 * @param name - without the ending that it has on Windows
 * @param path - the PATH
 * @returns null if no folder of the PATH has the program
 */
export function programOnPath(name: string, path: string | undefined): string | null {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  for (const folder of (path ?? "").split(delimiter)) {
    const program = join(folder, file);
    if (isAbsolute(folder) && isProgram(program)) return program;
  }
  return null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
