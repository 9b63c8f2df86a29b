import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LICENCES_FILE } from "../scripts/third-party-licences.ts";
import tsupConfig from "../tsup.config.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** A session waits for its hooks, and a small file starts faster. */
const MAX_HOOK_BYTES = 64 * 1024;
/** What a hook loads only when it needs it: to save a draft, and to ask the bridge. */
const MAX_PART_BYTES: Readonly<Record<string, number>> = {
  "hooks/keep-draft.cjs": 73 * 1024,
  "hooks/read-session.cjs": 96 * 1024,
  "hooks/ask-bridge.cjs": 38 * 1024,
};

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** A bundle's external imports, and the modules in it. */
async function analyse(entry: string, platform: "node" | "browser"): Promise<{ external: string[]; inputs: string[] }> {
  const metafile = await bundled(entry, platform);
  return { external: externalsOf(metafile), inputs: Object.keys(metafile.inputs) };
}

async function bundled(entry: string, platform: "node" | "browser"): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    outdir: "out",
    platform,
    format: "esm",
    external: platform === "browser" ? ["node:*", "cloudflare:*"] : [],
    logLevel: "silent",
  });
  return metafile;
}

/** All modules that run before an entry's first `import()`. */
async function atStart(entry: string): Promise<string[]> {
  const { inputs } = await bundled(entry, "node");
  const started = new Set([entry]);
  for (const path of started) {
    for (const each of inputs[path]?.imports ?? []) {
      if (each.kind !== "dynamic-import" && !each.external) started.add(each.path);
    }
  }
  return [...started];
}

/** Everything a built file imports or requires, according to esbuild. */
async function importsOf(file: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: {
      // The bundler's replacement for `require` in an ES module, renamed so that esbuild recognises it.
      contents: read(file)
        .replace(/^import \{ createRequire .*$/m, "")
        .replaceAll("__require(", "require("),
      resolveDir: dirname(join(ROOT, file)),
      sourcefile: file,
    },
    bundle: true,
    write: false,
    metafile: true,
    outfile: "out.js",
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "silent",
  });
  return externalsOf(metafile);
}

function externalsOf(metafile: Metafile): string[] {
  return Object.values(metafile.outputs).flatMap((output) =>
    output.imports.filter((each) => each.external).map(({ path }) => path),
  );
}

const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0").filter(Boolean);

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

  it("equals a fresh build (if not: run `npm run build` and commit it)", () => {
    expect(files(join(ROOT, "dist"))).toEqual(files(rebuilt));
    // Compares names first: a diff of two megabytes is useless.
    const outdated = files(rebuilt).filter(
      (file) => read(`dist/${file}`) !== readFileSync(join(rebuilt, file), "utf8"),
    );
    expect(outdated).toEqual([]);
  });

  it("is committed completely", () => {
    expect(tracked.filter((path) => path.startsWith("dist/")).map((path) => path.slice("dist/".length))).toEqual(
      files(join(ROOT, "dist")),
    );
  });

  it("imports nothing but Node's own modules, because users have no node_modules", async () => {
    const imported = await Promise.all(
      files(join(ROOT, "dist"))
        .filter((file) => /\.[cm]js$/.test(file))
        .map(async (file) => [file, await importsOf(`dist/${file}`)] as const),
    );
    // Makes sure that the search finds something: modules that the server always needs.
    expect(Object.fromEntries(imported)["server-main.mjs"]).toContain("node:crypto");
    for (const [file, names] of imported) {
      expect(
        names.filter((name) => !isBuiltin(name)),
        file,
      ).toEqual([]);
    }
  });

  it("has the licence of every bundled package", () => {
    const licences = readFileSync(join(rebuilt, LICENCES_FILE), "utf8");
    const packages = new Set<string>();
    for (const file of files(rebuilt).filter((name) => /\.[cm]js$/.test(name))) {
      // The bundler writes the source of each part above it.
      const code = readFileSync(join(rebuilt, file), "utf8");
      for (const [, name = ""] of code.matchAll(/^\s*\/\/ .*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\/\S+$/gm))
        packages.add(name);
    }
    expect(packages).toContain("age-encryption"); // the search finds something
    for (const name of packages) {
      const [, text = ""] = licences.split(new RegExp(`^${name} \\d\\S* \\(.*\\)\n\n`, "m"));
      expect(text.slice(0, 4_000), name).toMatch(
        /Permission is hereby granted|Redistribution and use|Apache License|Permission to use/,
      );
    }
  });

  it.each(["server-main.mjs", "photon-main.mjs"])(
    "contains in %s only the used parts of undici, without its mocks and caches",
    (file) => {
      const code = read(`dist/${file}`);
      expect(code).toMatch(/class _?WebSocket /);
      expect(code.match(/class (?:MockAgent|MemoryCacheStore|ProxyAgent)\b/g)).toBeNull();
    },
  );

  it("has hooks of at most 64 KB, and parts that a hook loads when it needs them", () => {
    for (const file of files(join(ROOT, "dist")).filter((name) => name.startsWith("hooks/"))) {
      const most = MAX_PART_BYTES[file] ?? MAX_HOOK_BYTES;
      expect(statSync(join(ROOT, "dist", file)).size, file).toBeLessThanOrEqual(most);
    }
  });
});

