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

/** Stands for the address a user would add; git is told that it is the local repository. Nothing listens there. */
const REPOSITORY_URL = "https://127.0.0.1:1/photon.git";

export interface Prompt {
  /** What the model answers, in order. */
  readonly model?: readonly Step[];
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** One computer of the person: a home folder, a project in it, the real client, and Photon as the client installs it. */
export class Machine {
  readonly name: string;
  readonly home: string;
  readonly project: string;
  /** Variables that every session and command of this machine has, over the base. */
  readonly env: Record<string, string> = {};
  readonly #model: Model;

  private constructor(name: string, folder: string, model: Model) {
    this.name = name;
    this.home = join(folder, `home of ${name}`);
    this.project = join(this.home, "my work", "demo");
    this.#model = model;
  }

  /** A machine with a project in git. The remote gives the project its name; it is never contacted. */
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

  /** The same project as on another machine, with its history. */
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

  /** As a user does it: adds the marketplace, which clones the repository, and installs the plugin from it. */
  async install(repository: string): Promise<void> {
    await writeFile(join(this.home, ".gitconfig"), `[url "file://${repository}"]\n\tinsteadOf = ${REPOSITORY_URL}\n`);
    await this.mustClaude(["plugin", "marketplace", "add", REPOSITORY_URL]);
    await this.mustClaude(["plugin", "install", "photon@photon"]);
  }

  /** Where the client keeps its copy of the plugin. */
  get pluginFolder(): string {
    const versions = join(this.home, ".claude/plugins/cache/photon/photon");
    const [version] = readdirSync(versions);
    if (version === undefined) throw new Error("the plugin is not installed");
    return join(versions, version);
  }

  /** Where Photon keeps this machine's side, as env-paths says. */
  get dataFolder(): string {
    const mac = "Library/Application Support/photon";
    return join(this.home, process.platform === "darwin" ? mac : ".local/share/photon");
  }

  /** What the client has written down of every session of this machine so far. */
  transcripts(): string {
    const folder = join(this.home, ".claude/projects");
    if (!existsSync(folder)) return ""; // no session has begun to write
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"));
    return files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  }

  /** How its open sessions hear of news; undefined while there is none. */
  liveState(): string | undefined {
    return this.#listening()[0]?.how;
  }

  /** What its open sessions of this reader know to be unread, without asking anybody. */
  knownUnread(reader: string): number {
    return Math.max(0, ...this.#listening().map((session) => (session.reader === reader ? (session.unread ?? 0) : 0)));
  }

  #listening(): ListeningSession[] {
    return listeningSessions(photonPaths({ PHOTON_HOME: this.dataFolder }));
  }

  /** Sets the plugin's options, the way the client takes them from a script. */
  async configure(options: Readonly<Record<string, string>>): Promise<void> {
    await this.mustClaude(["plugin", "configure", "photon@photon", "--values-stdin"], JSON.stringify(options));
  }

  mustClaude(args: readonly string[], input = ""): Promise<string> {
    return mustRun(CLAUDE, args, { cwd: this.project, env: this.#environment(), input });
  }

  claude(args: readonly string[], cwd = this.project): Promise<Finished> {
    return run(CLAUDE, args, { cwd, env: this.#environment() });
  }

  /** One headless session with one prompt. What it is allowed to do, `args` must say. */
  async say(prompt: string, { model = [], env = {}, args = [] }: Prompt = {}): Promise<Session> {
    this.#model.script(model);
    const output = ["--output-format", "stream-json", "--verbose", "--include-hook-events"];
    const finished = await run(CLAUDE, ["-p", prompt, ...output, ...args], {
      cwd: this.project,
      env: { ...this.#environment(), ...env },
    });
    return readSession(finished, [...this.#model.requests]);
  }

  /** What a terminal starts for an interactive session. */
  inTerminal(args: readonly string[]) {
    return { program: CLAUDE, args, cwd: this.project, env: this.#environment() };
  }

  /** An interactive session in a terminal. */
  open(model: readonly Step[] = [], args: readonly string[] = []): Promise<Terminal> {
    this.#model.script(model);
    return Terminal.open({ program: CLAUDE, args, cwd: this.project, env: this.#environment() });
  }

  /** The `photon` command, as a script of the person's runs it. */
  photon(args: readonly string[], input = ""): Promise<Finished> {
    return run("node", [join(this.pluginFolder, "dist/photon.mjs"), ...args], {
      cwd: this.project,
      env: { PHOTON_UNATTENDED: "1", ...this.#environment() },
      input,
    });
  }

  #environment(): Record<string, string> {
    return { ...clientEnv(this.home, this.#model.url), ...this.env };
  }
}

/** The client's own state after its first start, so that a terminal shows a prompt and not its questions. */
function pastOnboarding(project: string) {
  return {
    hasCompletedOnboarding: true,
    theme: "dark",
    customApiKeyResponses: { approved: ["dummy"], rejected: [] },
    projects: { [project]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  };
}
