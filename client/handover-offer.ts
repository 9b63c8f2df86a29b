import type { UnreadGroup } from "../contract/api.ts";
import type { Work } from "../contract/capsule.ts";
import { formatAgo } from "./format-age.ts";

/** A longer branch name is cut: its sender chose it, and every session pays for it. */
const MAX_BRANCH_CHARS = 40;

/**
 * The newest handover among what waits, in one line: "from mac/photon, 2 h ago, branch `main`, 12 files, with capsule
 * (34 KB)". Nothing in it is free text: a branch name's other characters are marks.
 *
 * @param groups - newest first
 * @param now - milliseconds since 1970
 * @returns null when none waits
 */
export function handoverOffer(groups: readonly UnreadGroup[], now: number): { id: string; line: string } | null {
  const newest = groups.find(({ kind }) => kind === "handover");
  if (!newest) return null;
  const { id, timestamp, work, takenBy } = newest.latest;
  const parts = [
    `from ${newest.from}`,
    formatAgo(Date.parse(timestamp), now),
    ...(work ? aboutWork(work) : []),
    ...(takenBy === undefined ? [] : [`taken over by ${plain(takenBy)} already`]),
  ];
  return { id, line: parts.join(", ") };
}

/** "branch `main`", "12 files", "with capsule (34 KB)" */
function aboutWork({ branch, files, capsule }: Work): string[] {
  return [
    ...(branch === null ? [] : [`branch \`${plain(branch)}\``]),
    files === 1 ? "1 file" : `${files} files`,
    capsule === undefined ? "no capsule" : `with capsule (${formatBytes(capsule.bytes)})`,
  ];
}

/** "34 KB", "1.2 MB"; what is less than a kilobyte is one. */
export function formatBytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function plain(name: string): string {
  const safe = name.replace(/[^\w./+#@-]/g, "?");
  return safe.length <= MAX_BRANCH_CHARS ? safe : `${safe.slice(0, MAX_BRANCH_CHARS - 1)}…`;
}
