import { Random } from "./random.ts";
import { code, output } from "./text.ts";

export interface Session {
  readonly seed: number;
  /** The project's folder. */
  readonly cwd: string;
  /** The time of the first line, in milliseconds since 1970. */
  readonly startedAt: number;
}

const MODEL = "claude-sonnet-4-5";
const NOTE = "(file state is current in your context — no need to Read it back)";

/** Writes a session's lines with the client's fields in the client's order. */
export class ChainWriter {
  readonly cwd: string;
  readonly random: Random;
  readonly #sessionId: string;
  #lines: string[] = [];
  #parent: string | null = null;
  #now: number;
  #promptId = "";
  #changed = new Map<string, number>();

  constructor({ seed = 1, cwd = "/home/dev/photon-demo", startedAt = Date.UTC(2026, 10, 22, 9) }: Partial<Session>) {
    this.random = new Random(seed);
    this.cwd = cwd;
    this.#now = startedAt;
    this.#sessionId = this.random.uuid();
  }

  /** The lines written since the last call. */
  take(): string {
    const text = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    return text;
  }

  start(): void {
    this.#state();
    this.#hook("SessionStart:startup", "SessionStart");
  }

  prompt(turn: number): void {
    this.#promptId = this.random.uuid();
    this.#snapshot();
    const text = turn === 1 ? "Make the parser accept CRLF" : `Then look at part ${this.random.between(1, 400)}, too`;
    this.#chain({
      promptId: this.#promptId,
      type: "user",
      message: { role: "user", content: `${text}. ${code(this.random, this.random.size(20, 1_500))}` },
      uuid: this.random.uuid(),
      timestamp: this.#time(),
      permissionMode: "acceptEdits",
      origin: { kind: "human" },
      promptSource: "typed",
      turnOrigin: "human",
      turnPosition: { promptIndex: turn, turnIndex: turn },
    });
    this.#attach("total_tokens_reminder", 100);
    if (turn === 1) this.#context();
  }

  answer(): void {
    this.#assistant({ type: "text", text: output(this.random, this.random.size(80, 3_000)) }, "end_turn");
    this.#hook("Stop", "Stop");
    const ids = { timestamp: this.#time(), uuid: this.random.uuid() };
    this.#chain({ type: "system", subtype: "turn_duration", durationMs: 61_200, messageCount: 19, ...ids });
    this.#state();
  }

  compact(): void {
    const metadata = { trigger: "auto", preTokens: 155_000, postTokens: 9_000, durationMs: 20_135 };
    this.#parent = null;
    this.#chain({
      type: "system",
      subtype: "compact_boundary",
      content: "Conversation compacted",
      level: "info",
      compactMetadata: metadata,
      timestamp: this.#time(),
      uuid: this.random.uuid(),
    });
    const content = `This session is being continued from a previous conversation. ${output(this.random, 12_000)}`;
    const ids = { uuid: this.random.uuid(), timestamp: this.#time() };
    this.#chain({ type: "user", message: { role: "user", content }, ...ids, isCompactSummary: true });
    this.#context();
  }

  read(path: string, chars: number): void {
    const content = code(this.random, chars);
    const numbered = content
      .split("\n")
      .map((line, index) => `${index + 1}\t${line}`)
      .join("\n");
    const file = { filePath: path, content, numLines: 40, startLine: 1, totalLines: 40 };
    this.#call("Read", { file_path: path }, numbered, { type: "text", file });
  }

  bash(command: string, chars: number, fails: boolean): void {
    const stdout = output(this.random, chars);
    const input = { command, description: "Run it" };
    const result = { stdout, stderr: "", interrupted: false, isImage: false, noOutputExpected: false };
    if (fails) this.#call("Bash", input, `Exit code 1\n${stdout}`, null);
    else this.#call("Bash", input, stdout, result);
  }

  /** @param chars - length of the whole file */
  edit(path: string, chars: number, fails: boolean): void {
    const before = code(this.random, this.random.size(30, 1_500));
    const after = code(this.random, this.random.size(30, 1_500));
    const input = { replace_all: false, file_path: path, old_string: before, new_string: after };
    if (fails) {
      this.#call("Edit", input, "<tool_use_error>String to replace not found in file.</tool_use_error>", null);
      return;
    }
    const lines = [...before.split("\n").map((line) => `-${line}`), ...after.split("\n").map((line) => `+${line}`)];
    this.#call("Edit", input, `The file ${path} has been updated successfully. ${NOTE}`, {
      filePath: path,
      oldString: before,
      newString: after,
      originalFile: code(this.random, chars),
      structuredPatch: [{ oldStart: 1, oldLines: 9, newStart: 1, newLines: 9, lines }],
      userModified: false,
      replaceAll: false,
    });
    this.#change(path);
  }

  write(path: string, chars: number): void {
    const content = code(this.random, chars);
    const result = { type: "create", filePath: path, content, structuredPatch: [], originalFile: null };
    const told = `File created successfully at: ${path} ${NOTE}`;
    this.#call("Write", { file_path: path, content }, told, { ...result, userModified: false });
    this.#change(path);
  }

  task(id: number): void {
    const input = { taskId: String(id), status: "completed" };
    const statusChange = { from: "in_progress", to: "completed" };
    const result = { success: true, taskId: input.taskId, updatedFields: ["status"], statusChange };
    this.#call("TaskUpdate", input, `Updated task #${id} status`, result);
  }

  /** @param result - null if the tool failed; the client then writes a string, and the fields in another order */
  #call(name: string, input: object, content: string, result: object | null): void {
    const id = `toolu_${this.random.hex(24)}`;
    this.#write({ type: "api-request", sessionId: this.#sessionId, params: output(this.random, 1_100) });
    if (this.random.between(1, 3) === 1) this.#blob("api-request-blob", this.random.size(300, 12_000));
    const source = this.#assistant({ type: "tool_use", id, name, input }, "tool_use");
    if (this.random.between(1, 4) === 1) this.#state();
    const block =
      result === null
        ? { type: "tool_result", content, is_error: true, tool_use_id: id }
        : { tool_use_id: id, type: "tool_result", content, ...(name === "Bash" ? { is_error: false } : {}) };
    this.#chain({
      promptId: this.#promptId,
      type: "user",
      message: { role: "user", content: [block] },
      uuid: this.random.uuid(),
      timestamp: this.#time(),
      toolUseResult: result ?? `Error: ${content}`,
      sourceToolAssistantUUID: source,
      permissionDecision: { decision: "accept", source: "config", reasonType: "mode" },
      session_id: this.#sessionId,
    });
    this.#attach("total_tokens_reminder", 100);
  }

  #assistant(block: object, stop_reason: string): string {
    const uuid = this.random.uuid();
    const usage = { input_tokens: 100, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 20 };
    const id = `msg_${this.random.hex(24)}`;
    const message = { id, type: "message", role: "assistant", model: MODEL, content: [block], stop_reason };
    const speed = { service_tier: "standard", inference_geo: "", iterations: [], speed: "standard" };
    this.#chain({
      message: { ...message, stop_sequence: null, usage: { ...usage, ...speed, fallback_credit: null } },
      apiBlockIndex: 0,
      requestId: `req_${this.random.hex(24)}`,
      requestRef: this.random.uuid(),
      requestedModel: MODEL,
      promptCacheRequested: "5m",
      type: "assistant",
      uuid,
      timestamp: this.#time(),
      perTurnEffort: null,
      madeBy: "model",
      session_id: this.#sessionId,
    });
    return uuid;
  }

  /** The client's copy of what it sends to the model at the start and after a compaction. */
  #context(): void {
    for (const [type, chars] of CONTEXT) this.#attach(type, chars);
    this.#blob("api-request-shape", 43_000);
    for (let count = 0; count < 5; count++) this.#blob("api-request-blob", this.random.size(200, 15_000));
    this.#attach("prompt_snapshot", 63_000);
  }

  #hook(hookName: string, hookEvent: string): void {
    const run = { hookName, hookEvent, content: "", stdout: "", stderr: "", exitCode: 0, durationMs: 60 };
    this.#attached({ type: "hook_success", ...run, command: "node dist/hooks/stop.cjs" });
  }

  #attach(type: string, chars: number): void {
    this.#attached({ type, content: output(this.random, chars) });
  }

  #attached(attachment: object): void {
    const uuid = this.random.uuid();
    this.#chain({ attachment, type: "attachment", uuid, timestamp: this.#time(), renderedRole: "system" });
  }

  #change(path: string): void {
    const version = (this.#changed.get(path) ?? 0) + 1;
    this.#changed.set(path, version);
    const backup = { backupFileName: `${this.random.hex(16)}@v${version}`, version, backupTime: this.#time() };
    this.#write({ type: "file-history-delta", messageId: this.random.uuid(), trackingPath: path, backup });
  }

  /** Lists every file of the session again at every prompt, so it keeps growing. */
  #snapshot(): void {
    const trackedFileBackups = Object.fromEntries(
      [...this.#changed].map(([path, version]) => [path, { backupFileName: `${this.random.hex(16)}@v1`, version }]),
    );
    this.#write({ type: "file-history-snapshot", messageId: this.random.uuid(), snapshot: { trackedFileBackups } });
  }

  #state(): void {
    const { random } = this;
    this.#write({ type: "last-prompt", lastPrompt: "Make the parser accept CRLF", leafUuid: random.uuid() });
    this.#write({ type: "mode", mode: "normal", sessionId: this.#sessionId });
    this.#write({ type: "permission-mode", permissionMode: "acceptEdits", sessionId: this.#sessionId });
    this.#write({ type: "atis-latch", atis: "", sessionId: this.#sessionId });
  }

  #blob(type: string, chars: number): void {
    this.#write({ type, sessionId: this.#sessionId, hash: this.random.hex(64), message: output(this.random, chars) });
  }

  #chain(line: { readonly uuid: string; readonly [field: string]: unknown }): void {
    const place = { userType: "external", entrypoint: "cli", cwd: this.cwd, sessionId: this.#sessionId };
    this.#write({
      parentUuid: this.#parent,
      isSidechain: false,
      ...line,
      ...place,
      version: "2.1.330",
      gitBranch: "feature/crlf",
    });
    this.#parent = line.uuid;
  }

  #write(line: object): void {
    this.#lines.push(JSON.stringify(line));
  }

  #time(): string {
    this.#now += this.random.between(5, 2_000);
    return new Date(this.#now).toISOString();
  }
}

/** Attachments at the start of a session, with approximate sizes. */
const CONTEXT: readonly (readonly [string, number])[] = [
  ["environment", 1_100],
  ["deferred_tools_delta", 1_000],
  ["agent_listing_delta", 5_500],
  ["skill_listing", 13_000],
  ["session_context", 1_000],
  ["date", 200],
  ["remote_session_change", 900],
  ["prompt_snapshot", 7_400],
];
