import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BuiltCli, buildCli, type Outcome, runCli } from "./support/cli/built-cli.ts";
import { type BuiltHooks, buildHooks, runBuiltHook } from "./support/hooks/built-hooks.ts";
import { RealBridge, type TestMachine } from "./support/real-bridge.ts";
import { ScriptedBridge } from "./support/scripted-bridge.ts";
import { ServerProcess } from "./support/server-process.ts";

const ROOT = join(import.meta.dirname, "..");
const RECORDED = join(ROOT, "test/fixtures/transcripts/interactive-tasks-edits.jsonl");

let bridge: RealBridge;
/** The first machine of the bridge. */
let owner: TestMachine;
let refusing: ScriptedBridge;
let cli: BuiltCli;
let hooks: BuiltHooks;
beforeAll(async () => {
  cli = await buildCli();
  hooks = await buildHooks({
    "session-start": "hooks/session-start.ts",
    stop: "hooks/stop.ts",
    "session-end": "hooks/session-end.ts",
  });
  bridge = await RealBridge.start();
  owner = await bridge.member("owner");
  refusing = await ScriptedBridge.start();
  refusing.behaviour = "refuses the message";
}, 60_000);
afterAll(async () => {
  await bridge.stop();
  await refusing.stop();
  cli.remove();
  hooks.remove();
});

/** Paths that are not Photon's: the project, the transcript, and a Node with another umask. */
let folder: string;
let home: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "photon life ")));
  home = join(folder, "deep", "home");
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

interface Kept {
  readonly path: string;
  readonly isFolder: boolean;
  readonly mode: string;
}

/** All files and folders of a home, including itself, with the rights of others. */
function modes(path: string): Kept[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return []; // a running server has just removed it
  const own = { path: relative(home, path), isFolder: stats.isDirectory(), mode: (stats.mode & 0o777).toString(8) };
  return [
    own,
    ...(own.isFolder
      ? readdirSync(path)
          .filter(isPhotons)
          .flatMap((name) => modes(join(path, name)))
      : []),
  ];
}

/** Files of the program that the hooks' test build starts in place of the CLI. */
const isPhotons = (name: string) => !name.startsWith("flush.");

