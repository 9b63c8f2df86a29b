import { type GitOptions, gitBytes } from "../../client/git/git.ts";

/** Objects read by one git process. */
const GROUP_BYTES = 32 * 1024 * 1024;

/** The sizes of objects in bytes. Leaves out missing objects. */
export async function objectSizes(
  root: string,
  objects: Iterable<string>,
  options: GitOptions = {},
): Promise<Map<string, number>> {
  const wanted = [...new Set(objects)];
  if (wanted.length === 0) return new Map();
  const lines = await gitBytes(root, ["cat-file", "--batch-check=%(objectname) %(objectsize)"], {
    ...options,
    stdin: Buffer.from(`${wanted.join("\n")}\n`),
  });
  return new Map(
    lines
      .toString()
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, size = ""]) => /^\d+$/.test(size))
      .map(([object = "", size]) => [object, Number(size)]),
  );
}

/** Yields each object's content once. */
export async function* readObjects(
  root: string,
  sizes: ReadonlyMap<string, number>,
  options: GitOptions = {},
): AsyncGenerator<readonly [string, Buffer]> {
  let group: string[] = [];
  let bytes = 0;
  for (const [object, size] of sizes) {
    if (bytes + size > GROUP_BYTES && group.length > 0) {
      yield* await readGroup(root, group, options);
      group = [];
      bytes = 0;
    }
    group.push(object);
    bytes += size;
  }
  if (group.length > 0) yield* await readGroup(root, group, options);
}

async function readGroup(root: string, objects: string[], options: GitOptions): Promise<[string, Buffer][]> {
  const output = await gitBytes(root, ["cat-file", "--batch=%(objectname) %(objectsize)"], {
    ...options,
    stdin: Buffer.from(`${objects.join("\n")}\n`),
  });
  const contents: [string, Buffer][] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const [object = "", size = ""] = output.toString("latin1", at, end).split(" ");
    if (!/^\d+$/.test(size)) throw new Error(`git cannot find the object ${object}.`);
    contents.push([object, output.subarray(end + 1, end + 1 + Number(size))]);
    at = end + 1 + Number(size) + 1;
  }
  return contents;
}
