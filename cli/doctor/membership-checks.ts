import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { ReceivedOrder } from "../../client/encryption/received-order.ts";
import type { Membership } from "../../client/machines/membership.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { counted } from "../../client/text/counted.ts";
import type { MachineList } from "../../contract/machine-list.ts";
import { MACHINE_KEY } from "../../contract/machine-list.ts";
import type { CliContext } from "../context.ts";
import { withApi } from "../machines/membership.ts";
import { type Check, fail, ok, warn } from "./checks.ts";

/** Whether this machine has joined its bridge, and the state of the machine list. Asks the bridge. */
export async function membershipChecks({ config, mailbox, paths }: CliContext): Promise<Check[]> {
  if (!isSetUp(config)) return [];
  const { membership } = mailbox;
  try {
    if (membership !== null) return await memberChecks(membership, paths);
    if (MACHINE_KEY.test(config.apiKey)) {
      return [
        fail(
          "joined",
          "this machine has its own key, but the rest of its keys is missing",
          "run `photon join` with a new line",
        ),
      ];
    }
    await withApi(config.workerUrl, config.apiKey, (api) => api.call("machineList"));
    const found = "no: this machine uses the shared key, so other machines see its messages as unverified";
    return [warn("joined", found, "run `photon invite` on a joined machine; on the first machine, `photon setup`")];
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    // A bridge older than 0.5, or a problem that another check reports.
    if (membership === null || ["offline", "unauthorized"].includes(error.code)) return [];
    return [fail("joined", error.message, "do not trust this bridge until you know why")];
  }
}

async function memberChecks(membership: Membership, paths: Paths): Promise<Check[]> {
  const { machineList } = await membership.machineList(0);
  const { self } = membership;
  if (!self)
    return [fail("joined", "this machine was revoked", "run `photon join` with a new line and a new name (--machine)")];
  const active = machineList.machines.filter(({ revokedAt }) => revokedAt === null);
  const owners = active.filter(({ isOwner }) => isOwner);
  const shared = machineList.isLocked ? "the shared key is off" : "the shared key still works";
  return [
    ok("joined", `as ${self.name}${self.isOwner ? ", an owner" : ""}; ${counted(active.length, "machine")}; ${shared}`),
    ...(owners.length === 1 && active.length > 1
      ? [
          warn(
            "owners",
            `${owners[0]?.name} alone`,
            "make a second machine an owner, so that losing this one does not lock you out: `photon machines owner <name>`",
          ),
        ]
      : []),
    ...gapChecks(machineList, paths),
  ];
}

/** Not a warning: a message that the bridge withholds looks the same as one that was deleted. */
function gapChecks({ machines }: MachineList, paths: Paths): Check[] {
  const order = new ReceivedOrder(paths);
  const gaps = machines
    .map(({ name, fingerprint }) => ({ name, count: order.gaps(fingerprint) }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} of ${name}'s`);
  if (gaps.length === 0) return [];
  return [ok("encrypted messages", `not opened here: ${gaps.join(", ")} (unread, deleted, or withheld by the bridge)`)];
}
