import { confirm } from "@clack/prompts";
import { CommandFailed } from "./command-failed.ts";
import { isInteractive } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Makes sure that the person wants something that cannot be undone.
 *
 * @param isSure - they have said so already (`--yes`)
 * @throws CommandFailed when they do not, UsageError when nobody can be asked
 */
export async function confirmed(isSure: boolean, question: string): Promise<void> {
  if (isSure) return;
  if (!isInteractive()) throw new UsageError("Nobody can be asked here: --yes does it without asking.");
  if (!(await askYes(question))) throw new CommandFailed("cancelled", "Cancelled; nothing was changed.");
}

/** The default answer is no. */
export async function askYes(question: string): Promise<boolean> {
  const answer = await confirm({ message: question, initialValue: false });
  return answer === true;
}
