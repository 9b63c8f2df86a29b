import { existsSync } from "node:fs";
import { counted } from "../../client/text/counted.ts";
import { formatBytes } from "../../client/text/handover-offer.ts";
import { type BuiltCapsule, buildCapsule, NoCapsule } from "../capsule/build/build-capsule.ts";
import { code } from "../draft/markdown.ts";
import { fitting, withRest } from "../draft/short-list.ts";

/** The work of a folder as a capsule, or why there is none, as a sentence for a person. */
export type CapsuleOutcome = { readonly built: BuiltCapsule } | { readonly built: null; readonly why: string };

/** Never throws: a handover without its capsule is better than none. */
export async function tryBuildCapsule(folder: string): Promise<CapsuleOutcome> {
  if (!existsSync(folder)) return { built: null, why: "The folder in which the session worked is not there." };
  try {
    return { built: await buildCapsule(folder) };
  } catch (error) {
    if (error instanceof NoCapsule) return { built: null, why: error.message };
    // Git's own words may hold paths of this machine; where to look is enough.
    return { built: null, why: "Git could not make it: `git status` in that folder may say why." };
  }
}

const MAX_FILES_CHARS = 1_500;
const MAX_EXCLUDED_CHARS = 2_000;
const MAX_NAME_CHARS = 120;

/** What is in a capsule and what stayed behind, as a part of the handover's text. */
export function capsuleSection(outcome: CapsuleOutcome, sha256: string | null): string {
  if (outcome.built === null) return `## Capsule\n\nNone. ${outcome.why}`;
  const { files, excluded, bytes, content, commitsLeftOut } = outcome.built;
  const commits = content.bundle === null ? "" : ", with unpushed commits";
  const names = files.map((path) => code(path, MAX_NAME_CHARS));
  const left = excluded.map(({ path, reason }) => `- Left out: ${code(path, MAX_NAME_CHARS)}, ${reason}`);
  const list = withRest(names, fitting(names, ", ", MAX_FILES_CHARS), (rest) => `and ${rest} more`).join(", ");
  return [
    "## Capsule",
    "",
    `${counted(files.length, "file")}, ${formatBytes(bytes.length)} compressed${commits}${sha256 === null ? "" : `, sha256 \`${sha256}\``}${list === "" ? "." : `: ${list}.`}`,
    ...(commitsLeftOut === null ? [] : [`- ${commitsLeftOut}`]),
    ...withRest(left, fitting(left, "\n", MAX_EXCLUDED_CHARS), (rest) => `- Left out: ${rest} more`),
  ].join("\n");
}
