import { letInBy } from "../../client/machines/let-in-by.ts";
import type { Membership } from "../../client/machines/membership.ts";
import type { ListedMachine } from "../../contract/follow-machine-list.ts";
import type { CliContext } from "../context.ts";
import type { Answer } from "../terminal/answer.ts";
import { askYes, confirmed } from "../terminal/confirmed.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { machineCalled, requireMembership } from "./membership.ts";

export interface RevokeOptions {
  readonly yes?: true;
  /** Also the machines that it let in. */
  readonly withInvited?: true;
}

/** Takes a machine out, and when the person wants it the machines that it let in. */
export async function revoke(context: CliContext, name: string, options: RevokeOptions): Promise<Answer> {
  requirePerson(context.env, "photon machines revoke");
  const membership = requireMembership(context);
  const machine = machineCalled((await membership.machineList(0)).machineList, name);
  const isSelf = machine.fingerprint === membership.keys.fingerprint;
  await confirmed(
    options.yes === true,
    `Take ${machine.name}${isSelf ? ", which is this machine," : ""} out? It can come back only by a new invitation, under another name.`,
  );
  await membership.extend({ type: "revoke", machine: machine.fingerprint });
  // This machine signs nothing any more after it took itself out.
  const invited = isSelf ? [] : letInBy(membership.known.machineList, machine.fingerprint, membership.keys.fingerprint);
  const areWanted = invited.length > 0 && (options.withInvited ?? (await wanted(machine, invited, options)));
  const out = areWanted ? await revokeInvited(membership, machine) : [];
  const left = invited.filter(({ fingerprint }) => !out.some((each) => each.fingerprint === fingerprint));
  const { isLocked } = membership.known.machineList;
  const lines = [
    `${named([machine, ...out])} ${out.length === 0 ? "is" : "are"} out: from now on ${out.length === 0 ? "it" : "they"} can neither read nor write.`,
    "What was read already cannot be taken back; nothing new is encrypted for it. The name stays reserved.",
    ...(left.length === 0
      ? []
      : [
          `${machine.name} had let in machines that are still in the list: ${named(left)}. If it was in wrong hands, take them out too: photon machines revoke <machine>`,
        ]),
    ...(isLocked ? [] : ["It may know the shared key, which still works: `photon lock` switches that off."]),
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
  const which = invited.length === 1 ? "it" : "them";
  return askYes(`${by.name} had let in ${named(invited)}. Take ${which} out too?`);
}

/** Each look is at the newest list: one of them may let in another one meanwhile. */
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
