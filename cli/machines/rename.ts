import { counted } from "../../client/text/counted.ts";
import type { CliContext } from "../context.ts";
import { CommandFailed, UsageError } from "../terminal/failure.ts";
import { requireMembership } from "./membership.ts";
import { machineProblem, renameInSettings } from "./settings.ts";

/**
 * Renames this machine, which has joined, in the machine list and in its settings.
 *
 * @returns a warning for each setting that still has the old name
 * @throws UsageError if the name is invalid; CommandFailed while this machine has unread messages; PhotonError
 */
export async function renameThis(context: CliContext, name: string): Promise<string[]> {
  const problem = machineProblem(name);
  if (problem !== undefined) throw new UsageError(`${problem}.`);
  const membership = requireMembership(context);
  const { machine, sources } = context.config;
  const { unread } = await context.mailbox.unread.fetch();
  if (unread > 0) {
    const sentence = `${machine} has ${counted(unread, "unread message")}, which the new name would not get. Read ${unread === 1 ? "it" : "them"} first.`;
    throw new CommandFailed("refused", sentence);
  }
  await membership.extend({ type: "rename", name });
  renameInSettings(context.paths, name);
  return sources.machine === "environment"
    ? ["BRIDGE_MACHINE_ID is set in this environment and still has the old name. Change it too."]
    : [];
}
