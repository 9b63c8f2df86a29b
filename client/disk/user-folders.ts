import { devNull, homedir } from "node:os";
import { join } from "node:path";

/**
 * The user's home. A user that the system does not know (a container that runs under a numeric id) may have none. Then
 * this returns a path where no file can be created, so that every write fails and is reported.
 */
export function homeFolder(): string {
  try {
    return homedir() || NO_HOME;
  } catch {
    return NO_HOME;
  }
}

const NO_HOME = join(devNull, "no-home");

/**
 * The folders of a user's settings and data on each system: the same as those of the library env-paths, whose checks
 * would take a tenth of each hook's time.
 *
 * @param env - its `XDG_*` and `*APPDATA` variables move the folders
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
    const roaming = env.APPDATA || join(home, "AppData", "Roaming");
    const local = env.LOCALAPPDATA || join(home, "AppData", "Local");
    return { config: join(roaming, NAME, "Config"), data: join(local, NAME, "Data") };
  }
  return {
    config: join(env.XDG_CONFIG_HOME || join(home, ".config"), NAME),
    data: join(env.XDG_DATA_HOME || join(home, ".local", "share"), NAME),
  };
}

const NAME = "photon";
