import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** The first program of this name that the PATH leads to. Relative folders are left out: a repository could hold them. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  return (
    foldersOnPath(env, platform)
      .map((folder) => join(folder, name))
      .find(isProgram) ?? null
  );
}

/** The absolute folders of the PATH. */
export function foldersOnPath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  return (env.PATH ?? env.Path ?? "").split(platform === "win32" ? ";" : ":").filter(isAbsolute);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
