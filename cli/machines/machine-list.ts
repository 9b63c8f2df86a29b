import { fingerprintWords } from "../../client/machines/fingerprint-words.ts";
import type { KnownMachineList } from "../../client/machines/machine-list-file.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { machineName, seenMachine, versionName } from "../../client/text/names.ts";
import { readGrade } from "../../client/trust/grades.ts";
import type { Grade } from "../../client/trust/origin.ts";
import { isSameName } from "../../contract/address.ts";
import { namesOf } from "../../contract/follow-machine-list.ts";
import type { ListedMachine } from "../../contract/machine-list.ts";
import type { Answer } from "../../screens/answer.ts";
import type { CliContext } from "../context.ts";
import { bold, dim } from "../terminal/terminal.ts";
import { requireMembership } from "./membership.ts";

/** Limits the text, because anyone with the shared key can invent machines. The JSON has all of them. */
const MAX_LISTED = 50;

/** The machines that joined, those that use the shared key, and what is known about each. */
export async function machineList(context: CliContext): Promise<Answer> {
  const membership = requireMembership(context);
  const { paths, mailbox } = context;
  const known = await membership.machineList(0);
  const { machines: heardOf } = await mailbox.bridge.machines(0);
  const rows = known.machineList.machines.map((machine) => ({
    machine,
    ...seenOf(known, machine),
    isOnline: seenMachine(heardOf, machine.name)?.online === true,
    isSelf: machine.fingerprint === membership.keys.fingerprint,
    grade: readGrade(paths, machine.fingerprint),
    invitedBy: known.machineList.machines.find(({ fingerprint }) => fingerprint === machine.invitedBy)?.name ?? null,
  }));
  const unjoined = heardOf.filter(
    ({ machine }) =>
      !known.machineList.machines.some((listed) => namesOf(listed).some((each) => isSameName(each, machine))),
  );
  const active = rows.filter(({ machine }) => machine.revokedAt === null);
  const now = Date.now();
  const text = [
    ...active.flatMap((row) => described(row, now)),
    ...(unjoined.length === 0 || known.machineList.isLocked
      ? []
      : [
          "",
          "Machines with the shared key (anyone who has the key can use any of these names):",
          ...unjoined
            .slice(0, MAX_LISTED)
            .map(
              ({ machine, seenAt, online }) =>
                `  ${machineName(machine)}  ${dim(online ? "online now" : whenSeen(seenAt, now))}`,
            ),
          ...(unjoined.length > MAX_LISTED ? [`  and ${unjoined.length - MAX_LISTED} more`] : []),
        ]),
    ...goneLines(known.machineList.machines),
    "",
    known.machineList.isLocked
      ? "The shared key is switched off."
      : "The shared key still works for machines that have not joined. `photon lock` switches it off.",
  ].join("\n");
  return {
    text,
    json: {
      isLocked: known.machineList.isLocked,
      machines: rows.map(({ machine, isSelf, grade, invitedBy, seenAt, isOnline, version }) => ({
        name: machine.name,
        formerNames: machine.formerNames,
        fingerprint: machine.fingerprint,
        words: fingerprintWords(machine.fingerprint),
        joinedAt: machine.joinedAt,
        invitedBy,
        isOwner: machine.isOwner,
        revokedAt: machine.revokedAt,
        ...(machine.hasLeft && { hasLeft: true }),
        seenAt: seenAt ?? null,
        ...(isOnline && { online: true }),
        version: version ?? null,
        ...(isSelf ? { isSelf } : { trust: grade }),
      })),
      withSharedKey: unjoined,
    },
  };
}

function seenOf({ seen }: KnownMachineList, { fingerprint }: ListedMachine): { seenAt?: string; version?: string } {
  const found = seen.find((each) => each.fingerprint === fingerprint);
  return found ? { seenAt: found.seenAt, ...(found.version !== undefined && { version: found.version }) } : {};
}

interface Row {
  readonly machine: ListedMachine;
  readonly isSelf: boolean;
  readonly grade: Grade;
  readonly invitedBy: string | null;
  readonly seenAt?: string;
  readonly isOnline: boolean;
  readonly version?: string;
}

function described({ machine, isSelf, grade, invitedBy, seenAt, isOnline, version }: Row, now: number): string[] {
  const { isOwner, joinedAt, fingerprint } = machine;
  const [name = "", ...formerNames] = namesOf(machine);
  const facts = [
    ...(isSelf ? ["this machine"] : [`trust ${grade}`]),
    ...(isOwner ? ["owner"] : []),
    ...(formerNames.length === 0 ? [] : [`formerly ${formerNames.join(", ")}`]),
    `joined ${formatAgo(Date.parse(joinedAt), now)}${invitedBy === null ? "" : `, invited by ${invitedBy}`}`,
    ...(isSelf ? [] : [isOnline ? "online now" : whenSeen(seenAt, now)]),
    ...(version === undefined ? [] : [`Photon ${versionName(version)}`]),
  ];
  return [`${bold(name)}  ${facts.join(" · ")}`, `  ${dim(fingerprintWords(fingerprint))}`];
}

/** Each machine that is gone once, with its last name. */
function goneLines(machines: readonly ListedMachine[]): string[] {
  const gone = machines.filter(({ revokedAt }) => revokedAt !== null);
  const lines = [true, false].flatMap((wanted) => {
    const names = gone.filter(({ hasLeft = false }) => hasLeft === wanted).map(({ name }) => name);
    return names.length === 0
      ? []
      : [`${wanted ? "Left" : "Revoked"} (their names stay reserved): ${names.join(", ")}`];
  });
  return lines.length === 0 ? [] : ["", ...lines];
}

function whenSeen(seenAt: string | undefined, now: number): string {
  return seenAt === undefined ? "not seen since" : `seen ${formatAgo(Date.parse(seenAt), now)}`;
}
