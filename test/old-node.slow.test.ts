import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { oldNodeSentence } from "../client/text/old-node.ts";
import manifest from "../package.json" with { type: "json" };

const NEEDED = manifest.engines.node.replace(">=", "");
const SENTENCE = (version: string) => `needs Node ${NEEDED} or newer; this is ${version}: https://nodejs.org\n`;

/** Makes this Node look like another version. Old versions are not installed everywhere; the syntax is checked below. */
let pretend: string;
beforeAll(() => {
  pretend = join(mkdtempSync(join(tmpdir(), "photon node ")), "pretend.cjs");
  writeFileSync(
    pretend,
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: process.env.PRETENDED } });',
  );
});
afterAll(() => rmSync(join(pretend, ".."), { recursive: true, force: true }));

function start(version: string, file: string, ...args: string[]) {
  const path = join(inject("programs"), file);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", pretend, path, ...args], {
    encoding: "utf8",
    input: "",
    env: { PATH: process.env.PATH ?? "", HOME: tmpdir(), PHOTON_HOME: join(pretend, "..", "home"), PRETENDED: version },
  });
  return { status, stdout, stderr };
}

describe("a Node that is too old", () => {
  it.each(["14.21.3", "18.20.4", "20.5.1", "20.18.0"])("is version %s", (version) => {
    expect(oldNodeSentence(version)).toBe(SENTENCE(version).trim());
  });

  it.each([NEEDED, "20.18.2", "20.19.0", "22.0.0", "100.0.0"])("is not version %s", (version) => {
    expect(oldNodeSentence(version)).toBeNull();
    expect(start(version, "bin/photon", "--version")).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
  });

  it.each(["18.20.4", "20.5.1", "20.18.0"])(
    "%s is reported by every file that a client or a person starts",
    (version) => {
      const sentence = SENTENCE(version);
      expect(start(version, "bin/photon", "doctor")).toEqual({ status: 1, stdout: "", stderr: `photon: ${sentence}` });
      expect(start(version, "bin/photon", "statusline")).toEqual({
        status: 0,
        stdout: `photon: ${sentence}`,
        stderr: "",
      });
      const photon = start(version, "dist/photon.mjs", "doctor");
      expect(photon).toEqual({ status: 1, stdout: "", stderr: `photon: ${sentence}` });
      expect(start(version, "dist/server.mjs")).toEqual({ status: 1, stdout: "", stderr: `Photon ${sentence}` });
      const { status, stdout, stderr } = start(version, "dist/hooks/session-start.cjs");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(JSON.parse(stdout)).toEqual({ systemMessage: `Photon ${sentence.trim()}` });
      for (const hook of ["stop", "session-end"]) {
        const other = { status: 0, stdout: "", stderr: `Photon ${sentence}` };
        expect(start(version, `dist/hooks/${hook}.cjs`)).toEqual(other);
      }
    },
  );

  it.each([
    "bin/photon",
    "dist/photon.mjs",
    "dist/server.mjs",
    "dist/hooks/session-start.cjs",
    "dist/hooks/stop.cjs",
    "dist/hooks/session-end.cjs",
  ])("can parse %s", async (file) => {
    const code = readFileSync(join(inject("programs"), file), "utf8");
    const loader = "js";
    const [old, present] = await Promise.all([
      transform(code, { target: "node14", loader }),
      transform(code, { target: "esnext", loader }),
    ]);
    expect(old.code).toBe(present.code); // nothing had to be replaced
  });
});
