/** The output of `git bundle create`: a text header and a pack. */
export interface Bundle {
  /** Commits that a repository must have to unpack the bundle. */
  readonly prerequisites: readonly string[];
  readonly refs: readonly { readonly object: string; readonly name: string }[];
  readonly pack: Buffer;
}

/** More objects than 2,000 commits of a session have. */
export const MAX_OBJECTS = 100_000;

/** Limit for git's list of all files that the commits change, one commit after another: some 200,000 changes. */
export const MAX_CHANGES_BYTES = 32 * 1024 * 1024;

/** The number of objects, as a pack's header states it. */
export function objectsIn(pack: Buffer): number {
  return pack.length < 12 ? Number.POSITIVE_INFINITY : pack.readUInt32BE(8);
}

/** Enough for all prerequisites of real work. A longer header is an attack. */
const MAX_HEADER_BYTES = 256 * 1024;

const OBJECT = "[0-9a-f]{40}(?:[0-9a-f]{24})?";
const PREREQUISITE = new RegExp(`^-(${OBJECT})(?: .*)?$`);
/** Read as Latin-1, a letter such as "à" holds a byte that `\s` matches. */
const REF = new RegExp(`^(${OBJECT}) ([^ \\t\\v\\f\\r]+)$`);

/** @returns null if the bytes are not a bundle, or are a filtered one, which leaves objects out */
export function parseBundle(bytes: Buffer): Bundle | null {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf("\n\n");
  const [signature = "", ...lines] = bytes.toString("latin1", 0, Math.max(end, 0)).split("\n");
  if (end === -1 || !/^# v[23] git bundle$/.test(signature)) return null;
  const prerequisites: string[] = [];
  const refs: { object: string; name: string }[] = [];
  for (const line of lines) {
    if (/^@object-format=sha(?:1|256)$/.test(line)) continue;
    const prerequisite = PREREQUISITE.exec(line)?.[1];
    const [, object, name] = REF.exec(line) ?? [];
    if (prerequisite !== undefined) prerequisites.push(prerequisite);
    else if (object !== undefined && name !== undefined) refs.push({ object, name });
    else return null;
  }
  return { prerequisites, refs, pack: bytes.subarray(end + 2) };
}
