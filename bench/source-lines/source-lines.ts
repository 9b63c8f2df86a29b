// npm run bench -- source: counts the lines of source per room in 0.5.0 and now.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EARLIER_COMMIT, EARLIER_VERSION, extractEarlier, git } from "../bridge/earlier-version.ts";
import { table } from "../document.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The rooms that users run, with their folders. */
const ROOMS = ["contract", "client", "handover", "server", "hooks", "cli", "worker"];

/** Test code. In 0.5.0 the property tests and the conformance suite are among the Worker's files. */
const TEST_CODE = /\.test\.ts$|\.d\.ts$|\/testing\/|\/hostile\/|\/properties\/|\/conformance\.ts$|vitest\.config\.ts$/;

interface Size {
  readonly files: number;
  readonly lines: number;
}

const folder = mkdtempSync(join(tmpdir(), "photon-earlier-"));
const [before, after] = measure();
const rows = [...ROOMS, ""].map((room) => {
  const [old, now] = [sizeOf(before, room), sizeOf(after, room)];
  const change = `${now.lines >= old.lines ? "+" : "−"}${figure(Math.abs(now.lines - old.lines))}`;
  return [room === "" ? "**all**" : `${room}/`, ...[old.files, old.lines, now.files, now.lines].map(figure), change];
});
const head = ["room", `files, ${EARLIER_VERSION}`, "lines", "files, now", "lines", "change"];
const text = [
  `Lines of TypeScript with comments, without empty lines and without test code: commit ${EARLIER_COMMIT} (${EARLIER_VERSION}) and this work tree.`,
  "",
  table("Lines of source", head, rows),
].join("\n");
process.stdout.write(`${text}\n`);

function measure(): [ReadonlyMap<string, number>, ReadonlyMap<string, number>] {
  try {
    const earlier = join(folder, EARLIER_VERSION);
    extractEarlier(earlier, ROOMS);
    const known = git(["ls-files", "--cached", "--others", "--exclude-standard", ...ROOMS])
      .toString()
      .split("\n");
    const present = known.filter((path) => path !== "" && existsSync(join(ROOT, path)));
    return [sizes(earlier, readdirSync(earlier, { recursive: true, encoding: "utf8" })), sizes(ROOT, present)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lines by path, with `/` as the separator. */
function sizes(root: string, paths: readonly string[]): Map<string, number> {
  const own = [...new Set(paths.map((path) => path.replaceAll("\\", "/")))].filter((path) => {
    return path.endsWith(".ts") && !TEST_CODE.test(path);
  });
  const linesOf = (path: string) => readFileSync(join(root, path), "utf8").split("\n");
  return new Map(own.map((path) => [path, linesOf(path).filter((line) => line.trim() !== "").length]));
}

/** @param room - empty for all */
function sizeOf(counted: ReadonlyMap<string, number>, room: string): Size {
  const own = [...counted].filter(([path]) => room === "" || path.startsWith(`${room}/`)).map(([, lines]) => lines);
  return { files: own.length, lines: own.reduce((sum, lines) => sum + lines, 0) };
}

function figure(count: number): string {
  return count.toLocaleString("en");
}
