import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../disk/paths.ts";
import { readShown } from "./mail-log.ts";
import { addSent } from "./sent-log.ts";

let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon log "));
  paths = photonPaths({ PHOTON_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const NOW = "2026-11-23T09:00:00.000Z";
const send = (id: string, content = "hello") =>
  addSent(paths, id, { from: "mac", to: "pc", project: null, kind: "note", content, tags: [] }, NOW);

describe("the log of this machine's mail", () => {
  it("loses nothing when processes add entries at the same time, while files are compacted", async () => {
    const script = `
      const { readdirSync } = await import("node:fs");
      const { addShown } = await import(process.argv[1]);
      const [, , folder, tag] = process.argv;
      const newest = () => Number(readdirSync(folder).sort().at(-1).slice(0, 9));
      for (let i = 0; i < 120; i++) {
        const id = tag + "-0000-4000-8000-" + String(i).padStart(12, "0");
        addShown({ log: folder }, [id]);
        // On any machine, each of five files gets some entries. Adding an entry to a full file starts the next one.
        while (newest() < i / 20) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          addShown({ log: folder }, [crypto.randomUUID()]);
        }
      }`;
    const module = new URL("./mail-log.ts", import.meta.url).href;
    send(randomUUID(), "x");
    const [file = ""] = readdirSync(paths.log);
    // Fills files, so that new files are started and old ones compacted all the time.
    const bulk = Array.from({ length: 400 }, (_, i) => `hops ${randomUUID()} ${String(i).padStart(7, "0")}`);
    const filler = setInterval(() => {
      const newest = readdirSync(paths.log).sort().at(-1) ?? file;
      appendFileSync(join(paths.log, newest), `\n${bulk.join("\n")}\n`);
    }, 20);
    const tags = ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"];
    await Promise.all(
      tags.map((tag) =>
        promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, module, paths.log, tag], {
          env: { PATH: process.env.PATH ?? "" },
        }),
      ),
    ).finally(() => clearInterval(filler));
    const shown = [...readShown(paths).keys()];
    expect(tags.map((tag) => shown.filter((id) => id.startsWith(tag)).length)).toEqual([120, 120, 120, 120]);
    expect(Number(readdirSync(paths.log).sort().at(-1)?.slice(0, 9))).toBeGreaterThan(4);
  }, 60_000);
});
