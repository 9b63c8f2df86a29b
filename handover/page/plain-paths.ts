/**
 * Removes what only this machine knows from the paths in a text: a path in the project becomes relative, and the home folder
 * becomes `~`.
 *
 * @param roots - paths of the project
 * @param homes - paths of the person's home folder
 */
export function plainPaths(text: string, roots: readonly string[], homes: readonly string[]): string {
  let plain = text;
  for (const root of roots.filter((each) => each.length > 1)) {
    for (const path of spellings(root)) {
      if (plain.includes(path))
        plain = plain.replace(new RegExp(`${BEFORE}${escaped(path)}[\\\\/]+(?=[^\\s'"\`)\\]|;&<>])`, "g"), "");
    }
  }
  for (const home of homes.filter((each) => each.length > 1)) {
    for (const path of spellings(home)) {
      if (plain.includes(path)) plain = plain.replace(new RegExp(`${BEFORE}${escaped(path)}(?![\\w.-])`, "g"), "~");
    }
  }
  return plain;
}

/** Not within another path or an address, but in the address of a file and joined to an option: `-I/usr/include`. */
const BEFORE =
  "(?:(?<![\\w.~/-])|(?<=\\bfile:/{2,3}(?:localhost)?)|(?<=\\b[a-z-]{1,20}://file/?)|(?<=(?<![^\\s'\"`(=,])-{1,2}[A-Za-z][\\w-]{0,20}))";

/** As other programs write it: Git Bash and WSL have names of their own for a drive. */
function spellings(path: string): string[] {
  const [, drive = "", rest = ""] = /^([A-Za-z]):[\\/](.*)$/.exec(path) ?? [];
  if (drive === "") return [path];
  const slashed = rest.replaceAll("\\", "/");
  const letter = drive.toLowerCase();
  return [
    path,
    path.replaceAll("/", "\\"),
    `${drive}:/${slashed}`,
    `/${letter}/${slashed}`,
    `/mnt/${letter}/${slashed}`,
  ];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The home folder that a path is in, by its form. */
export function homeIn(path: string): string[] {
  const [home] = /^(?:\/(?:home\/[^/]+|Users\/[^/]+|root(?=\/|$))|[A-Za-z]:[\\/]Users[\\/][^\\/]+)/.exec(path) ?? [];
  return home === undefined ? [] : [home];
}

/** The same value with another text in place of each text in it; the fields that hold a file's path stay. */
export function withTexts<Value>(value: Value, change: (text: string) => string): Value;
export function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => withTexts(each, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, PATH_FIELDS.has(key) ? each : withTexts(each, change)]),
  );
}

const PATH_FIELDS: ReadonlySet<string> = new Set(["path", "from", "plans"]);
