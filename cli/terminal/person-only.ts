import { confirm } from "@clack/prompts";
import { CommandFailed, UsageError } from "../../screens/failure.ts";
import { isForClaude } from "../../screens/foreign-text.ts";
import { isInteractive } from "./terminal.ts";

/**
 * Requires a person at a terminal for a command that decides who may read or write: a message that talks Claude into running
 * it must not succeed.
 *
 * This slows an attacker down and does not stop one: a program that runs as the person can open a terminal of its own or
 * write Photon's files. Claude Code shows such a command to the person first. `PHOTON_UNATTENDED=1` is for the person's own
 * scripts; a project's settings cannot use it inside Claude Code, because everything that Claude Code starts carries the
 * marks that are refused first.
 *
 * @param what - the command, as the person would type it
 * @param isFirst - nothing is set up here yet, so there is nothing to lose, and a script may set up many machines
 * @throws CommandFailed inside a session of Claude Code, and without a terminal
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

/**
 * Asks the person to confirm something that cannot be undone.
 *
 * @param isSure - `--yes` was given: do not ask
 * @throws CommandFailed if the person says no, UsageError if there is no terminal to ask at
 */
export async function confirmed(isSure: boolean, question: string): Promise<void> {
  if (isSure) return;
  if (!isInteractive())
    throw new UsageError(
      "There is no terminal to ask at, and nothing was changed. Run it in a terminal, or add --yes if you are sure.",
    );
  if (!(await askYes(question))) throw new CommandFailed("cancelled", "Cancelled; nothing was changed.");
}

/** @param proposed - what Enter alone means. Cancelling means no. */
export async function askYes(question: string, proposed = false): Promise<boolean> {
  const answer = await confirm({ message: question, initialValue: proposed });
  return answer === true;
}
