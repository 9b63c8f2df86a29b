import { LIST_SETTINGS, settingsIn } from "../../client/git/foreign-programs.ts";
import { gitText, runGit } from "../../client/git/git.ts";

/** A remote of a repository, as its settings name it. */
export interface Remote {
  readonly name: string;
  readonly url: string;
}

/** The remotes among all settings. @param listing - what {@link LIST_SETTINGS} printed */
export function remotesAmong(listing: string): Remote[] {
  return settingsIn(listing).flatMap(({ name: setting, value: url }) => {
    const [, name] = /^remote\.(.*)\.url$/.exec(setting) ?? [];
    return name === undefined || url === "" ? [] : [{ name, url }];
  });
}

/**
 * The remotes, those first that another machine most likely has too: not one that is a folder of this machine; then
 * `origin`, which every clone has; then the one that the branch follows.
 */
export function bySharing(remotes: readonly Remote[], followed: string | null): Remote[] {
  const rank = (remote: Remote) =>
    [isFolder(remote), remote.name !== "origin", remote.name !== followed].map(Number).join("");
  return [...remotes].sort((a, b) => rank(a).localeCompare(rank(b)));
}

/** Neither `scheme://…` nor `host:path`; a single letter before the colon is a drive of Windows. */
export function isFolder({ url }: Remote): boolean {
  return /^file:/i.test(url) || !/^(?:[a-z][a-z0-9+.-]*:\/\/|[^/\\:]{2,}:)/i.test(url);
}

/** For `git for-each-ref`: prints something if something was ever fetched from or pushed to the remote. */
export function anyBranchOf({ name }: Remote): string[] {
  return ["for-each-ref", "--count=1", "--format=%(refname)", `refs/remotes/${name}/`];
}

/** Limits `git rev-list` and `git log` to commits that a remote lacks; without a remote, to those that all lack. */
export function notOn(remote: Remote | null): string[] {
  return ["--not", remote === null ? "--remotes" : `--remotes=${remote.name}`];
}

/** The remote whose commits the other machine most likely has; null if nothing is known of any. @param branch - null for no branch in particular */
export async function sharedRemote(root: string, branch: string | null): Promise<Remote | null> {
  const { code, stdout } = await runGit(root, LIST_SETTINGS);
  const remotes = code === 0 ? remotesAmong(stdout.toString()) : [];
  const followed = branch === null ? "" : await gitText(root, ["for-each-ref", FOLLOWED, `refs/heads/${branch}`]);
  for (const remote of bySharing(remotes, followed || null))
    if ((await gitText(root, anyBranchOf(remote))) !== "") return remote;
  return null;
}

const FOLLOWED = "--format=%(upstream:remotename)";

/**
 * The names of the remotes that another machine can reach: none of their addresses, those for pushing included, is a folder
 * or a server on this machine. What only another remote has is lost with this machine.
 *
 * @throws Error if git fails
 */
export async function reachableRemotes(root: string): Promise<string[]> {
  // Unlike the settings, this has every `url.*.insteadOf` applied.
  const lines = (await gitText(root, ["remote", "-v"])).split("\n").filter(Boolean);
  const isReachable = new Map<string, boolean>();
  for (const line of lines) {
    const [, name = "", url = ""] = /^([^\t]+)\t(.*) \((?:fetch|push)\)/.exec(line) ?? [];
    const isHere = url === "" || isFolder({ name, url }) || THIS_MACHINE.test(url);
    isReachable.set(name, !isHere && isReachable.get(name) !== false);
  }
  const others = [...isReachable.keys()].filter((name) => isReachable.get(name) === false);
  // Git cannot tell the branches of `a` from those of a remote `a/b`.
  return [...isReachable.keys()].filter(
    (name) => isReachable.get(name) === true && !others.some((other) => other.startsWith(`${name}/`)),
  );
}

const THIS_MACHINE = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)/i;

/** Limits `git rev-list` to commits that each of the remotes lacks; with no remote, to nothing. */
export function notOnAny(remotes: readonly string[]): string[] {
  return ["--not", ...remotes.map((name) => `--remotes=${name}`)];
}
