import { intro, isCancel, password, text } from "@clack/prompts";
import { CommandFailed } from "../../screens/failure.ts";
import type { CliContext } from "../context.ts";
import { askYes } from "../terminal/person-only.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { addressProblem, keyProblem, machineProblem, writePolicies } from "./settings.ts";

export function greet(): void {
  intro("Photon: connect this machine to your bridge");
}

export async function askAddress(present: string | undefined): Promise<string> {
  return answered(
    await text({
      message: "Address of the bridge (`npm run deploy` printed it)",
      placeholder: "https://photon.example.workers.dev",
      ...(present === undefined ? {} : { initialValue: present }),
      validate: (value) => addressProblem(value?.trim() ?? ""),
    }),
  );
}

/** The key is not shown while it is typed. An empty answer keeps the present key, if there is one. */
export async function askKey(hasPresent: boolean): Promise<string> {
  return answered(
    await password({
      message: hasPresent ? "Key of the bridge (leave empty to keep the present one)" : "Key of the bridge",
      validate: (value) => (!value?.trim() && hasPresent ? undefined : keyProblem(value?.trim() ?? "")),
    }),
  );
}

export async function askMachine(proposed: string): Promise<string> {
  return answered(
    await text({
      message: "Name of this machine, which the others use to send it messages",
      initialValue: proposed,
      validate: (value) => machineProblem(value?.trim() ?? ""),
    }),
  );
}

/** Asks again if a name is reserved, and proposes one: `vm-2` after `vm`. */
export async function askOtherName(taken: string): Promise<string> {
  const [, stem = taken, number = "1"] = /^(.*)-(\d{1,3})$/.exec(taken) ?? [];
  return answered(
    await text({
      message: `Another machine has or had the name ${taken}. Choose another one for this machine`,
      initialValue: `${stem}-${Number(number) + 1}`,
      validate: (value) => machineProblem(value?.trim() ?? ""),
    }),
  );
}

/** The line is not shown while it is typed: until it is used, anyone who has it can join. */
export async function askInvitation(): Promise<string> {
  return answered(await password({ message: "The line that `photon invite` printed" }));
}

/**
 * Asks a machine that has just joined, at a terminal, whether automatic handovers take the work along. A no is saved; a yes
 * is the default. Asks nothing if the settings say it already.
 *
 * @returns lines for the person
 */
export async function askAboutWork(context: CliContext): Promise<string[]> {
  if (!isInteractive() || context.readConfig().sources.capsule !== "default") return [];
  const question =
    "Should handovers take your uncommitted and unpushed changes along, encrypted for your own machines?";
  if (await askYes(question, true)) return [];
  writePolicies(context.paths, { capsule: "explicit" });
  return ["Your changes go along only when you hand over. `photon setup --capsule encrypted` changes that."];
}

/** Ctrl-C and Escape cancel the command. */
function answered(answer: string | symbol | undefined): string {
  if (isCancel(answer)) {
    throw new CommandFailed("cancelled", "Cancelled; nothing was written.");
  }
  return typeof answer === "string" ? answer.trim() : "";
}
