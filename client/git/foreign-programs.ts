/** How to keep git from running programs that a repository's own settings name. */
interface ForeignPrograms {
  /** `name=value` pairs for git's `-c`. */
  readonly settings: readonly string[];
  /** Names of disabled filters. It is unknown how git would store a file that uses one of them. */
  readonly filters: ReadonlySet<string>;
  /** Whether git may contact a remote. */
  readonly isRemoteSafe: boolean;
}

/** Prints every setting with its scope, as {@link settingsIn} reads it. Only reads files and runs nothing. */
export const LIST_SETTINGS = ["config", "--list", "--null", "--show-scope"];

const FILTER = /^filter\.(.*)\.(?:clean|smudge|process)$/s;

/**
 * Settings whose value is run, or says where to write, with the value under which nothing happens. An
 * empty merge driver would take our side without a word.
 */
const PROGRAMS: readonly (readonly [name: RegExp, nothing: string])[] = [
  [/^merge\..*\.driver$/s, "false"],
  [/^core\.sshcommand$/, "ssh"],
  [/^core\.alternaterefscommand$/, ":"],
  [/^core\.virtualfilesystem$/, ""],
  [/^credential\.(?:.*\.)?helper$/s, ""],
  [/^http\.(?:.*\.)?savecookies$/s, "false"],
  [/^lfs\.(?:extension\..*\.(?:clean|smudge)|(?:.*\.)?standalonetransferagent)$/s, ""],
  [/^lfs\.customtransfer\..*\.path$/s, ""],
];

/** Programs of a remote, which may run on this machine. Git uses the first value, so `-c` cannot override them. */
const REMOTE_PROGRAM = /^remote\..*\.(?:uploadpack|receivepack|vcs)$/s;

/** Hooks in settings. Like hooks in files, none are run, not even the person's own. */
const HOOK = /^hook\..*\.command$/s;

/**
 * The settings that make git run only programs from the person's own settings (system and global scope). Settings in
 * `.git/config`, files it includes and a worktree's config may have come with the folder, so they are not trusted: if the
 * person's own settings have a value, it is used instead; otherwise the program is disabled.
 *
 * @param listing - what {@link LIST_SETTINGS} printed
 * @throws Error if a setting's name makes it impossible to disable
 */
export function foreignPrograms(listing: string): ForeignPrograms {
  const own = new Map<string, string[]>();
  const foreign: (readonly [name: string, value: string])[] = [];
  for (const { scope, name, value } of settingsIn(listing)) {
    if (scope === "command") continue; // our own: such environment variables are not inherited
    if (!HOOK.test(name) && /^(?:system|global)$/.test(scope)) own.set(name, [...(own.get(name) ?? []), value]);
    else foreign.push([name, value]);
  }
  const settings: string[] = [];
  const filters = new Set<string>();
  for (const [name, value] of foreign) {
    const values = own.get(name) ?? [];
    const filter = FILTER.exec(name)?.[1];
    if (filter !== undefined && values.at(-1) !== value) filters.add(filter);
    const nothing = HOOK.test(name) ? ":" : PROGRAMS.find(([pattern]) => pattern.test(name))?.[1];
    if (nothing === undefined) continue;
    // An empty value resets a list setting; the person's own values follow it.
    settings.push(...(values.length === 0 || nothing === "" ? [nothing] : []).map((each) => `${name}=${each}`));
    settings.push(...values.map((each) => `${name}=${each}`));
  }
  for (const filter of filters) {
    settings.push(...["clean", "smudge", "process"].map((key) => `filter.${filter}.${key}=`));
    settings.push(`filter.${filter}.required=false`);
  }
  if ([...filters, ...foreign.filter(isProgram).map(([name]) => name)].some((name) => name.includes("=")))
    throw new Error("This repository's settings name programs that Photon cannot disable.");
  return { settings, filters, isRemoteSafe: !foreign.some(([name]) => REMOTE_PROGRAM.test(name)) };
}

function isProgram([name]: readonly [string, string]): boolean {
  return HOOK.test(name) || PROGRAMS.some(([pattern]) => pattern.test(name));
}

/** A setting's effective value without the command line's. */
export function settingCalled(listing: string, wanted: string): string | null {
  return settingsIn(listing).findLast(({ scope, name }) => scope !== "command" && name === wanted)?.value ?? null;
}

export function settingsIn(
  listing: string,
): { readonly scope: string; readonly name: string; readonly value: string }[] {
  const fields = listing.split("\0");
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, at) => {
    const [name = "", ...lines] = (fields[2 * at + 1] ?? "").split("\n");
    return { scope: fields[2 * at] ?? "", name, value: lines.join("\n") };
  });
}
