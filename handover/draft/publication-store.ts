import { join } from "node:path";
import type { Paths } from "../../client/paths.ts";
import { isPlainSession } from "../../client/plain-session.ts";
import {
  numberField,
  readPrivateJson,
  recordOf,
  removeOlderFiles,
  textField,
  writePrivateJson,
} from "../../client/private-file.ts";

/** What a session published last. One per session, beside its draft, which only the hooks write. */
export interface Publication {
  readonly v: 1;
  readonly session: string;
  /** The message that carries it; a later one replaces that. */
  readonly id: string;
  /** In this machine's milliseconds since 1970. */
  readonly at: number;
  /** What that message says, without what is said of the capsule. */
  readonly text: string;
  /** Set when the person published it, who may have put it better and chosen who gets it. */
  readonly byPerson?: PersonsHandover;
}

interface PersonsHandover {
  /** The person's own words; null when they took the draft as it was. */
  readonly text: string | null;
  /** The address they chose; null for everyone. */
  readonly to: string | null;
  /** What the session had done by then. */
  readonly prompts: number;
  readonly edits: number;
}

/** As long as drafts. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;

/** @returns null when the session published nothing */
export function readPublication(paths: Pick<Paths, "published">, session: string): Publication | null {
  const file = isPlainSession(session) ? recordOf(readPrivateJson(fileOf(paths, session))) : undefined;
  const id = textField(file, "id");
  const at = numberField(file, "at");
  const text = textField(file, "text");
  if (id === undefined || at === undefined || text === undefined) return null;
  const byPerson = parsePersons(file?.byPerson);
  return { v: 1, session, id, at, text, ...(byPerson && { byPerson }) };
}

/** @throws the file system's own error (disk full, read-only home) */
export function savePublication(paths: Pick<Paths, "published">, publication: Publication): void {
  writePrivateJson(fileOf(paths, publication.session), publication);
  removeOlderFiles(paths.published, publication.at - MAX_AGE_MS);
}

function fileOf({ published }: Pick<Paths, "published">, session: string): string {
  return join(published, `${session}.json`);
}

function parsePersons(value: unknown): PersonsHandover | undefined {
  if (recordOf(value) === undefined) return undefined;
  return {
    text: textField(value, "text") ?? null,
    to: textField(value, "to") ?? null,
    prompts: numberField(value, "prompts") ?? 0,
    edits: numberField(value, "edits") ?? 0,
  };
}
