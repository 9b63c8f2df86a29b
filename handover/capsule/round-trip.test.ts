import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { treeOf, useWorld } from "../../test/support/capsule/world.ts";
import { applyHere, applyInWorktree } from "./apply/apply-capsule.ts";
import { buildCapsule, NoCapsule } from "./build/build-capsule.ts";

const world = useWorld();

const name = fc.constantFrom("a", "b", "dir", "dir/c", "dir/d e", "ü/f", "x.bin", "run.sh", "B");
const content = fc.oneof(
  fc.constant(""),
  fc.string({ maxLength: 40 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.array(fc.constantFrom("one", "two", "three", ""), { maxLength: 12 }).map((lines) => lines.join("\r\n")),
);
const edit = fc.oneof(
  fc.record({ what: fc.constant("write" as const), name, content, isProgram: fc.boolean() }),
  fc.record({ what: fc.constant("delete" as const), name }),
  fc.record({ what: fc.constant("link" as const), name, to: fc.constantFrom("a", "b", "missing") }),
  fc.record({ what: fc.constant("stage" as const) }),
  fc.record({ what: fc.constant("commit" as const) }),
);
type Edit = typeof edit extends fc.Arbitrary<infer Value> ? Value : never;

function make(folder: string, edits: readonly Edit[]): void {
  for (const each of edits) {
    if (each.what === "stage") world.git(folder, "add", "-A");
    else if (each.what === "commit") world.commit(folder);
    else change(join(folder, each.name), each, folder);
  }
}

function change(path: string, each: Exclude<Edit, { what: "stage" | "commit" }>, folder: string): void {
  // A file or a link in the place of a folder; git would follow the link.
  if (lstatSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() === false) rmSync(dirname(path));
  rmSync(path, { recursive: true, force: true });
  if (each.what === "delete") return;
  mkdirSync(dirname(path), { recursive: true });
  if (each.what === "link") symlinkSync(each.to, path);
  else {
    world.write(each.name, each.content, folder);
    chmodSync(path, each.isProgram ? 0o755 : 0o644);
  }
}

it("resumed work equals the original, for random edits, commits and staged changes, here and in a new folder", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(edit, { maxLength: 10 }),
      fc.array(edit, { minLength: 1, maxLength: 10 }),
      fc.boolean(),
      async (before, after, hasRemote) => {
        const at = (folder: string) => join(world.folder, `${folder} ${++run}`);
        const [from, to, out] = [at("from"), at("to"), at("out")];
        world.git(world.folder, "init", "-q", "-b", "main", from);
        make(from, before);
        world.commit(from, "base");
        world.git(world.folder, "clone", "-q", from, to);
        if (hasRemote) {
          world.git(from, "remote", "add", "origin", to);
          world.git(from, "fetch", "-q", "origin");
        }
        make(from, after);
        const built = await buildCapsule(from).catch((error: unknown) => error);
        if (built instanceof NoCapsule) {
          expect(built.message).toBe("There is no uncommitted or unpushed work.");
          expect(treeOf(to)).toEqual(treeOf(from));
          return;
        }
        if (built instanceof Error) throw built;
        const { content: capsule, excluded } = built as Awaited<ReturnType<typeof buildCapsule>>;
        expect(excluded).toEqual([]);
        const applied = await applyInWorktree(to, capsule, { folder: out, branch: "out" });
        expect(treeOf(applied.folder)).toEqual(treeOf(from));
        await applyHere(to, capsule);
        expect(treeOf(to)).toEqual(treeOf(from));
      },
    ),
    { numRuns: 8 },
  );
}, 300_000);

it("the same work gives the same capsule", async () => {
  world.origin();
  world.write("committed", "x".repeat(500));
  world.commit();
  world.write("new", "x".repeat(500));
  const [first, second] = [await world.build(), await world.build()];
  expect(second.sha256).toBe(first.sha256);
});
