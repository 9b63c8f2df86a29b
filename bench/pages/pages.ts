// npm run bench -- pages FOLDER: plays the sessions of sessions.ts with the real client and a scripted model. For each it
// writes what happened and the page that Photon made of it, so that somebody who did not write the code can score the pages.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { listDrafts } from "../../handover/draft/draft-store.ts";
import type { Machine } from "../../test/e2e/support/machine.ts";
import type { Step } from "../../test/e2e/support/model.ts";
import { eventually } from "../../test/e2e/support/process.ts";
import { NO_TERMINAL, type Terminal } from "../../test/e2e/support/terminal.ts";
import { makeWorld, type World } from "../../test/e2e/support/world.ts";
import { COMPACTION_SUMMARY, type PlayedSession, SCRIPTS, type Turn } from "./sessions.ts";

const TOOLS = [
  "--permission-mode",
  "acceptEdits",
  "--allowedTools",
  "Bash",
  "Write",
  "Edit",
  "Agent",
  "TaskCreate",
  "TaskUpdate",
];
const LOOKING: Step = { tool: "Bash", input: { command: "git status --short", description: "Look" } };
const ANSWER_MS = 60_000;

const [target] = process.argv.slice(2);
if (target === undefined || NO_TERMINAL !== null) {
  process.stderr.write(`Usage: npm run bench -- pages FOLDER${NO_TERMINAL === null ? "" : ` (${NO_TERMINAL})`}\n`);
  process.exitCode = 2;
} else {
  const world = await makeWorld((question) =>
    /summary|summar/i.test(question.slice(-4_000)) ? COMPACTION_SUMMARY : '{"title":"a title"}',
  );
  try {
    for (const [index, script] of SCRIPTS.entries()) {
      const mac = await world.readyMachine(`mac${index + 1}`);
      const session = script(mac.project);
      const folder = join(resolve(target), `${String(index + 1).padStart(2, "0")} ${session.name}`);
      const page = await play(world, mac, session);
      await writeResult(folder, mac, session, page);
      process.stdout.write(`${folder}\n`);
    }
  } finally {
    await world.end();
  }
}

/** @returns the page, or a line that says that the session left no page */
async function play(world: World, mac: Machine, { files = {}, turns, end = "exit" }: PlayedSession): Promise<string> {
  await prepare(mac, files);
  const terminal = await mac.open([], TOOLS);
  try {
    for (const turn of turns) {
      await take(world, terminal, turn).catch(async (error: unknown) => {
        throw new Error(`${turn.says}\n${await terminal.screen()}`, { cause: error });
      });
    }
    if (end === "exit") await terminal.exit();
    else await terminal.killClient();
  } finally {
    await terminal.close();
  }
  const ended = () => listDrafts({ sessions: join(mac.dataFolder, "sessions") }).map(({ text }) => text);
  // A killed session is noticed by the next command. The hook at the end of another one may still be writing.
  await eventually("the session's end", async () => ((await mac.photon(["flush"])).code === 0 ? true : null));
  return ended()[0] ?? "(no page)\n";
}

async function prepare(mac: Machine, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(mac.project, name)), { recursive: true });
    await writeFile(join(mac.project, name), content);
  }
  await mkdir(join(mac.project, ".claude/commands"), { recursive: true });
  await writeFile(join(mac.project, ".claude/commands/init-guide.md"), "Write a guide about: $ARGUMENTS\n");
  const shared = join(mac.home, "shared.git");
  await mac.git("init", "--quiet", "--bare", shared);
  await mac.git("remote", "add", "shared", shared);
  await mac.git("add", "--all");
  await mac.git("commit", "--quiet", "--message", "Start");
}

async function take({ model }: World, terminal: Terminal, turn: Turn): Promise<void> {
  const steps = stepsOf(turn);
  model.script(turn.says === "/compact" ? [COMPACTION_SUMMARY] : steps);
  await terminal.type(turn.says);
  if (turn.says === "/compact") {
    await eventually(
      "the compaction",
      async () => (/[Cc]ompacted/.test(await terminal.screen()) ? true : null),
      ANSWER_MS,
    );
    return;
  }
  if ("isInterrupted" in turn) {
    await eventually("the question", () => (model.requests.length > 1 ? true : null), ANSWER_MS);
    await terminal.pressUntil("Escape", /[Ii]nterrupted/);
    return;
  }
  await eventually("all answers", () => (model.requests.length >= steps.length ? true : null), ANSWER_MS);
  await eventually("the turn's end", async () => (isIdle(await terminal.screen()) ? true : null), ANSWER_MS);
}

/** An interruption before the first answer would only put the prompt back into the input. */
function stepsOf(turn: Turn): readonly Step[] {
  if ("model" in turn) return turn.model;
  return "isRefused" in turn ? [{ isRefused: true }] : [LOOKING, { isSilent: true }];
}

function isIdle(screen: string): boolean {
  return !/esc to interrupt/.test(screen);
}

async function writeResult(folder: string, mac: Machine, session: PlayedSession, page: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const git = async (...args: string[]) => `$ git ${args.join(" ")}\n${await mac.git(...args)}`;
  const what = [
    JSON.stringify(session.turns, (_, value) => (typeof value === "function" ? "(computed)" : value), 2),
    await git("log", "--all", "--oneline", "--stat"),
    await git("status", "--short", "--branch"),
    await git("diff"),
  ];
  await writeFile(join(folder, "what-happened.txt"), what.join("\n\n"));
  await writeFile(join(folder, "transcript.jsonl"), mac.transcripts());
  await writeFile(join(folder, "page.md"), page);
}
