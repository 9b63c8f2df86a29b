import { recordOf, textField } from "../client/disk/private-file.ts";

/** What the client writes to a hook's stdin, as far as our hooks need it. Every field may be missing. */
export interface HookEvent {
  readonly name: string | null;
  readonly session: string | null;
  readonly transcriptPath: string | null;
  readonly cwd: string | null;
  /** Set when the event belongs to a subagent, whose turns are no turns of the session. */
  readonly agent: string | null;
  /** Stop: what Claude said last. The transcript may not hold it yet. */
  readonly lastAnswer: string | null;
  /** SessionStart: `startup`, `resume`, `clear`, `compact` or `fork`. */
  readonly source: string | null;
}

/**
 * Reads a hook's stdin. The client also names the session in the environment, so a broken event still has one.
 *
 * @returns `isReadable` false when the text was no JSON object; the event is then as good as empty
 */
export function parseHookEvent(stdin: string, env: NodeJS.ProcessEnv): { event: HookEvent; isReadable: boolean } {
  const input = parseObject(stdin);
  const field = (key: string) => textField(input, key) || null;
  return {
    event: {
      name: field("hook_event_name"),
      session: field("session_id") ?? (env.CLAUDE_CODE_SESSION_ID || null),
      transcriptPath: field("transcript_path"),
      cwd: field("cwd"),
      agent: field("agent_id"),
      lastAnswer: field("last_assistant_message"),
      source: field("source"),
    },
    isReadable: input !== undefined,
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return recordOf(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch {
    return undefined;
  }
}
