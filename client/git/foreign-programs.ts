/** What a repository's own settings name as programs, and how git is kept from running them. */
interface ForeignPrograms {
  /** `name=value`, each for a `-c` of git. */
  readonly settings: readonly string[];
  /** Names of filters that are not run: what a file with one of them would be stored as is not known. */
  readonly filters: ReadonlySet<string>;
  /** Whether git may be let talk to a remote. */
  readonly isRemoteSafe: boolean;
}

/** Prints every setting with whose it is. It reads files and runs nothing. */
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

/** A remote's program on its side, which may be this one. Of several git takes the first: no other can be put before it. */
const REMOTE_PROGRAM = /^remote\..*\.(?:uploadpack|receivepack|vcs)$/s;

/** Hooks that are settings; as little of the person's own are run as of those in files. */
const HOOK = /^hook\..*\.command$/s;

/**
 * What git must be told so that it runs only programs of the person's own settings (of the system, and of the person on
 * this machine). Those in `.git/config`, in what that includes and in a worktree's may have come with the folder, and
 * nobody can tell: where the person's own say something else, that counts, else nothing is run.
 *
 * @param listing - what {@link LIST_SETTINGS} printed
 * @throws Error for a name that cannot be switched off
 */
export function foreignPrograms(listing: string): ForeignPrograms {
  const own = new Map<string, string[]>();
  const foreign: (readonly [name: string, value: string])[] = [];
  for (const { scope, name, value } of settingsIn(listing)) {
    if (scope === "command") continue; // ours: variables of that kind are not inherited
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
    // An empty value empties a list; the person's own follow it.
    settings.push(...(values.length === 0 || nothing === "" ? [nothing] : []).map((each) => `${name}=${each}`));
    settings.push(...values.map((each) => `${name}=${each}`));
  }
  for (const filter of filters) {
    settings.push(...["clean", "smudge", "process"].map((key) => `filter.${filter}.${key}=`));
    settings.push(`filter.${filter}.required=false`);
  }
  if ([...filters, ...foreign.filter(isProgram).map(([name]) => name)].some((name) => name.includes("=")))
    throw new Error("This repository's settings name programs in a way that git cannot be told to leave out.");
  return { settings, filters, isRemoteSafe: !foreign.some(([name]) => REMOTE_PROGRAM.test(name)) };
}

function isProgram([name]: readonly [string, string]): boolean {
  return HOOK.test(name) || PROGRAMS.some(([pattern]) => pattern.test(name));
}

/** The value in force, leaving out what the command line sets; null when the setting is missing. */
export function settingCalled(listing: string, wanted: string): string | null {
  return settingsIn(listing).findLast(({ scope, name }) => scope !== "command" && name === wanted)?.value ?? null;
}

function settingsIn(listing: string): { readonly scope: string; readonly name: string; readonly value: string }[] {
  const fields = listing.split("\0");
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, at) => {
    const [name = "", ...lines] = (fields[2 * at + 1] ?? "").split("\n");
    return { scope: fields[2 * at] ?? "", name, value: lines.join("\n") };
  });
}
