/** What `git bundle create` writes: a head of text, and a pack. */
export interface Bundle {
  /** Commits that whoever unfolds it must have. */
  readonly prerequisites: readonly string[];
  readonly refs: readonly { readonly object: string; readonly name: string }[];
  readonly pack: Buffer;
}

/** Enough for the commits a work may stand on; a longer head is made to be long. */
const MAX_HEAD_BYTES = 256 * 1024;

const OBJECT = "[0-9a-f]{40}(?:[0-9a-f]{24})?";
const PREREQUISITE = new RegExp(`^-(${OBJECT})(?: .*)?$`);
const REF = new RegExp(`^(${OBJECT}) (\\S+)$`);

/** @returns null for what is no bundle, or one that leaves things out */
export function parseBundle(bytes: Buffer): Bundle | null {
  const end = bytes.subarray(0, MAX_HEAD_BYTES).indexOf("\n\n");
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
