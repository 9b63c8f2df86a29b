import { UsageError } from "../../screens/failure.ts";
import type { CliContext } from "../context.ts";
import { requireMembership } from "./membership.ts";
import { machineProblem, renameInSettings } from "./settings.ts";

/**
 * Renames this machine, which has joined, in the machine list and in its settings. Under the new name it
 * also has the mail to its former names.
 *
 * @returns a warning for each setting that still has the old name
 * @throws UsageError if the name is invalid; PhotonError
 */
export async function renameThis(context: CliContext, name: string): Promise<string[]> {
  const problem = machineProblem(name);
  if (problem !== undefined) throw new UsageError(`${problem}.`);
  const membership = requireMembership(context);
  const { sources } = context.config;
  await membership.extend({ type: "rename", name });
  renameInSettings(context.paths, name);
  return sources.machine === "environment"
    ? ["BRIDGE_MACHINE_ID is set in this environment and still has the old name. Change it too."]
    : [];
}