describe("the bundles that save drafts", () => {
  it.each([
    ["read-session", ["keep-draft"]],
    ["read-commands", ["keep-draft", "read-session"]],
  ])("find in %s, next to them, everything that they use from there", (name, users) => {
    const used = users.flatMap((user) => {
      const code = read(`dist/hooks/${user}.cjs`);
      const loads = new RegExp(`(import_\\w+) = require\\("\\./${name}\\.cjs"\\)`, "g");
      const parts = [...code.matchAll(loads)].map(([, part]) => part);
      return [...code.matchAll(/\b(import_\w+)\.(\w+)/g)].filter(([, part]) => parts.includes(part));
    });
    const there: object = createRequire(import.meta.url)(join(ROOT, `dist/hooks/${name}.cjs`));
    expect(new Set(used.map(([, , name]) => name))).toEqual(new Set(Object.keys(there)));
  });
});

/** Entries that the client starts often and waits for. */
function startsEachTime(entry: string): boolean {
  return entry.startsWith("hooks/") || entry.startsWith("cli/statusline/");
}

describe("the content of the bundles", () => {
  const entries = Array.isArray(tsupConfig) ? tsupConfig.flatMap(({ entry }) => Object.values(entry ?? {})) : [];

  it("is checked for all entries of tsup.config.ts", () => {
    expect(entries).toContain("server/main.ts");
    expect(entries.filter((entry: string) => startsEachTime(entry))).toHaveLength(9);
  });

  it.each(entries.filter((entry: string) => startsEachTime(entry)))(
    "%s loads neither zod nor undici nor the SDK, nor what encrypts and signs",
    async (entry) => {
      const { external, inputs } = await analyse(entry, "node");
      expect(
        inputs.filter((input) =>
          /node_modules\/(?:\.pnpm\/)?(?:zod|undici|@modelcontextprotocol|age-encryption|@noble|@scure)/.test(input),
        ),
      ).toEqual([]);
      expect(inputs.filter((input) => /^client\/(?:machineList|encryption|secrets|trust)\//.test(input))).toEqual([]);
      expect(external.filter((name) => !isBuiltin(name))).toEqual([]);
    },
  );

  it.each(["server/main.ts", "cli/main.ts"])(
    "%s loads undici and the code for encryption and signatures on demand, not at start-up",
    async (entry) => {
      const started = await atStart(entry);
      expect(started).toContain("client/encryption/outgoing.ts"); // the search finds something
      expect(
        started.filter((input) => /node_modules\/(?:\.pnpm\/)?(?:age-encryption|@noble|undici)/.test(input)),
      ).toEqual([]);
      expect(started).not.toContain("contract/strict-crypto.ts");
    },
  );

  it("has no Node module in the Worker", async () => {
    const { external, inputs } = await analyse("worker/index.ts", "browser");
    expect([...new Set(external)]).toEqual(["cloudflare:workers"]);
    expect(inputs).toContain("contract/api.ts");
    expect(inputs.filter((input) => /^(client|server|hooks|cli|handover)\//.test(input))).toEqual([]);
  });
});

describe("the repository", () => {
  it("has one version", () => {
    const version = JSON.parse(read("package.json")).version;
    for (const folder of ["", "dist/"]) {
      expect(JSON.parse(read(`${folder}.claude-plugin/plugin.json`)).version).toBe(version);
    }
    expect(JSON.parse(read(".claude-plugin/marketplace.json")).plugins[0].version).toBe(version);
    expect(read("CHANGELOG.md")).toContain(`## ${version} `);
  });

  it("has no lockfile that makes the client install devDependencies for every user", () => {
    for (const name of ["package-lock.json", "npm-shrinkwrap.json", "bun.lock", "bun.lockb", "yarn.lock"]) {
      expect(tracked).not.toContain(name);
    }
  });

  it("contains no registry host and no path of the machine it was made on", () => {
    // Matches whole words: `/home/bob` must not match `/home/bobby`.
    const paths = [ROOT.replace(/[\\/]$/, ""), homedir()].map(
      (path) => new RegExp(`(?<![\\w.-])${path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w.-])`),
    );
    for (const path of tracked.filter((name) => existsSync(join(ROOT, name)))) {
      const text = read(path);
      for (const pattern of [...paths, /\bregistry\.(?:npmjs\.org|[a-z0-9.-]+\.[a-z]{2,}\/)/]) {
        expect(pattern.exec(text)?.[0], path).toBeUndefined();
      }
    }
    expect(read("pnpm-lock.yaml")).not.toMatch(/https?:\/\//);
  });
});
