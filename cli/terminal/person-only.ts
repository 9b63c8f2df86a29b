import { CommandFailed } from "./command-failed.ts";
import { isForClaude } from "./foreign-text.ts";
import { isInteractive } from "./terminal.ts";

/**
 * What decides who may read and write is for a person at a terminal: a message that talks Claude into a command must not
 * get there.
 *
 * A speed bump, no wall: a program that runs as the person can make itself a terminal, or write Photon's files. It has to do
 * so in a command that Claude Code shows to the person first. For scripts of the person's own there is
 * `PHOTON_UNATTENDED=1`; settings of a project that Claude Code has resumed cannot use it quietly, as everything that it
 * starts carries the marks that are refused first.
 *
 * @param what - the command, as the person would type it
 * @param isFirst - nothing is set up here yet, so that nothing can be lost: a fleet pipes its lines in
 * @throws CommandFailed in a session of Claude Code, which marks the environment of what it runs; and without a terminal
 */
export function requirePerson(env: NodeJS.ProcessEnv, what: string, isFirst = false): void {
  if (isForClaude(env)) {
    const sentence = `\`${what}\` is for a person, in a terminal of their own: it does nothing inside a session of Claude Code.`;
    throw new CommandFailed("refused", sentence);
  }
  if (isFirst || isInteractive() || env.PHOTON_UNATTENDED === "1") return;
  const sentence = `\`${what}\` is for a person at a terminal, and no terminal is attached. In a script of your own, set PHOTON_UNATTENDED=1.`;
  throw new CommandFailed("refused", sentence);
}
