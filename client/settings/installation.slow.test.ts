import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { writePrivateJson } from "../disk/private-file.ts";
import { presentInstallation } from "./installation.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "photon installation ")), "not yet there");
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(join(home, ".."), { recursive: true, force: true }));

describe("an installation", () => {
  it("is the same for every process, even if all start at once for the first time", async () => {
    const script = `
      const { readInstallation } = await import(process.argv[1]);
      console.log(readInstallation({ installation: process.env.FILE }).id);`;
    const module = new URL("./installation.ts", import.meta.url).href;
    const run = () =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, module], {
        env: { PATH: process.env.PATH ?? "", FILE: paths.installation },
      });
    const ids = (await Promise.all(Array.from({ length: 8 }, run))).map(({ stdout }) => stdout.trim());
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(readdirSync(home).filter((name) => /^installation.*json$/.test(name))).toHaveLength(1);
  });

  it.each(["missing", "a copy"])(
    "is the same for all that start at the same moment while its file is %s",
    async (state) => {
      const ROUNDS = 150;
      const STARTS = 4;
      const files = Array.from({ length: ROUNDS }, (_, round) => join(home, String(round), "installation.json"));
      const copy = { v: 1, id: "0123abcd", createdAt: 1, name: "mac", isCopy: false, inode: "1" };
      if (state === "a copy") for (const file of files) writePrivateJson(file, copy);
      // Each thread waits, spinning, until all have come to the same round.
      const script = `
      const { parentPort, workerData } = require("node:worker_threads");
      const { files, arrived, starts, module } = workerData;
      import(module).then(({ readInstallation }) => {
        const ids = files.map((installation, round) => {
          Atomics.add(arrived, 0, 1);
          while (Atomics.load(arrived, 0) < starts * (round + 1));
          return readInstallation({ installation }, 1, { id: null, host: "mac" }).id;
        });
        parentPort.postMessage(ids);
      });`;
      const arrived = new Int32Array(new SharedArrayBuffer(4));
      const module = new URL("./installation.ts", import.meta.url).href;
      const workerData = { files, arrived, starts: STARTS, module };
      const start = async (): Promise<unknown[]> =>
        (await once(new Worker(script, { eval: true, workerData }), "message"))[0];
      const [first, ...others] = await Promise.all(Array.from({ length: STARTS }, start));
      for (const other of others) expect(other).toEqual(first);
      expect(first).toEqual(
        files.map((installation) => presentInstallation({ installation }, { id: null, host: "mac" })?.id),
      );
      expect(first).not.toContain(copy.id);
    },
  );
});