/** Uses the real programs of one machine in every way that writes files. @returns their output, and the files */
async function live(umask: string, machine: string): Promise<{ said: Outcome[]; kept: Kept[] }> {
  const node = join(folder, "node");
  writeFileSync(node, `#!/bin/sh\numask ${umask}\nexec "${process.execPath}" "$@"\n`);
  chmodSync(node, 0o755);
  const project = join(folder, "photon");
  mkdirSync(project);
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: project });
  writeFileSync(join(project, "parser.ts"), "export {};\n");
  const transcript = join(folder, "session.jsonl");
  cpSync(RECORDED, transcript);

  const outcomes: Outcome[] = [];
  const photon = async (args: readonly string[], { env = {}, stdin = "" } = {}) => {
    const outcome = await runCli(cli.script, args, { node, cwd: project, env: { PHOTON_HOME: home, ...env }, stdin });
    outcomes.push(outcome);
    return outcome;
  };
  const session = { PHOTON_HOME: home, HOME: home, CLAUDE_PROJECT_DIR: project, CLAUDE_CODE_SESSION_ID: "s-1" };
  const hook = (name: string, event: string) =>
    runBuiltHook(hooks.path(name), {
      node,
      env: session,
      stdin: { session_id: "s-1", transcript_path: transcript, cwd: project, hook_event_name: event },
    });

  await photon(["setup", "--url", bridge.url, "--key-stdin", "--machine", machine], { stdin: `${bridge.key}\n` });
  await photon(["send", "everyone", "to all"]);
  const { stdout: invitation } = await runCli(cli.script, ["invite", "--json"], { env: owner.env });
  await photon(["join", "--machine", machine], { stdin: JSON.parse(invitation).line });
  await owner.mailbox.outbox.send({ content: "look", to: machine, kind: "task" });
  await hook("session-start", "SessionStart");
  const server = await ServerProcess.start(session, { node });
  await server.call("check_messages");
  await server.call("read_messages");
  await server.call("send_message", { content: "hello", to: "owner" });
  const meanwhile = modes(home);
  await server.stop();
  await hook("stop", "Stop");
  await hook("session-end", "SessionEnd");
  writeFileSync(join(home, "sessions", "broken.json"), "{", { mode: 0o644 });
  await photon(["drafts"]);
  await photon(["inbox"]);
  const { stdout } = await photon(["inbox", "--json", "--all"]);
  await photon(["read", JSON.parse(stdout).messages[0].id]);
  await photon(["status"]);
  await photon(["machines"]);
  await photon(["invite", "--no-qr"]);
  await photon(["wake", "tasks"]);
  await photon(["handover", "--send"]);
  const away = { BRIDGE_WORKER_URL: "http://127.0.0.1:1" };
  await photon(["handover", "--send"], { env: away });
  // With the shared key, because this machine's encryption keys are for the other bridge.
  const elsewhere = { BRIDGE_WORKER_URL: refusing.url, BRIDGE_API_KEY: bridge.key };
  await photon(["send", "owner", "refused"], { env: elsewhere });
  await photon(["send", "owner", "waits"], { env: away });
  await photon(["read", "--all"], { env: away });
  await photon(["flush"], { env: away });
  const driver = join(folder, "wake.ts");
  writeFileSync(
    driver,
    `import { photonPaths } from ${JSON.stringify(pathToFileURL(join(ROOT, "client/disk/paths.ts")).href)};
     import { WakeLedger } from ${JSON.stringify(pathToFileURL(join(ROOT, "client/wake/wake-ledger.ts")).href)};
     new WakeLedger(photonPaths(process.env), "wakes").take(
       { reader: "mac", messages: [{ id: "a", timestamp: "2026-11-24T09:00:00.000Z" }] }, "a task");`,
  );
  execFileSync(node, [driver], { env: { PATH: process.env.PATH, PHOTON_HOME: home } });
  return { said: outcomes, kept: [...meanwhile, ...modes(home)] };
}

const FILES = ["config.json", "keys.json", "machine-list.json", "cache.json", "numbers/sent.json"];
const FOLDERS = ["outbox", "sessions", "log", "leases"];

// Windows has no modes; there the rights of the user's folder apply.
describe.skipIf(process.platform === "win32")("the files of a machine", () => {
  it.each(["000", "022"])(
    "are private to the user with a umask of %s, and no other file contains the keys",
    async (umask) => {
      const { kept, said } = await live(umask, `mac${umask}`);
      const paths = kept.map(({ path }) => path);
      for (const path of [...FILES, "leases/wakes.json", "sessions/broken.json.damaged"]) expect(paths).toContain(path);
      expect(paths).toContainEqual(expect.stringMatching(/^installation(\.[0-9a-f]{8})?\.json$/));
      for (const folder of FOLDERS) expect(paths.filter((path) => path.startsWith(`${folder}/`))).not.toEqual([]);
      expect(kept.filter(({ isFolder, mode }) => mode !== (isFolder ? "700" : "600"))).toEqual([]);

      const { keys } = JSON.parse(readFileSync(join(home, "keys.json"), "utf8"));
      const { privateKey, identity, machineKey } = keys[bridge.url];
      const secrets: string[] = [bridge.key, privateKey, identity, machineKey];
      for (const secret of secrets) expect(secret).toMatch(/^\S{20,}$/);
      const hasOne = (text: string) => secrets.some((secret) => text.includes(secret));
      const files = modes(home).flatMap(({ path, isFolder }) => (isFolder ? [] : [path]));
      const holders = files.filter((path) => hasOne(readFileSync(join(home, path), "latin1")));
      expect(holders.sort()).toEqual(["config.json", "keys.json"]);
      expect(said.filter(({ stdout, stderr }) => hasOne(stdout + stderr))).toEqual([]);
    },
    120_000,
  );
});
