import type { PlacedRef } from "./place-refs.ts";
import { shellQuoted } from "./write-safely.ts";

/**
 * The shell command that removes branches and stashes again. It keeps whatever changed since.
 *
 * Git has no command that drops a stash by its commit, and `stash@{0}` is by then perhaps someone's own. `git branch -D`
 * deletes a branch that has moved, and `git update-ref` one that is checked out. A push into the repository itself refuses
 * both.
 *
 * @param fresh - at least one, none of which was here before
 * @returns one line that bash, zsh, fish and PowerShell 7 read alike
 */
export function undoRefs(root: string, fresh: readonly PlacedRef[], platform = process.platform): string {
  const git = `git -C ${shellQuoted(root, platform)}`;
  const stashes = fresh.filter(({ kind }) => kind === "stash");
  const branches = fresh.filter(({ kind }) => kind === "branch");
  return [
    ...(stashes.length === 0 ? [] : [`${git} -c ${dropAlias(stashes, platform)} photon-undo`]),
    ...(branches.length === 0 ? [] : [`${git} push --no-verify ${deletions(branches, platform)}`]),
  ].join(" && ");
}

/** Git runs an alias with a POSIX shell on every system. The oldest goes first, so that no other number changes. */
function dropAlias(stashes: readonly PlacedRef[], platform: NodeJS.Platform): string {
  const [outer, inner] = platform === "win32" ? ['"', "'"] : ["'", '"'];
  const wanted = stashes.map(({ commit }) => `s/^${commit} //p`).join(";");
  // With -I, xargs runs nothing if no stash is left.
  const drop = `git stash list --format=${inner}%H %gd${inner} | sed -n ${inner}${wanted}${inner} | sort -rnt{ -k2 | xargs -I@ git stash drop @`;
  return `alias.photon-undo=${outer}!${drop}${outer}`;
}

function deletions(branches: readonly PlacedRef[], platform: NodeJS.Platform): string {
  const leases = branches.map(({ as, commit }) =>
    shellQuoted(`--force-with-lease=refs/heads/${as}:${commit}`, platform),
  );
  return [...leases, ".", ...branches.map(({ as }) => shellQuoted(`:refs/heads/${as}`, platform))].join(" ");
}
