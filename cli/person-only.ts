import { CommandFailed } from "./command-failed.ts";
import { isForClaude } from "./foreign-text.ts";

/**
 * What decides who may read and write is for a person at a terminal: a message that talks Claude into a command must not
 * get there.
 *
 * @param what - the command, as the person would type it
 * @throws CommandFailed in a session of Claude Code, which marks the environment of what it runs
 */
export function requirePerson(env: NodeJS.ProcessEnv, what: string): void {
  if (!isForClaude(env)) return;
  const sentence = `\`${what}\` is for a person, in a terminal of their own: it does nothing inside a session of Claude Code.`;
  throw new CommandFailed("refused", sentence);
}
