type Fields = Readonly<Record<string, unknown>>;

const MODEL = "claude-sonnet-4-5";
const STARTED_AT = Date.UTC(2026, 10, 22, 9);

interface Client {
  readonly version: string;
  readonly entrypoint: string;
  readonly cwd: string;
}

/** Writes a session's lines like Claude Code 2.1.330: the same fields in the same order. Each line is a second later. */
export class SessionLines {
  readonly lines: string[] = [];
  readonly #client: Client;
  #parent: string | null = null;
  #count = 0;

  constructor(client: Partial<Client> = {}) {
    this.#client = { version: "2.1.330", entrypoint: "cli", cwd: "/home/dev/demo", ...client };
  }

  /** The time of the last line, in milliseconds since 1970. */
  get time(): number {
    return STARTED_AT + this.#count * 1000;
  }

  /** @returns the line's uuid */
  prompt(content: unknown, more: Fields = {}): string {
    return this.#chain({ promptId: this.#id("p") }, { type: "user", message: { role: "user", content } }, more);
  }

  /** Goes back to before a line, like a person who rewinds a prompt. */
  goBackTo(parent: string | null): void {
    this.#parent = parent;
  }

  get parent(): string | null {
    return this.#parent;
  }

  says(text: string, more: Fields = {}): void {
    this.#answer([{ type: "text", text }], more);
  }

  thinks(signature = "c2lnbmF0dXJl", ...more: Fields[]): void {
    this.#answer([{ type: "thinking", thinking: "", signature }, ...more], {});
  }

  /** @returns the id of the call, for its result */
  calls(tool: string, input: Fields, more: Fields = {}): string {
    const id = this.#id("toolu_");
    this.#answer([{ type: "tool_use", id, name: tool, input }], more);
    return id;
  }

  succeeds(id: string, content: unknown, toolUseResult: unknown, more: Fields = {}): void {
    this.#result({ tool_use_id: id, type: "tool_result", content }, toolUseResult, more);
  }

  fails(id: string, content: string, more: Fields = {}): void {
    this.#result({ type: "tool_result", content, is_error: true, tool_use_id: id }, `Error: ${content}`, more);
  }

  edits(path: string, text = ""): void {
    const id = this.calls("Edit", { replace_all: false, file_path: path, old_string: "a", new_string: "b" });
    this.succeeds(id, `The file ${path} has been updated successfully. (no need — to read it)`, {
      filePath: path,
      oldString: "a",
      newString: "b",
      originalFile: text,
      structuredPatch: [],
      userModified: false,
      replaceAll: false,
    });
  }

  creates(path: string, text = ""): void {
    const id = this.calls("Write", { file_path: path, content: text });
    const result = { type: "create", filePath: path, content: text, structuredPatch: [], originalFile: null };
    this.succeeds(id, `File created successfully at: ${path}`, { ...result, userModified: false });
  }

  failsToEdit(path: string): void {
    const id = this.calls("Edit", { file_path: path, old_string: "a", new_string: "b" });
    this.fails(id, "<tool_use_error>String to replace not found in file.\nString: a</tool_use_error>");
  }

  runs(command: string, stdout = "", more: Fields = {}): void {
    const id = this.calls("Bash", { command, description: "Run it" });
    this.succeeds(id, stdout || "(Bash completed with no output)", { ...OUTPUT, stdout, ...more });
  }

  runsInBackground(command: string): string {
    const id = this.calls("Bash", { command, description: "Run it", run_in_background: true });
    this.succeeds(id, "Command running in background with ID: b1.", { ...OUTPUT, backgroundTaskId: "b1" });
    return id;
  }

  /** The client's notification that a background command has ended. */
  notice(id: string, status: string, summary: string): string {
    const tags = `<task-id>b1</task-id>\n<tool-use-id>${id}</tool-use-id>\n<status>${status}</status>`;
    return `<task-notification>\n${tags}\n<summary>${summary}</summary>\n</task-notification>`;
  }

