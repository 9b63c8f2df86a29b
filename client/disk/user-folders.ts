import { devNull, homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The user's home. A user that the system does not know (a container that runs under a numeric id) may have none. Then
 * this returns a path where no file can be created, so that every write fails and is reported.
 */
export function homeFolder(): string {
  try {
    return isAbsolute(homedir()) ? homedir() : NO_HOME;
  } catch {
    return NO_HOME;
  }
}

/** The process's working directory. If it was deleted, the shell still knows its name. */
export function workingFolder(env: NodeJS.ProcessEnv): string {
  try {
    return process.cwd();
  } catch {
    return env.PWD && isAbsolute(env.PWD) ? env.PWD : homeFolder();
  }
}

const NO_HOME = join(devNull, "no-home");

/**
 * The folders of a user's settings and data on each system: the same as those of the library env-paths, whose checks
 * would take a tenth of each hook's time.
 *
 * @param env - its `XDG_*` and `*APPDATA` variables move the folders. A relative one is ignored, as the XDG standard wants:
 *   it would be another folder in each repository
 */
export function userFolders(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
  home: string = homeFolder(),
): { config: string; data: string } {
  if (platform === "darwin") {
    const library = join(home, "Library");
    return { config: join(library, "Preferences", NAME), data: join(library, "Application Support", NAME) };
  }
  if (platform === "win32") {
    const roaming = absolute(env.APPDATA) ?? join(home, "AppData", "Roaming");
    const local = absolute(env.LOCALAPPDATA) ?? join(home, "AppData", "Local");
    return { config: join(roaming, NAME, "Config"), data: join(local, NAME, "Data") };
  }
  return {
    config: join(absolute(env.XDG_CONFIG_HOME) ?? join(home, ".config"), NAME),
    data: join(absolute(env.XDG_DATA_HOME) ?? join(home, ".local", "share"), NAME),
  };
}

const NAME = "photon";

function absolute(path: string | undefined): string | null {
  return path && isAbsolute(path) ? path : null;
}
