import { parseAddress } from "../../contract/address.ts";
import type { UnreadGroup } from "../../contract/api.ts";
import { MAX_UNREAD_GROUPS } from "../../contract/constants.ts";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, recordOf } from "../disk/private-file.ts";
import type { Config } from "../settings/config.ts";
import { addressName, machineName } from "./names.ts";

/** The unread messages of one sender and kind, without text that another machine or the bridge could choose freely. */
export interface TellableGroup {
  /**
   * From {@link addressName}, with "(unverified)" if the machine is not in this machine's copy of the machine list, "(not
   * checked yet)" if the message is newer than that copy, and "(removed)" if the machine left or was revoked.
   */
  readonly sender: string;
  /**
   * Whether the sender that the bridge names is in this machine's copy of the machine list. The bridge may still lie about
   * the sender; only the message's signature proves it, and that is checked when the message is read.
   */
  readonly isListed: boolean;
  /** The newest message is from before this machine joined, by a machine that had: it was not encrypted for this one. */
  readonly isClosed?: boolean | undefined;
  readonly kind: UnreadGroup["kind"];
  readonly session?: string | undefined;
  readonly unread: number;
  readonly latest: TellableMessage;
  /** Of handovers: the newest that has a capsule and can be opened here, unless that is the latest. */
  readonly withCapsule?: TellableMessage | undefined;
}

interface TellableMessage {
  readonly id: string;
  /** An ISO instant. */
  readonly timestamp: string;
  readonly hops?: number | undefined;
  /** For a handover: its size, and the machine that resumed it. */
  readonly work?: HandedOver | undefined;
  readonly takenBy?: string | undefined;
}

/** The size of a handover. Without the branch, because the sender chose its name. */
export interface HandedOver {
  readonly files: number;
  readonly capsule?: { readonly bytes: number } | undefined;
}

/** The fields of the bridge's summary that are used here, parsed by the contract or by the hooks. */
export interface BridgeSummary {
  readonly unread: number;
  readonly handovers: number;
  readonly groups: readonly (Pick<TellableGroup, "kind" | "session" | "unread" | "latest" | "withCapsule"> & {
    readonly from: string;
    readonly broadcast?: boolean | undefined;
  })[];
}

/** Unread mail in a form that is safe to show outside a fence: to Claude, to a person, or in a line that wakes a session. */
export interface TellableMail {
  readonly unread: number;
  readonly groups: readonly TellableGroup[];
}

/**
 * A machine list that was fetched this recently counts as checked, whatever time the bridge gives a message: with a time in
 * the future, a sender would stay "not checked yet".
 */
const JUST_CHECKED_MS = 60_000;

/**
 * Makes the bridge's summary safe to show. All code that announces mail takes a {@link TellableMail}, so that nothing shows
 * raw text from the bridge. Does not use zod, which the hooks do not load.
 *
 * @param where - this machine's bridge and project
 * @param now - milliseconds since 1970
 */
export function tellable(
  summary: BridgeSummary,
  paths: Pick<Paths, "machineList">,
  { workerUrl, project, machine }: Pick<Config, "workerUrl" | "project" | "machine">,
  now: number = Date.now(),
): TellableMail {
  const listed = knownList(paths, workerUrl);
  const named = (name = "?") => listed?.machines.findLast(({ names }) => names.includes(name.toLowerCase()));
  const { joinedAt = "" } = named(machine) ?? {};
  const groups = summary.groups.slice(0, MAX_UNREAD_GROUPS).map(({ from, kind, session, unread, ...group }) => {
    const known = named(parseAddress(from)?.machine);
    const isListed = known?.revokedAt === null;
    const isClosed = ({ timestamp }: TellableMessage) => known && known.joinedAt < timestamp && timestamp < joinedAt;
    const { latest, withCapsule } = group;
    const sentAt = Date.parse(latest.timestamp);
    const isChecked = listed !== null && listed.checkedAt >= Math.min(sentAt, now - JUST_CHECKED_MS);
    const unknown = isChecked ? " (unverified)" : " (not checked yet)";
    return {
      sender: addressName(from, project) + (!listed || isListed ? "" : known ? " (removed)" : unknown),
      isListed,
      isClosed: isClosed(latest),
      kind,
      session,
      unread: clamped(unread),
      latest: tellableMessage(latest),
      ...(withCapsule && !isClosed(withCapsule) && { withCapsule: tellableMessage(withCapsule) }),
    };
  });
  return { unread: clamped(summary.unread), groups };
}

function tellableMessage({ id, timestamp, hops, work, takenBy }: TellableMessage): TellableMessage {
  return { id, timestamp, hops, work, takenBy: takenBy && machineName(takenBy) };
}

/** Whether senders can be verified here. Only a machine that joined the bridge has a copy of the machine list. */
export function hasMachineList(paths: Pick<Paths, "machineList">, bridge: string | null): boolean {
  return knownList(paths, bridge) !== null;
}

interface KnownList {
  /** When this machine last asked the bridge for the list, in its milliseconds since 1970. */
  readonly checkedAt: number;
  /** In the order in which they joined. */
  readonly machines: readonly KnownSender[];
}

interface KnownSender {
  /** In lower case. */
  readonly names: readonly string[];
  /** An ISO instant. */
  readonly joinedAt: string;
  readonly revokedAt: unknown;
}

/** @returns null if this machine has not joined this bridge and so has no machine list */
function knownList({ machineList }: Pick<Paths, "machineList">, bridge: string | null): KnownList | null {
  const last = recordOf(readPrivateJson(machineList)) ?? {};
  const lists = [last, last.others].flat().map((list) => recordOf(list) ?? {});
  const { machines, checkedAt } = lists.find(({ workerUrl }) => workerUrl === bridge) ?? {};
  if (!Array.isArray(machines)) return null;
  const known = machines.map((machine) => {
    const { name, formerNames, joinedAt, revokedAt } = recordOf(machine) ?? {};
    return { names: `${name},${formerNames}`.toLowerCase().split(","), joinedAt: String(joinedAt), revokedAt };
  });
  return { machines: known, checkedAt: typeof checkedAt === "number" ? checkedAt : 0 };
}

/** Limits a number from the bridge, which may send any value. */
function clamped(number: number): number {
  return Math.trunc(Math.min(Math.max(number, 0), 1e6));
}