  wakes(content: string): void {
    this.prompt(content, { origin: { kind: "task-notification" }, promptSource: "system" });
  }

  failsToRun(command: string, output: string, exitCode = 1): void {
    const id = this.calls("Bash", { command, description: "Run it" });
    this.fails(id, `Exit code ${exitCode}${output && `\n${output}`}`);
  }

  asks(answers: Readonly<Record<string, string>>, annotations: Fields = {}): void {
    const questions = Object.keys(answers).map((question) => ({ question, header: "Q", options: [] }));
    const id = this.calls("AskUserQuestion", { questions });
    this.succeeds(id, "Your questions have been answered.", { questions, answers, annotations });
  }

  compacts(summary = "This session is being continued from a previous conversation."): void {
    this.#parent = null;
    this.#chain({ type: "system", subtype: "compact_boundary", compactMetadata: { trigger: "auto" } }, {}, {});
    this.prompt(summary, { isCompactSummary: true });
  }

  /** The client's line in place of an answer, such as a usage limit. */
  cannotAnswer(text: string): void {
    const message = { id: this.#id("msg_"), type: "message", role: "assistant", model: "<synthetic>" };
    const content = [{ type: "text", text }];
    this.#chain({ message: { ...message, content } }, { type: "assistant" }, { error: "x", isApiErrorMessage: true });
  }

  /** A slash command with its arguments. */
  commands(name: string, args: string): void {
    const tags = [`<command-message>${name}</command-message>`, `<command-name>/${name}</command-name>`];
    this.prompt([...tags, `<command-args>${args}</command-args>`].join("\n"));
  }

  system(subtype: string, more: Fields): void {
    this.#chain({ type: "system", subtype, ...more }, {}, {});
  }

  todos(...items: readonly (readonly [status: string, content: string])[]): void {
    const todos = items.map(([status, content]) => ({ content, status, activeForm: content }));
    this.succeeds(this.calls("TodoWrite", { todos }), "Todos have been modified.", { oldTodos: [], newTodos: todos });
  }

  delegates(description: string, answer: string, more: Fields = {}): void {
    const id = this.calls("Agent", { description, subagent_type: "general-purpose", prompt: description });
    const content = [{ type: "text", text: answer }];
    this.succeeds(id, content, { status: "completed", agentId: "a1", content, totalToolUseCount: 3, ...more });
  }

  attaches(attachment: Fields): void {
    this.#chain({ attachment, type: "attachment" }, {}, {});
  }

  /** The client ends; the session may be continued. */
  ends(): void {
    this.writes({ type: "cost-state", totalCostUSD: 0.1 });
  }

  /** A line that is not part of the conversation, or not from this client. */
  writes(line: unknown): void {
    this.lines.push(typeof line === "string" ? line : JSON.stringify(line));
  }

  #answer(content: readonly Fields[], more: Fields): void {
    const message = { id: this.#id("msg_"), type: "message", role: "assistant", model: MODEL, content };
    const usage = { input_tokens: 100, output_tokens: 20 };
    this.#chain({ message: { ...message, stop_reason: "tool_use", usage } }, { type: "assistant" }, more);
  }

  #result(block: Fields, toolUseResult: unknown, more: Fields): void {
    const message = { role: "user", content: [block] };
    this.#chain({ promptId: this.#id("p") }, { type: "user", message }, { toolUseResult, ...more });
  }

  #chain(first: Fields, second: Fields, more: Fields): string {
    const uuid = this.#id("00000000-0000-4000-8000-");
    const timestamp = new Date(this.time).toISOString();
    const place = { userType: "external", ...this.#client };
    const ids = { uuid, timestamp };
    this.writes({ parentUuid: this.#parent, isSidechain: false, ...first, ...second, ...ids, ...more, ...place });
    this.#parent = uuid;
    return uuid;
  }

  #id(prefix: string): string {
    this.#count++;
    return `${prefix}${String(this.#count).padStart(12, "0")}`;
  }
}

const OUTPUT = { stdout: "", stderr: "", interrupted: false, isImage: false, noOutputExpected: false };
