import { recordOf, textField } from "../client/disk/private-file.ts";
import { parseJson } from "../contract/parse-json.ts";

/** The fields of the client's hook input that Photon's hooks need. Each may be missing. */
export interface HookEvent {
  readonly name: string | null;
  readonly session: string | null;
  readonly transcriptPath: string | null;
  readonly cwd: string | null;
  /** Set if the event belongs to a subagent, whose turns are not turns of the session. */
  readonly agent: string | null;
  /** Stop: Claude's last answer, which the transcript may not contain yet. */
  readonly lastAnswer: string | null;
  /** SessionStart: `startup`, `resume`, `clear`, `compact` or `fork`. */
  readonly source: string | null;
  /** SessionEnd: why it ended, such as `prompt_input_exit`. */
  readonly reason: string | null;
}

/**
 * Parses a hook's stdin. The client also names the session in the environment, so even a broken event has a session.
 *
 * @returns `isReadable` is false if the text was not a JSON object; then most fields are null
 */
export function parseHookEvent(stdin: string, env: NodeJS.ProcessEnv): { event: HookEvent; isReadable: boolean } {
  const input = recordOf(parseJson(stdin.replace(/^\uFEFF/, "")));
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
      reason: field("reason"),
    },
    isReadable: input !== undefined,
  };
}
