import { intro, isCancel, password, text } from "@clack/prompts";
import { CommandFailed } from "../terminal/command-failed.ts";
import { addressProblem, keyProblem, machineProblem } from "./settings.ts";

export function greet(): void {
  intro("Photon: where is your bridge?");
}

export async function askAddress(present: string | undefined): Promise<string> {
  return answered(
    await text({
      message: "Address of the bridge (npm run deploy printed it)",
      placeholder: "https://photon.example.workers.dev",
      ...(present === undefined ? {} : { initialValue: present }),
      validate: (value) => addressProblem(value?.trim() ?? ""),
    }),
  );
}

/** Never shown: a mark per character stands for it. Empty, when there is a present one, keeps that. */
export async function askKey(hasPresent: boolean): Promise<string> {
  return answered(
    await password({
      message: hasPresent ? "Key (leave empty to keep the present one)" : "Key",
      validate: (value) => (!value?.trim() && hasPresent ? undefined : keyProblem(value?.trim() ?? "")),
    }),
  );
}

export async function askMachine(proposed: string): Promise<string> {
  return answered(
    await text({
      message: "Name of this machine, for others to send to",
      initialValue: proposed,
      validate: (value) => machineProblem(value?.trim() ?? ""),
    }),
  );
}

/** Not shown: it lets another machine in until it is used. */
export async function askInvitation(): Promise<string> {
  return answered(await password({ message: "The line that `photon invite` has printed" }));
}

/** Ctrl-C and Escape end the whole. */
function answered(answer: string | symbol | undefined): string {
  if (isCancel(answer)) {
    throw new CommandFailed("cancelled", "Cancelled; nothing was written.");
  }
  return typeof answer === "string" ? answer.trim() : "";
}
