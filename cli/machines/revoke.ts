import { letInBy } from "../../client/machines/let-in-by.ts";
import type { Membership } from "../../client/machines/membership.ts";
import { forCount } from "../../client/text/counted.ts";
import type { ListedMachine } from "../../contract/machine-list.ts";
import type { Answer } from "../../screens/answer.ts";
import type { CliContext } from "../context.ts";
import { askYes, confirmed, requirePerson } from "../terminal/person-only.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { machineCalled, requireMembership } from "./membership.ts";

export interface RevokeOptions {
  readonly yes?: true;
  /** Also revoke the machines that it invited. */
  readonly withInvited?: true;
}

/** Revokes a machine and, if the person wants it, the machines that it invited. */
export async function revoke(context: CliContext, name: string, options: RevokeOptions): Promise<Answer> {
  requirePerson(context.env, "photon machines revoke");
  const membership = requireMembership(context);
  const machine = machineCalled((await membership.machineList(0)).machineList, name);
  const change = { type: "revoke", machine: machine.fingerprint } as const;
  await membership.requireAllowed(change); // before a person is asked about something that cannot be done
  const isSelf = machine.fingerprint === membership.keys.fingerprint;
  await confirmed(
    options.yes === true,
    `Revoke ${machine.name}${isSelf ? ", which is this machine" : ""}? It can come back only with a new invitation and another name.`,
  );
  await membership.extend(change);
  // A machine that revoked itself can sign no further entries.
  const invited = isSelf ? [] : letInBy(membership.known.machineList, machine.fingerprint, membership.keys.fingerprint);
  const areWanted = invited.length > 0 && (options.withInvited ?? (await wanted(machine, invited, options)));
  const out = areWanted ? await revokeInvited(membership, machine) : [];
  const left = invited.filter(({ fingerprint }) => !out.some((each) => each.fingerprint === fingerprint));
  const { isLocked } = membership.known.machineList;
  const lines = [
    `Revoked ${named([machine, ...out])}: ${out.length === 0 ? "it can" : "they can"} no longer read or write.`,
    out.length === 0
      ? "New messages are not encrypted for it; messages that it has read already stay known to it. Its name stays reserved."
      : "New messages are not encrypted for them; messages that they have read already stay known to them. Their names stay reserved.",
    ...(left.length === 0
      ? []
      : [
          `${machine.name} had invited machines that are still in the list: ${named(left)}. If it was in the wrong hands, revoke them too: \`photon machines revoke <machine>\``,
        ]),
    ...(isLocked ? [] : ["It may know the shared key, which still works. `photon lock` switches it off."]),
  ];
  const json = {
    machine: machine.name,
    revoked: true,
    alsoRevoked: out.map((each) => each.name),
    stillIn: left.map((each) => each.name),
    isLocked,
  };
  return { text: lines.join("\n"), json };
}

function wanted(by: ListedMachine, invited: readonly ListedMachine[], { yes }: RevokeOptions): Promise<boolean> {
  if (yes || !isInteractive()) return Promise.resolve(false);
  return askYes(`${by.name} had invited ${named(invited)}. Revoke ${forCount(invited.length, "it", "them")} too?`);
}

/** Reads the newest list each time, because one of these machines may invite another one in the meantime. */
async function revokeInvited(membership: Membership, by: ListedMachine): Promise<ListedMachine[]> {
  const out: ListedMachine[] = [];
  for (;;) {
    const [next] = letInBy(membership.known.machineList, by.fingerprint, membership.keys.fingerprint);
    if (next === undefined) return out;
    await membership.extend({ type: "revoke", machine: next.fingerprint });
    out.push(next);
  }
}

function named(machines: readonly ListedMachine[]): string {
  return machines.map(({ name }) => name).join(", ");
}
