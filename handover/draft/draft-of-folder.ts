import { randomUUID } from "node:crypto";
import { homeFolder } from "../../client/disk/user-folders.ts";
import type { Config } from "../../client/settings/config.ts";
import { factsFromGit } from "../git/facts-from-git.ts";
import { NO_FACTS } from "../transcript/transcript-facts.ts";
import type { HandoverDraft } from "./draft-store.ts";
import { renderDraft } from "./render-draft.ts";

interface DraftInput {
  /** Undefined: whoever hands over is in no session; then it is one of its own. */
  readonly session?: string | undefined;
  /** Undefined: what git tells of the folder. */
  readonly text?: string | undefined;
  /** This machine's milliseconds since 1970. */
  readonly now: number;
}

/** A handover of what is in a folder, when no session has kept one. It is not saved. */
export function draftOfFolder(config: Config, folder: string, { session, text, now }: DraftInput): HandoverDraft {
  const git = factsFromGit(folder);
  const { project, machine } = config;
  return {
    ...{ v: 1, session: session ?? randomUUID(), project, machine, folder, savedAt: now, policy: config.handover },
    text: text ?? renderDraft({ project, folder, home: homeFolder(), transcript: NO_FACTS, git }),
    branch: git?.branch ?? null,
    files: git === null ? 0 : git.uncommitted.length + git.untracked.length,
    ...{ prompts: 0, edits: 0 },
  };
}
