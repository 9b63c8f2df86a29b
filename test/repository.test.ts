import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ADDRESS = "https://github.com/somebody/photon";

const Versioned = z.looseObject({ version: z.string() });
const Marketplace = z.looseObject({ plugins: z.tuple([Versioned]) });
const Package = Versioned.extend({
  engines: z.object({ node: z.string() }),
  scripts: z.record(z.string(), z.string()),
});

const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0").filter(Boolean);
const workflows = tracked.filter((path) => /^\.github\/workflows\/.*\.ya?ml$/.test(path));
/** The documents for people. The decisions and the changelog describe earlier states. */
const documents = tracked.filter((path) =>
  /^[^/]+\.md$|^(?:docs|commands|\.github)\/.*\.md$|^evals\/README\.md$/.test(path),
);
const current = documents.filter((path) => !/^docs\/decisions\/|^CHANGELOG/.test(path));

const manifest = Package.parse(JSON.parse(read("package.json")));

describe("the version", () => {
  it("is the same in package.json, the plugin's manifest and the marketplace's", () => {
    const plugin = Versioned.parse(JSON.parse(read(".claude-plugin/plugin.json")));
    const [listed] = Marketplace.parse(JSON.parse(read(".claude-plugin/marketplace.json"))).plugins;
    expect([plugin.version, listed.version]).toEqual([manifest.version, manifest.version]);
  });

  it("has a section in the changelog, which becomes the text of its release", () => {
    const { status, stdout } = releaseNotes(`v${manifest.version}`);
    expect(status).toBe(0);
    expect(stdout.trim()).not.toBe("");
    expect(stdout).not.toMatch(/^## /m);
    expect(read("CHANGELOG.md")).toContain(stdout.trim());
  });

  it.each([
    ["another version", "v99.0.0", /package\.json has version .*, the tag is v99\.0\.0/],
    ["no version", "latest", /^Usage: /],
  ])("is not released under a tag of %s", (_, tag, sentence) => {
    const { status, stderr } = releaseNotes(tag);
    expect(status).toBe(1);
    expect(stderr).toMatch(sentence);
  });
});

describe("the workflows", () => {
  it("exist for checks and for releases", () => {
    expect(workflows).toEqual([".github/workflows/ci.yml", ".github/workflows/release.yml"]);
  });

  it.each(workflows)("%s pins every action to a full commit hash, with the tag in a comment", (path) => {
    const used = [...read(path).matchAll(/uses: (.*)/g)].map(([, what = ""]) => what);
    expect(used).not.toEqual([]);
    for (const what of used) {
      expect(what).toMatch(/^\.\/\.github\/workflows\/|^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it.each(workflows)("%s has only read permission, and no step keeps the token", (path) => {
    const text = read(path);
    expect(text).toMatch(/^permissions:\n {2}contents: read\n(?! )/m);
    const checkouts = text.match(/uses: actions\/checkout@/g)?.length;
    expect(text.match(/persist-credentials: false/g)?.length).toBe(checkouts);
  });

  it("have write permission only in the release job, which runs none of the toolchain", () => {
    expect(read(".github/workflows/ci.yml")).not.toMatch(/: write/);
    const [, job = ""] = read(".github/workflows/release.yml").split(/^ {2}release:$/m);
    expect(job).toMatch(/contents: write/);
    expect(job).not.toMatch(/npm |npx|\.ci\/run/);
  });

  it("test with the oldest supported Node, which is also the one for development", () => {
    const oldest = /^>=(\d+)\./.exec(manifest.engines.node)?.[1];
    expect(read(".nvmrc").trim()).toBe(oldest);
    expect(read(".devcontainer/devcontainer.json")).toContain(`javascript-node:${oldest}-`);
    for (const [, list] of read(".github/workflows/ci.yml").matchAll(/node: \[(.*)\]/g)) {
      expect(list?.split(", ")).toEqual([oldest, "22", "24"]);
    }
  });
});

describe("the address of the repository", () => {
  let copy: string;
  const script = (...args: string[]) =>
    spawnSync(process.execPath, ["scripts/repository-address.mjs", ...args], { cwd: copy, encoding: "utf8" });
  const textOf = (path: string) => readFileSync(join(copy, path), "utf8");

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "photon repository "));
    const needed = /^\.github\/|^package\.json$|^\.claude-plugin\/.*\.json$|^scripts\/[^/]+\.mjs$/;
    for (const path of [...documents, ...tracked.filter((each) => needed.test(each))]) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      cpSync(join(ROOT, path), join(copy, path));
    }
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it("is the same in every file as the script writes it from package.json", () => {
    expect(script("--check")).toMatchObject({ status: 0, stderr: "" });
  });

  it("is set in every file by one command, and changed by the same command later", () => {
    expect(script("https://github.com/before/name").status).toBe(0);
    expect(script(`${ADDRESS}.git`).status).toBe(0);
    expect(JSON.parse(textOf("package.json"))).toMatchObject({
      repository: ADDRESS,
      homepage: `${ADDRESS}#readme`,
      bugs: `${ADDRESS}/issues`,
      version: manifest.version,
    });
    expect(JSON.parse(textOf(".claude-plugin/plugin.json"))).toMatchObject({ homepage: ADDRESS, repository: ADDRESS });
    expect(textOf(".github/CODEOWNERS")).toMatch(/^\* @somebody$/m);
    expect(textOf(".github/ISSUE_TEMPLATE/config.yml")).toContain(`url: ${ADDRESS}/security/advisories/new`);
    expect(documents.map(textOf).join("\n")).not.toContain("github.com/before");
    expect(script("--check").status).toBe(0);
  });

  it("is checked: a change by hand is reported", () => {
    const path = join(copy, ".github/CODEOWNERS");
    writeFileSync(path, textOf(".github/CODEOWNERS").replace("@somebody", "@else"));
    expect(script("--check")).toMatchObject({ status: 1, stderr: expect.stringContaining(".github/CODEOWNERS") });
  });

  it("is refused if it is invalid", () => {
    expect(script("somebody/photon").status).toBe(1);
  });

  it("is not a placeholder in any document", () => {
    const placeholder = /<(?:this |your )?(?:repository|owner)[^>]*>|\bOWNER\b|github\.com\/(?:you|me|example)\b/;
    expect(current).toContain("README.md");
    expect(current.filter((path) => placeholder.test(read(path)))).toEqual([]);
  });
});

describe("npm run", () => {
  it("installs what is missing before it runs anything", () => {
    const parts = Object.values(manifest.scripts).flatMap((command) => command.split(" && "));
    expect(parts.filter((part) => !part.startsWith("node scripts/run.mjs "))).toEqual([]);
  });

  it("has no more than fifteen commands", () => {
    expect(Object.keys(manifest.scripts).length).toBeLessThanOrEqual(15);
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function releaseNotes(tag: string) {
  return spawnSync(process.execPath, ["scripts/release-notes.mjs", tag], { cwd: ROOT, encoding: "utf8" });
}
