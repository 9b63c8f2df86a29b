import { existsSync } from "node:fs";
import { counted } from "../../client/text/counted.ts";
import { formatBytes } from "../../client/text/handover-offer.ts";
import { type BuiltCapsule, buildCapsule, NoCapsule } from "../capsule/build/build-capsule.ts";
import { code, fitting, withRest } from "../markdown.ts";

/** The capsule of a folder, or why there is none, as a sentence for a person. */
export type CapsuleOutcome =
  | { readonly built: BuiltCapsule }
  | {
      readonly built: null;
      readonly why: string;
      /** Whether there is work, or may be, that therefore stays here. */
      readonly leavesWork: boolean;
      /** What would bring it: another handover, or copying it, because it must not be sent. By default pushing. */
      readonly cure?: "handover" | "copy";
    };

/** Never throws: a handover without a capsule is better than no handover. */
export async function tryBuildCapsule(folder: string): Promise<CapsuleOutcome> {
  if (!existsSync(folder)) return { built: null, why: "The session's folder does not exist.", leavesWork: false };
  try {
    return { built: await buildCapsule(folder) };
  } catch (error) {
    if (error instanceof NoCapsule) {
      const { message: why, leavesWork, mustStay } = error;
      return { built: null, why, leavesWork, ...(mustStay && { cure: "copy" }) };
    }
    // Git's error text may contain paths of this machine, so it is not passed on.
    return { built: null, why: "Git failed. `git status` in that folder may say why.", leavesWork: true };
  }
}

const MAX_FILES_CHARS = 1_500;
const MAX_EXCLUDED_CHARS = 2_000;
const MAX_NAME_CHARS = 120;

/** The section of the handover's text that lists what is in the capsule and what was left out. */
export function capsuleSection(outcome: CapsuleOutcome, sha256: string | null): string {
  if (outcome.built === null) return `## Capsule\n\nNone. ${outcome.why}`;
  const { files, excluded, bytes, content, commitsLeftOut, needsRemote } = outcome.built;
  const count = counted(files.length, "file");
  const commits = content.bundle === null ? "" : ", with unpushed commits";
  // Its reader is told the size on the bridge, encrypted, with the offer to resume.
  const size = sha256 === null ? `, ${formatBytes(bytes.length)} compressed` : "";
  const hash = sha256 === null ? "" : `, sha256 \`${sha256.slice(0, 12)}…\``;
  const names = files.map((path) => code(path, MAX_NAME_CHARS));
  const list = withRest(names, fitting(names, ", ", MAX_FILES_CHARS), (rest) => `and ${rest} more`).join(", ");
  const left = excluded.map(({ path, reason }) => `- Left out: ${code(path, MAX_NAME_CHARS)}, ${reason}`);
  return [
    "## Capsule",
    "",
    `${count}${size}${commits}${hash}${list === "" ? "" : `: ${list}`}.`,
    ...[commitsLeftOut, needsRemote].flatMap((sentence) => (sentence === null ? [] : [`- ${sentence}`])),
    ...withRest(left, fitting(left, "\n", MAX_EXCLUDED_CHARS), (rest) => `- Left out: ${rest} more`),
  ].join("\n");
}
