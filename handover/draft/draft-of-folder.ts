import { randomUUID } from "node:crypto";
import { homeFolder } from "../../client/disk/user-folders.ts";
import type { Config } from "../../client/settings/config.ts";
import { gitState, PATIENT_MS } from "../git/git-state.ts";
import { renderDraft } from "../page/render-draft.ts";
import { NO_FACTS } from "../transcript/transcript-facts.ts";
import type { HandoverDraft } from "./draft-store.ts";

interface DraftInput {
  /** Undefined when no session hands over. The handover then gets a new id. */
  readonly session?: string | undefined;
  /** By default a description of the folder's state in git. */
  readonly text?: string | undefined;
  /** This machine's milliseconds since 1970. */
  readonly now: number;
}

/** Makes a draft from a folder, for when no session has kept one. Does not save it. */
export function draftOfFolder(config: Config, folder: string, { session, text, now }: DraftInput): HandoverDraft {
  const { git, trouble } = gitState(folder, PATIENT_MS);
  const { project, machine } = config;
  return {
    session: session ?? randomUUID(),
    project,
    machine,
    folder,
    savedAt: now,
    policy: config.handover,
    text: text ?? renderDraft({ project, folder, home: homeFolder(), transcript: NO_FACTS, git, gitTrouble: trouble }),
    branch: git?.branch ?? null,
    files: git === null ? 0 : git.uncommitted.length + git.untracked.length,
    prompts: 0,
    edits: 0,
  };
}
