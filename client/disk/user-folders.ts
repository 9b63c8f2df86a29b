import { devNull, homedir } from "node:os";
import { join } from "node:path";

/**
 * The user's home. A user that the system does not know (a container run as some number) may have none: then it is a
 * place where nobody can make anything, so that what should be kept is not, and whoever asks for it is told so.
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
 * Where a user's settings and data lie on each system; the same places as the library env-paths names, whose checks would
 * be a tenth of each hook.
 *
 * @param env - for the variables that move them
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
