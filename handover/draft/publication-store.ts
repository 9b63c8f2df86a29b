import type { Paths } from "../../client/disk/paths.ts";
import { numberField, recordOf, textField } from "../../client/disk/private-file.ts";
import { changeSessionFile, readSessionFile } from "../../client/sessions/session-file.ts";

/** What a session published last. */
export interface Publication {
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

/** @returns null when the session published nothing */
export function readPublication(paths: Pick<Paths, "sessions">, session: string): Publication | null {
  const published = recordOf(readSessionFile(paths, session).published);
  const id = textField(published, "id");
  const at = numberField(published, "at");
  const text = textField(published, "text");
  if (id === undefined || at === undefined || text === undefined) return null;
  const byPerson = parsePersons(published?.byPerson);
  return { session, id, at, text, ...(byPerson && { byPerson }) };
}

/** @throws the file system's own error (disk full, read-only home) */
export function savePublication(paths: Pick<Paths, "sessions">, publication: Publication): void {
  const { session, ...published } = publication;
  changeSessionFile(paths, session, (before) => ({ ...before, published }));
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
