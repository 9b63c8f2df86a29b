/**
 * A file's path for a reader on another machine: relative to the first root that contains it, else with `~` for the home
 * folder, else unchanged. Windows paths get `/` as the separator and are compared without case.
 *
 * @param roots - different paths of the project: git resolves symbolic links, the client does not
 */
export function shownPath(path: string, roots: readonly string[], home: string): string {
  const inProject = pathWithin(path, roots);
  if (inProject !== null) return inProject;
  const inHome = below(path, home);
  return inHome === null ? withSlashes(path) : `~/${inHome}`;
}

/** A file's path relative to the first root that contains it; null if none does. */
export function pathWithin(path: string, roots: readonly string[]): string | null {
  for (const root of roots) {
    const relative = below(path, root);
    if (relative !== null) return relative;
  }
  return null;
}

function below(path: string, folder: string): string | null {
  const base = `${withSlashes(folder).replace(/\/+$/, "")}/`;
  const full = withSlashes(path);
  const start = full.slice(0, base.length);
  const isInside = isWindowsPath(path) ? start.toLowerCase() === base.toLowerCase() : start === base;
  // The root of the file system contains every path, so it cannot be the project.
  return isInside && base !== "/" && full.length > base.length ? full.slice(base.length) : null;
}

function withSlashes(path: string): string {
  return isWindowsPath(path) ? path.replaceAll("\\", "/") : path;
}

/** On other systems a backslash is an ordinary character. */
function isWindowsPath(path: string): boolean {
  return /^([A-Za-z]:[\\/]|\\\\)/.test(path);
}
