import { Argument, type Command } from "commander";
import { allowedUnencrypted, setUnencrypted } from "../../client/encryption/unencrypted.ts";
import { isSameName } from "../../contract/address.ts";
import { machineNamed } from "../../contract/follow-machine-list.ts";
import { MachineName } from "../../contract/message.ts";
import type { Answer } from "../../screens/answer.ts";
import { CommandFailed } from "../../screens/failure.ts";
import type { CliContext, Run } from "../context.ts";
import { requireMembership } from "../machines/membership.ts";
import { argumentOf } from "../terminal/arguments.ts";
import { confirmed, requirePerson } from "../terminal/person-only.ts";

const COMMAND = "photon machines unencrypted";

/** @param machines - `photon machines` */
export function addUnencrypted(machines: Command, run: Run): void {
  machines
    .command("unencrypted")
    .description(
      "Shows or sets to which machines that have not joined this machine may send unencrypted messages. The bridge, and anyone with the shared key, can read such a message.",
    )
    .argument("[machine]", "its name; without it, list the allowed machines", argumentOf(MachineName))
    .addArgument(new Argument("[decision]", "allow or refuse").choices(["allow", "refuse"]))
    .option("-y, --yes", "allow without a question (in a script: with PHOTON_UNATTENDED=1)")
    .action(
      (
        name: string | undefined,
        decision: "allow" | "refuse" | undefined,
        { yes: isSure = false }: { yes?: boolean },
      ) => run((context) => unencrypted(context, name, decision, isSure)),
    );
}

async function unencrypted(
  context: CliContext,
  name: string | undefined,
  decision: "allow" | "refuse" | undefined,
  isSure: boolean,
): Promise<Answer> {
  const membership = requireMembership(context);
  const { workerUrl } = membership.keys;
  const allowed = allowedUnencrypted(context.paths, workerUrl);
  if (name === undefined) {
    const text =
      allowed.length === 0
        ? "This machine sends no unencrypted messages."
        : `This machine may send unencrypted messages to ${allowed.join(", ")}.`;
    return { text, json: { unencrypted: allowed } };
  }
  if (decision === "allow") {
    requirePerson(context.env, `${COMMAND} ${name} allow`);
    const { machineList } = await membership.machineList(0);
    const joined = machineNamed(machineList, name);
    if (joined)
      throw new CommandFailed("refused", `${joined.name} has joined, so messages to it are always encrypted.`);
    await confirmed(isSure, `Send to ${name} unencrypted? The bridge, and anyone with the shared key, can read it.`);
  }
  if (decision !== undefined) setUnencrypted(context.paths, workerUrl, { name, isAllowed: decision === "allow" });
  const isAllowed = decision === undefined ? allowed.some((each) => isSameName(each, name)) : decision === "allow";
  const text = isAllowed
    ? `This machine may send unencrypted messages to ${name} until ${name} joins.`
    : `This machine sends no unencrypted messages to ${name}.`;
  return { text, json: { machine: name, unencrypted: isAllowed } };
}
