import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import tsupConfig from "../tsup.config.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** A session waits for its hooks, and a small file starts faster. */
const MAX_HOOK_BYTES = 40 * 1024;

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const isBuiltin = (name: string) => name.startsWith("node:") || builtinModules.includes(name.split("/")[0] ?? "");

/** What a bundle imports that is not inside it, and what went into it. */
async function analyse(entry: string, platform: "node" | "browser"): Promise<{ external: string[]; inputs: string[] }> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    outdir: "out",
    platform,
    format: "esm",
    external: platform === "browser" ? ["node:*"] : [],
    logLevel: "silent",
  });
  return { external: externalsOf(metafile), inputs: Object.keys(metafile.inputs) };
}

function externalsOf(metafile: Metafile): string[] {
  return Object.values(metafile.outputs).flatMap((output) =>
    output.imports.filter((each) => each.external).map(({ path }) => path),
  );
}

describe("dist", () => {
  let rebuilt: string;
  beforeAll(() => {
    rebuilt = mkdtempSync(join(tmpdir(), "photon dist "));
    execFileSync(process.execPath, [join(ROOT, "node_modules/tsup/dist/cli-default.js"), "--out-dir", rebuilt], {
      cwd: ROOT,
      stdio: "pipe",
    });
  }, 60_000);
  afterAll(() => rmSync(rebuilt, { recursive: true, force: true }));

  const files = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll("\\", "/").replace(/^\//, ""))
      .sort();

  it("is what its source makes: run `npm run build` and commit it", () => {
    expect(files(join(ROOT, "dist"))).toEqual(files(rebuilt));
    for (const file of files(rebuilt)) {
      expect(read(`dist/${file}`) === readFileSync(join(rebuilt, file), "utf8"), `dist/${file} is out of date`).toBe(
        true,
      );
    }
  });

  it("imports nothing but Node's own modules, because users have no node_modules", () => {
    for (const file of files(join(ROOT, "dist"))) {
      const imported = [
        ...read(`dist/${file}`).matchAll(/^(?:import|export)[^"'\n]*?from ["']([^"']+)["']|^import ["']([^"']+)["']/gm),
      ].map(([, from, bare]) => from ?? bare ?? "");
      expect(
        imported.filter((name) => !isBuiltin(name)),
        file,
      ).toEqual([]);
    }
  });

  it("has hooks of at most 40 KB", () => {
    for (const file of files(join(ROOT, "dist")).filter((name) => name.startsWith("hooks/"))) {
      expect(statSync(join(ROOT, "dist", file)).size, file).toBeLessThanOrEqual(MAX_HOOK_BYTES);
    }
  });
});

describe("what goes into the bundles", () => {
  const entries = Array.isArray(tsupConfig) ? tsupConfig.flatMap(({ entry }) => Object.values(entry ?? {})) : [];

  it("is known: tsup.config.ts names the entries", () => {
    expect(entries).toContain("server/main.ts");
    expect(entries.filter((entry: string) => entry.startsWith("hooks/"))).toHaveLength(4);
  });

  it.each(entries.filter((entry: string) => entry.startsWith("hooks/")))(
    "%s loads neither zod nor undici nor the SDK",
    async (entry) => {
      const { external, inputs } = await analyse(entry, "node");
      expect(
        inputs.filter((input) => /node_modules\/(?:\.pnpm\/)?(?:zod|undici|@modelcontextprotocol)/.test(input)),
      ).toEqual([]);
      expect(external.filter((name) => !isBuiltin(name))).toEqual([]);
    },
  );

  it("has no module of Node in the Worker", async () => {
    const { external, inputs } = await analyse("worker/index.ts", "browser");
    expect(external).toEqual([]);
    expect(inputs).toContain("contract/api.ts");
    expect(inputs.filter((input) => /^(client|server|hooks|cli|handover)\//.test(input))).toEqual([]);
  });
});

describe("the repository, which is the plugin", () => {
  const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0").filter(Boolean);

  it("has one version", () => {
    const version = JSON.parse(read("package.json")).version;
    expect(JSON.parse(read(".claude-plugin/plugin.json")).version).toBe(version);
    expect(JSON.parse(read(".claude-plugin/marketplace.json")).plugins[0].version).toBe(version);
    expect(read("CHANGELOG.md")).toContain(`## ${version} `);
  });

  it("has no lockfile that would make the client install devDependencies for every user", () => {
    for (const name of ["package-lock.json", "npm-shrinkwrap.json", "bun.lock", "bun.lockb", "yarn.lock"]) {
      expect(tracked).not.toContain(name);
    }
  });

  it("names no registry's host in its lockfile", () => {
    expect(read("pnpm-lock.yaml")).not.toMatch(/https?:\/\//);
  });
});
