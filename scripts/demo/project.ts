import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const TRANSCRIPT = fileURLToPath(
  new URL("../../test/fixtures/transcripts/interactive-tasks-edits.jsonl", import.meta.url),
);

/** What the recorded session was in, and what the person asked for there. */
const RECORDED_FOLDER = "/home/dev/photon-demo";
const RECORDED_PROMPT = "FIXTURE-USER-PROMPT: fix it please";
const PROMPT = "Normalise the line endings, the Windows tests are red";

/**
 * A project on one machine, on branch `crlf` with work that is in no commit. Without git on this machine it is a folder
 * like any other: the demo needs only Node.
 *
 * @param parent - where the folder goes; it differs from machine to machine, and the project is still the same
 */
export function makeProject(parent: string): string {
  const folder = join(parent, "my work", "lamp");
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "src", "app.js"), "export {};\n");
  // Not the person's settings: a template or a signing key of theirs has no business here.
  const env = { PATH: process.env.PATH ?? "", HOME: parent, GIT_CONFIG_NOSYSTEM: "1", ...windowsNeeds() };
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=demo", "-c", "user.email=demo@example.invalid", ...args], {
      cwd: folder,
      env,
      stdio: "pipe",
    });
  try {
    git("init", "--quiet");
  } catch {
    return folder;
  }
  git("checkout", "--quiet", "-b", "crlf");
  git("remote", "add", "origin", "https://example.invalid/me/lamp.git");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Before");
  writeFileSync(join(folder, "src", "app.js"), 'export const newline = "\\n";\n');
  return folder;
}

/**
 * A real transcript of the client, moved to this folder.
 *
 * @returns its file
 */
export function writeTranscript(parent: string, folder: string): string {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const file = join(parent, "transcript.jsonl");
  mkdirSync(dirname(file), { recursive: true });
  const recorded = readFileSync(TRANSCRIPT, "utf8");
  writeFileSync(file, recorded.replaceAll(RECORDED_FOLDER, inJson(folder)).replaceAll(RECORDED_PROMPT, inJson(PROMPT)));
  return file;
}

/** What Windows needs to start a process at all. */
export function windowsNeeds(): Record<string, string> {
  const { SystemRoot } = process.env;
  return SystemRoot === undefined ? {} : { SystemRoot };
}
