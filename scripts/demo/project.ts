import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const TRANSCRIPT = fileURLToPath(
  new URL("../../test/fixtures/transcripts/interactive-tasks-edits.jsonl", import.meta.url),
);

/** The folder and the prompt in the recorded session. */
const RECORDED_FOLDER = "/home/dev/photon-demo";
const RECORDED_PROMPT = "FIXTURE-USER-PROMPT: fix it please";
const PROMPT = "Normalise the line endings, the Windows tests are red";

/**
 * Creates a project on branch `crlf` with uncommitted work. Without git it is a plain folder: the demo needs only Node.
 *
 * @param parent - differs from machine to machine; it is still the same project
 */
export function makeProject(parent: string): string {
  const folder = join(parent, "my work", "lamp");
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "src", "app.js"), "export {};\n");
  // Ignores the person's git settings, such as a template or a signing key.
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

/** Copies a recorded transcript, with its folder replaced by this one. @returns the path of the copy */
export function writeTranscript(parent: string, folder: string): string {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const file = join(parent, "transcript.jsonl");
  mkdirSync(dirname(file), { recursive: true });
  const recorded = readFileSync(TRANSCRIPT, "utf8");
  writeFileSync(file, recorded.replaceAll(RECORDED_FOLDER, inJson(folder)).replaceAll(RECORDED_PROMPT, inJson(PROMPT)));
  return file;
}

/** The variables that Windows needs to start a process. */
export function windowsNeeds(): Record<string, string> {
  const { SystemRoot } = process.env;
  return SystemRoot === undefined ? {} : { SystemRoot };
}
