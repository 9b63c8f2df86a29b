import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "photon run "));
  mkdirSync(join(root, "scripts"));
  cpSync(fileURLToPath(new URL("run.mjs", import.meta.url)), join(root, "scripts/run.mjs"));
  script("install.mjs", `note("install", ...process.argv.slice(2));`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A script of the copy, which notes what it is told. */
function script(name: string, body: string): void {
  const note = `const note = (...words) => appendFileSync(${JSON.stringify(join(root, "log"))}, words.join(" ") + "\\n");`;
  writeFileSync(join(root, "scripts", name), `import { appendFileSync } from "node:fs";\n${note}\n${body}\n`);
}

function run(...args: string[]) {
  return spawnSync(process.execPath, [join(root, "scripts/run.mjs"), ...args], { encoding: "utf8" });
}

const log = () => readFileSync(join(root, "log"), "utf8").trim().split("\n");

describe("scripts/run.mjs", () => {
  it("installs, then runs the program with its arguments, and ends as it does", () => {
    script("task.mjs", `note("task", ...process.argv.slice(2)); process.exit(3);`);
    expect(run("scripts/task.mjs", "--port", "two words").status).toBe(3);
    expect(log()).toEqual(["install", "task --port two words"]);
  });

  it("runs a program of a package by its name", () => {
    mkdirSync(join(root, "node_modules/knip"), { recursive: true });
    writeFileSync(
      join(root, "node_modules/knip/package.json"),
      JSON.stringify({ bin: { knip: "../../scripts/task.mjs" } }),
    );
    script("task.mjs", `note("knip", ...process.argv.slice(2));`);
    expect(run("knip", "--strict").status).toBe(0);
    expect(log()).toEqual(["install", "knip --strict"]);
  });

  it("installs the client for what needs it", () => {
    script("task.mjs", `note("task", ...process.argv.slice(2));`);
    run("--with-client", "scripts/task.mjs", "--with-client");
    expect(log()).toEqual(["install --with-client", "task --with-client"]);
  });

  it("runs nothing when the install failed", () => {
    script("install.mjs", "process.exit(1);");
    script("task.mjs", `note("task");`);
    expect(run("scripts/task.mjs").status).toBe(1);
    expect(log).toThrow("ENOENT");
  });

  it.skipIf(process.platform === "win32")("passes on that it is to end, and waits for the program", async () => {
    script(
      "task.mjs",
      `process.on("SIGTERM", () => { note("told"); process.exit(0); }); setInterval(() => {}, 1000); console.log("ready");`,
    );
    const child = spawn(process.execPath, [join(root, "scripts/run.mjs"), "scripts/task.mjs"]);
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(log()).toEqual(["install", "told"]);
  });
});
