import { parseAddress } from "../../contract/address.ts";
import type { UnreadGroup } from "../../contract/api.ts";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, recordOf } from "../disk/private-file.ts";
import type { Config } from "../settings/config.ts";
import { addressName, machineName } from "./names.ts";

/** The unread messages of one sender and kind, without any text that another machine or the bridge chose freely. */
export interface TellableGroup {
  /** As {@link addressName} has it, with a mark when the machine is not in this machine's own list. */
  readonly sender: string;
  /**
   * Whether the machine that the bridge names as the sender is in the list that this machine has followed itself. The
   * bridge may still lie about who wrote: only the signature of the message, which is looked at when it is read, proves it.
   */
  readonly isListed: boolean;
  readonly kind: UnreadGroup["kind"];
  readonly session?: string | undefined;
  readonly unread: number;
  readonly latest: {
    readonly id: string;
    /** An ISO instant. */
    readonly timestamp: string;
    readonly hops?: number | undefined;
    /** Of a handover: how much it brings, and the machine that resumed it. */
    readonly work?: HandedOver | undefined;
    readonly takenBy?: string | undefined;
  };
}

/** How many files, and how large the capsule with them is. The branch is left out: its sender chose the name. */
export interface HandedOver {
  readonly files: number;
  readonly capsule?: { readonly bytes: number } | undefined;
}

/** What the bridge says is unread, as far as it is told: by the contract, or as the hooks read it. */
export interface BridgeSummary {
  readonly unread: number;
  readonly handovers: number;
  readonly groups: readonly (Pick<TellableGroup, "kind" | "session" | "unread" | "latest"> & {
    readonly from: string;
  })[];
}

/** What is unread, fit to be told outside a fence: to Claude, to a person, in a line that wakes a session. */
export interface TellableMail {
  readonly unread: number;
  readonly groups: readonly TellableGroup[];
}

/** As many as the contract has; a bridge that sends more is not listened to any longer. */
const MAX_GROUPS = 50;

/**
 * The one way from the bridge's summary to what is said of it. Whoever announces mail takes a {@link TellableMail}, so that
 * no surface can show what the bridge wrote. Parsed by hand, for the hooks.
 *
 * @param where - this machine's bridge and project
 */
export function tellable(
  summary: BridgeSummary,
  paths: Pick<Paths, "machineList">,
  { workerUrl, project }: Pick<Config, "workerUrl" | "project">,
): TellableMail {
  const listed = listedNames(paths, workerUrl);
  const groups = summary.groups.slice(0, MAX_GROUPS).map(({ from, kind, session, unread, latest }) => {
    const isListed = listed?.includes(parseAddress(from)?.machine.toLowerCase() ?? "") === true;
    const { id, timestamp, hops, work, takenBy } = latest;
    const name = addressName(from, project);
    return {
      sender: listed === null || isListed ? name : `${name} (unverified)`,
      isListed,
      kind,
      session,
      unread: counted(unread),
      latest: { id, timestamp, hops, work, takenBy: takenBy && machineName(takenBy) },
    };
  });
  return { unread: counted(summary.unread), groups };
}

/** Whether any sender can be told from another here: only a machine that joined the bridge has a list of its own. */
export function hasMachineList(paths: Pick<Paths, "machineList">, bridge: string | null): boolean {
  return listedNames(paths, bridge) !== null;
}

/** @returns null on a machine that has not joined this bridge, and has no list */
function listedNames({ machineList }: Pick<Paths, "machineList">, bridge: string | null): string[] | null {
  const last = recordOf(readPrivateJson(machineList)) ?? {};
  const lists = [last, ...(Array.isArray(last.others) ? last.others : [])].map((list) => recordOf(list) ?? {});
  const machines = lists.find(({ workerUrl }) => workerUrl === bridge)?.machines;
  if (!Array.isArray(machines)) return null;
  return machines.flatMap((machine) => {
    const { name, formerNames, revokedAt } = recordOf(machine) ?? {};
    return revokedAt === null ? [name, formerNames].flat().map((each) => String(each).toLowerCase()) : [];
  });
}

/** A number that is said. A bridge may claim any. */
function counted(number: number): number {
  return Math.trunc(Math.min(Math.max(number, 0), 1e6));
}
