import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "esbuild";
import * as z from "zod";

/** In `dist/`: the licence of everything that is bundled there. */
export const LICENCES_FILE = "THIRD-PARTY-LICENSES.txt";

const Manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
});

const LICENCE = /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i;

/** Writes {@link LICENCES_FILE} next to what is built, anew with each of the builds of one run: the last one has all. */
export function thirdPartyLicences(): Plugin {
  const folders = new Set<string>();
  return {
    name: "third-party licences",
    setup({ initialOptions, onEnd }) {
      initialOptions.metafile = true;
      onEnd(({ metafile }) => {
        for (const { inputs } of Object.values(metafile?.outputs ?? {})) {
          for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
            const folder = bytesInOutput > 0 ? packageOf(path) : null;
            if (folder !== null) folders.add(resolve(folder));
          }
        }
        // Hooks are built into a folder of their own; the file stands with the first.
        const outdir = resolve(initialOptions.outdir ?? "dist");
        mkdirSync(outdir, { recursive: true });
        writeFileSync(join(outdir, LICENCES_FILE), licencesOf([...folders]));
      });
    },
  };
}

/** The folder of the package that a file belongs to; null for a file of ours. */
function packageOf(path: string): string | null {
  return /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path.replaceAll("\\", "/"))?.[1] ?? null;
}

function licencesOf(folders: readonly string[]): string {
  const parts = new Map(folders.map((folder) => licenceOf(folder)));
  const names = [...parts.keys()].sort();
  const head = `What is bundled in this folder, and under which licence. Made by the build.\n\n${names.join("\n")}\n`;
  return [head, ...names.map((name) => parts.get(name) ?? "")].join(`\n${"-".repeat(80)}\n\n`);
}

/** @throws Error for a package without its licence's text */
function licenceOf(folder: string): [title: string, text: string] {
  const { name, version, license } = Manifest.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  const files = readdirSync(folder).filter((file) => LICENCE.test(file));
  if (files.length === 0) throw new Error(`${name} ${version} has no licence's text.`);
  const texts = files.sort().map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
  const title = `${name} ${version} (${license ?? "see below"})`;
  return [title, `${[title, ...texts].join("\n\n")}\n`];
}
