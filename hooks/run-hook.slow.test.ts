import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltHooks, buildHooks, nodeVersions, runBuiltHook } from "../test/support/hooks/built-hooks.ts";

/** What a handler may do; the hook below does what MISBEHAVE says. */
const BEHAVIOURS = `{
  "prints": () => ({ systemMessage: "hello" }),
  "prints much": () => ({ systemMessage: "x".repeat(1_000_000) }),
  "throws": () => { throw new Error("first line\\nsecond \\u001b[31mline"); },
  "throws no error": () => { throw "a text"; },
  "throws later": () => { setTimeout(() => { throw new Error("later"); }, 10); return new Promise(() => {}); },
  "has an unhandled rejection": () => { Promise.reject(new Error("unseen")); return new Promise(() => {}); },
  "never ends": () => new Promise(() => {}),
  "blocks for longer than its budget": () => { for (const end = Date.now() + 1_500; Date.now() < end; ); return new Promise(() => {}); },
  "complains twice and goes on": ({ complain }) => { complain("one"); complain("two"); return { systemMessage: "hello" }; },
  "tells where it is": ({ folder, config }) => ({ systemMessage: folder + " " + config.project }),
}`;

let folder: string;
let hooks: BuiltHooks;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "photon run-hook "));
  const source = join(folder, "misbehaving.ts");
  const runHook = JSON.stringify(join(import.meta.dirname, "run-hook.ts"));
  writeFileSync(
    source,
    `import { runHook } from ${runHook};
    const behaviours = ${BEHAVIOURS};
    void runHook({ budgetMs: 1_000 }, (context) => behaviours[context.env.MISBEHAVE](context));`,
  );
  hooks = await buildHooks({ misbehaving: source });
});
afterAll(() => {
  hooks.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(nodeVersions())("a hook under Node $version", ({ node }) => {
  const run = (behaviour: string, more: { isUnread?: boolean; env?: Record<string, string>; event?: object } = {}) => {
    const env = { HOME: folder, PHOTON_HOME: folder, MISBEHAVE: behaviour, ...more.env };
    const { isUnread = false, event = {} } = more;
    return runBuiltHook(hooks.path("misbehaving"), { node, env, stdin: event, isUnread });
  };

  it.each([
    ["prints", '{"systemMessage":"hello"}\n', ""],
    ["throws", "", "Photon: first line second  [31mline\n"],
    ["throws no error", "", "Photon: a text\n"],
    ["throws later", "", "Photon: later\n"],
    ["has an unhandled rejection", "", "Photon: unseen\n"],
    ["never ends", "", "Photon: the hook was stopped after 1000 ms.\n"],
    ["blocks for longer than its budget", "", "Photon: the hook was stopped after 1000 ms.\n"],
    ["complains twice and goes on", '{"systemMessage":"hello"}\n', "Photon: one\n"],
  ])("that %s exits 0, with its output whole and at most one line of complaint", async (behaviour, stdout, stderr) => {
    expect(await run(behaviour)).toMatchObject({ code: 0, signal: null, stdout, stderr });
  });

  it("prints more than a pipe holds to its end", async () => {
    expect((await run("prints much")).output).toEqual({ systemMessage: "x".repeat(1_000_000) });
  });

  it.each(["prints", "prints much", "throws"])("that %s exits 0 if its output is not read", async (behaviour) => {
    expect(await run(behaviour, { isUnread: true })).toMatchObject({ code: 0, signal: null });
  });

  it("is in the event's folder, else in the client's project folder, else where it was started", async () => {
    const where = async (env: Record<string, string>, event: object) =>
      (await run("tells where it is", { env, event })).output;
    expect(await where({ CLAUDE_PROJECT_DIR: "/a/one" }, { cwd: "/a/two" })).toEqual({ systemMessage: "/a/two two" });
    expect(await where({ CLAUDE_PROJECT_DIR: "/a/one" }, {})).toEqual({ systemMessage: "/a/one one" });
    expect(await where({}, { cwd: "/a/two" })).toEqual({ systemMessage: "/a/two two" });
    expect(await where({}, {})).toEqual({ systemMessage: expect.stringContaining(tmpdir()) });
  });
});
