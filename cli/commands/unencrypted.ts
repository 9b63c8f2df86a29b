import { Argument, type Command } from "commander";
import { allowedUnencrypted, setUnencrypted } from "../../client/encryption/unencrypted.ts";
import { isSameName } from "../../contract/address.ts";
import { machineNamed } from "../../contract/follow-machine-list.ts";
import { MachineName } from "../../contract/message.ts";
import type { CliContext, Run } from "../context.ts";
import { requireMembership } from "../machines/membership.ts";
import type { Answer } from "../terminal/answer.ts";
import { argumentOf } from "../terminal/arguments.ts";
import { CommandFailed } from "../terminal/command-failed.ts";
import { confirmed } from "../terminal/confirmed.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { isInteractive } from "../terminal/terminal.ts";

const COMMAND = "photon machines unencrypted";

/** @param machines - `photon machines` */
export function addUnencrypted(machines: Command, run: Run): void {
  machines
    .command("unencrypted")
    .description(
      "Says or sets which machines, not having joined, this machine may send unencrypted messages to. The bridge, and anybody with the shared key, can read those.",
    )
    .argument("[machine]", "its name; without it, the machines that are allowed", argumentOf(MachineName))
    .addArgument(new Argument("[decision]", "allow or refuse").choices(["allow", "refuse"]))
    .action((name: string | undefined, decision: "allow" | "refuse" | undefined) =>
      run((context) => unencrypted(context, name, decision)),
    );
}

async function unencrypted(
  context: CliContext,
  name: string | undefined,
  decision: "allow" | "refuse" | undefined,
): Promise<Answer> {
  const membership = requireMembership(context);
  const { workerUrl } = membership.keys;
  const allowed = allowedUnencrypted(context.paths, workerUrl);
  if (name === undefined) {
    const text =
      allowed.length === 0 ? "No machine is sent unencrypted messages." : `Allowed unencrypted: ${allowed.join(", ")}.`;
    return { text, json: { unencrypted: allowed } };
  }
  if (decision === "allow") {
    requirePerson(context.env, `${COMMAND} ${name} allow`);
    if (!isInteractive())
      throw new CommandFailed("refused", `\`${COMMAND} ${name} allow\` asks a person, so it needs a terminal.`);
    const { machineList } = await membership.machineList(0);
    const joined = machineNamed(machineList, name);
    if (joined) throw new CommandFailed("refused", `${joined.name} has joined: messages to it are encrypted.`);
    await confirmed(false, `Send to ${name} unencrypted? The bridge, and anybody with the shared key, can read it.`);
  }
  if (decision !== undefined) setUnencrypted(context.paths, workerUrl, { name, isAllowed: decision === "allow" });
  const isAllowed = decision === undefined ? allowed.some((each) => isSameName(each, name)) : decision === "allow";
  const text = isAllowed
    ? `${name} may be sent unencrypted messages from this machine until it joins.`
    : `${name} is not sent unencrypted messages.`;
  return { text, json: { machine: name, unencrypted: isAllowed } };
}
