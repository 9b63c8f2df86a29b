import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Paths } from "../../client/disk/paths.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { findRepository } from "../../client/git/found-repository.ts";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import type { Config } from "../../client/settings/config.ts";
import { withGit } from "../draft/draft-of-session.ts";
import { type HandoverDraft, readDraft } from "../draft/draft-store.ts";
import type { OpenSession } from "../draft/open-sessions.ts";
import { beginWriting, endWriting, type Writing } from "../draft/writing-store.ts";
import { homeIn, plainPaths } from "../page/plain-paths.ts";
import { conversationEnd } from "./conversation-end.ts";
import { askClaude, MODEL } from "./run-claude.ts";
import { INSTRUCTIONS, writingPrompt } from "./writing-task.ts";
import { writtenPage } from "./written-page.ts";

interface Writer {
  readonly paths: Paths;
  /** Returns the settings for a folder. */
  readonly configOf: (folder: string) => Config;
  readonly env: NodeJS.ProcessEnv;
  /** How long Claude may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Has Claude write the page of an ended session, once. The page, or the reason why there is none, is recorded for the
 * next `publishDue`.
 *
 * @throws the file system's own error (disk full, read-only home)
 */
export async function writePage(writer: Writer, open: OpenSession, now: number = Date.now()): Promise<void> {
  const { paths, configOf } = writer;
  const config = configOf(open.folder);
  const saved = readDraft(paths, open.session);
  const draft = saved && withGit(paths, config, saved);
  if (draft === null || !beginWriting(paths, draft, now)) return;
  endWriting(paths, open.session, await resultOf(writer, config, open, draft));
}

async function resultOf(
  { env, timeoutMs }: Writer,
  config: Config,
  { transcriptPath, folder }: OpenSession,
  draft: HandoverDraft,
): Promise<Pick<Writing, "page" | "why">> {
  if (!isOfSameProject(env, folder)) return { why: "no session of this project was there to ask it" };
  const mask = async (text: string) => (await maskSecrets(text, { ownKey: config.apiKey })).text;
  let place: string | null = null;
  try {
    const conversation = await conversationEnd(transcriptPath, mask);
    if (conversation === "") return { why: "the conversation could not be read" };
    const prompt = writingPrompt(await mask(draft.text), conversation);
    place = mkdtempSync(join(tmpdir(), "photon-writes-"));
    const answer = await askClaude({ instructions: INSTRUCTIONS, prompt, folder: place, env, timeoutMs });
    if (answer.text === null) return { why: answer.why };
    const homes = [...new Set([homeFolder(), ...homeIn(folder)])];
    const page = writtenPage(answer.text, draft.text, BY_CLAUDE, (text) => plainPaths(text, [folder], homes));
    return page === null ? { why: "its answer was no such page" } : { page };
  } catch {
    return { why: "the conversation could not be prepared for it" }; // the cause may quote the conversation
  } finally {
    if (place !== null) rmSync(place, { recursive: true, force: true });
  }
}

const BY_CLAUDE = `Goal, State, Done and Open: written by Claude (${MODEL}) from Photon's facts and the end of the conversation. The rest are facts.`;

/**
 * Whether this process was started by a session of the same repository, so that it has the same provider of the model: a
 * project's settings may name one, which must not get the conversation of another project.
 */
function isOfSameProject({ CLAUDE_PROJECT_DIR: started }: NodeJS.ProcessEnv, folder: string): boolean {
  if (!started || started === folder) return started === folder;
  const repository = findRepository(folder);
  return repository !== null && repository.main === findRepository(started)?.main;
}
