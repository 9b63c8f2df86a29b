import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { photonPaths } from "../../../client/disk/paths.ts";
import { type ListeningSession, listeningSessions } from "../../../client/sessions/session-state.ts";
import { CLAUDE, clientEnv } from "./environment.ts";
import type { Model, Step } from "./model.ts";
import { type Finished, mustRun, run } from "./process.ts";
import { readSession, type Session } from "./session.ts";
import { Terminal } from "./terminal.ts";

/** The address that a user would add. Git is configured to use the local repository instead; nothing listens there. */
const REPOSITORY_URL = "https://127.0.0.1:1/photon.git";

export interface Prompt {
  /** The model's answers, in order. */
  readonly model?: readonly Step[];
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A machine of the person: a home folder, a project in it, the real client, and Photon installed by the client. */
export class Machine {
  readonly name: string;
  readonly home: string;
  readonly project: string;
  /** Additional variables for all sessions and commands of this machine. */
  readonly env: Record<string, string> = {};
  readonly #model: Model;

  private constructor(name: string, folder: string, model: Model) {
    this.name = name;
    this.home = join(folder, `home of ${name}`);
    this.project = join(this.home, "my work", "demo");
    this.#model = model;
  }

  /** A machine with a project in git. The project's name comes from the remote, which is never contacted. */
  static async make(name: string, folder: string, model: Model): Promise<Machine> {
    const machine = new Machine(name, folder, model);
    await mkdir(machine.project, { recursive: true });
    const git = (...args: string[]) => mustRun("git", args, { cwd: machine.project, env: machine.#environment() });
    await git("init", "--quiet", "--initial-branch=main");
    await git("remote", "add", "origin", "https://example.invalid/team/demo.git");
    await git("config", "user.name", "e2e");
    await git("config", "user.email", "e2e@example.invalid");
    await writeFile(join(machine.project, "README.md"), "# Demo\n");
    await git("add", "--all");
    await git("commit", "--quiet", "--message", "First");
    await writeFile(join(machine.home, ".claude.json"), JSON.stringify(pastOnboarding(machine.project)));
    return machine;
  }

  /** Clones the project of another machine. */
  async cloneProject(other: Machine): Promise<void> {
    await rm(this.project, { recursive: true });
    const options = { cwd: this.home, env: this.#environment() };
    await mustRun("git", ["clone", "--quiet", other.project, this.project], options);
    await this.git("remote", "set-url", "origin", "https://example.invalid/team/demo.git");
  }

  /** Runs git in the project. */
  git(...args: string[]): Promise<string> {
    return mustRun("git", args, { cwd: this.project, env: this.#environment() });
  }

  /** Installs the plugin as a user does: adds the marketplace, which clones the repository, and installs from it. */
  async install(repository: string): Promise<void> {
    await writeFile(join(this.home, ".gitconfig"), `[url "file://${repository}"]\n\tinsteadOf = ${REPOSITORY_URL}\n`);
    await this.mustClaude(["plugin", "marketplace", "add", REPOSITORY_URL]);
    await this.mustClaude(["plugin", "install", "photon@photon"]);
  }

  /** The client's copy of the plugin. */
  get pluginFolder(): string {
    const versions = join(this.home, ".claude/plugins/cache/photon/photon");
    const [version] = readdirSync(versions);
    if (version === undefined) throw new Error("the plugin is not installed");
    return join(versions, version);
  }

  /** Photon's data folder on this machine, according to env-paths. */
  get dataFolder(): string {
    const mac = "Library/Application Support/photon";
    return join(this.home, process.platform === "darwin" ? mac : ".local/share/photon");
  }

  /** The transcripts of all sessions of this machine so far. */
  transcripts(): string {
    const folder = join(this.home, ".claude/projects");
    if (!existsSync(folder)) return ""; // no session has written anything yet
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"));
    return files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  }

  /** The sockets of its open sessions; undefined while there are none. */
  liveState(): string | undefined {
    return this.#listening()[0]?.how;
  }

  /** The unread messages known to its open sessions of this reader, without a request. */
  knownUnread(reader: string): number {
    return Math.max(0, ...this.#listening().map((session) => (session.reader === reader ? (session.unread ?? 0) : 0)));
  }

  #listening(): ListeningSession[] {
    return listeningSessions(photonPaths({ PHOTON_HOME: this.dataFolder }));
  }

  mustClaude(args: readonly string[], input = ""): Promise<string> {
    return mustRun(CLAUDE, args, { cwd: this.project, env: this.#environment(), input });
  }

  claude(args: readonly string[], cwd = this.project): Promise<Finished> {
    return run(CLAUDE, args, { cwd, env: this.#environment() });
  }

  /** Runs a headless session with one prompt. `args` must contain its permissions. */
  async say(prompt: string, { model = [], env = {}, args = [] }: Prompt = {}): Promise<Session> {
    this.#model.script(model);
    const output = ["--output-format", "stream-json", "--verbose", "--include-hook-events"];
    const finished = await run(CLAUDE, ["-p", prompt, ...output, ...args], {
      cwd: this.project,
      env: { ...this.#environment(), ...env },
    });
    return readSession(finished, [...this.#model.requests]);
  }

  /** The command that starts an interactive session. */
  inTerminal(args: readonly string[]) {
    return { program: CLAUDE, args, cwd: this.project, env: this.#environment() };
  }

  /** An interactive session in a terminal. */
  open(model: readonly Step[] = [], args: readonly string[] = []): Promise<Terminal> {
    this.#model.script(model);
    return Terminal.open({ program: CLAUDE, args, cwd: this.project, env: this.#environment() });
  }

  /** Runs the `photon` command as a person's script would. */
  photon(args: readonly string[], input = "", env = {}): Promise<Finished> {
    return run("node", [join(this.pluginFolder, "photon.mjs"), ...args], {
      cwd: this.project,
      env: { PHOTON_UNATTENDED: "1", ...this.#environment(), ...env },
      input,
    });
  }

  #environment(): Record<string, string> {
    return { ...clientEnv(this.home, this.#model.url), ...this.env };
  }
}

/** The client's state after its first start, so that a terminal shows a prompt and not the client's questions. */
function pastOnboarding(project: string) {
  return {
    hasCompletedOnboarding: true,
    theme: "dark",
    customApiKeyResponses: { approved: ["dummy"], rejected: [] },
    projects: { [project]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  };
}
