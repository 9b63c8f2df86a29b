/**
 * A file's path for a reader on another machine: relative to the first of the roots it lies in, else with `~` for the
 * home folder, else as it is. Windows paths get `/` between their parts and are compared without case.
 *
 * @param roots - folders the project may be known as: git resolves symbolic links, the client does not
 */
export function shownPath(path: string, roots: readonly string[], home: string): string {
  for (const root of roots) {
    const relative = below(path, root);
    if (relative !== null) return relative;
  }
  const inHome = below(path, home);
  return inHome === null ? withSlashes(path) : `~/${inHome}`;
}

function below(path: string, folder: string): string | null {
  const base = `${withSlashes(folder).replace(/\/+$/, "")}/`;
  const full = withSlashes(path);
  const start = full.slice(0, base.length);
  const isInside = isWindowsPath(path) ? start.toLowerCase() === base.toLowerCase() : start === base;
  // The file system's root is no project: every path lies in it.
  return isInside && base !== "/" && full.length > base.length ? full.slice(base.length) : null;
}

function withSlashes(path: string): string {
  return isWindowsPath(path) ? path.replaceAll("\\", "/") : path;
}

/** Elsewhere a backslash is a letter like any other. */
function isWindowsPath(path: string): boolean {
  return /^([A-Za-z]:[\\/]|\\\\)/.test(path);
}
