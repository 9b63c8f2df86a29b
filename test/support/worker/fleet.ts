import { ROUTES } from "../../../contract/api.ts";
import type { MachineList } from "../../../contract/machine-list.ts";
import { call } from "./bridge.ts";
import { inviteChange, JoiningMachine, machineListOf, newInvite, type OpenInvite } from "./joining-machine.ts";

/** A request with a machine's own key. */
export function callAs({ machineKey }: JoiningMachine, method: string, path: string, body?: unknown) {
  return call(method, path, {
    headers: { authorization: `Bearer ${machineKey}` },
    ...(body !== undefined && { body }),
  });
}

/** The machine list, fetched by a machine or with the shared key. */
export async function machineListFor(machine?: JoiningMachine): Promise<MachineList> {
  const response = await (machine ? callAs(machine, "GET", "/roster") : call("GET", "/roster"));
  if (response.status !== 200) throw new Error(await response.text());
  return machineListOf(ROUTES.machineList.answer.parse(await response.json()).entries);
}

/** The first machine of a bridge. */
export async function found(name = "mac"): Promise<JoiningMachine> {
  const machine = await JoiningMachine.make(name);
  const entry = await machine.entry(await machineListFor(), { type: "found", machine: machine.keys });
  const response = await call("POST", "/roster", { body: { entry, keyHash: machine.keyHash() } });
  if (response.status !== 201) throw new Error(await response.text());
  return machine;
}

/** Adds an entry, signed and sent by a machine. */
export async function extend(machine: JoiningMachine, change: object): Promise<Response> {
  const entry = await machine.entry(await machineListFor(machine), change);
  return callAs(machine, "POST", "/roster", { entry });
}

export async function invite(by: JoiningMachine, owner = false): Promise<OpenInvite> {
  const invitation = await newInvite();
  const entry = await by.entry(await machineListFor(by), inviteChange(invitation, owner), { invite: invitation.keys });
  const response = await callAs(by, "POST", "/roster", { entry });
  if (response.status !== 201) throw new Error(await response.text());
  return invitation;
}

/** The answer to a join with an invitation. */
export async function join(
  machine: JoiningMachine,
  { id, keys }: OpenInvite,
  machineList: MachineList,
  { at, path = id }: { at?: number; path?: string } = {},
): Promise<Response> {
  const options = { invite: keys, ...(at !== undefined && { at }) };
  const entry = await machine.entry(machineList, { type: "join", invite: id, machine: machine.keys }, options);
  const body = { entry, keyHash: machine.keyHash() };
  return call("POST", `/invites/${path}/join`, { headers: { authorization: "" }, body });
}

/** A machine that joined with another machine's invitation. */
export async function joined(name: string, by: JoiningMachine, owner = false): Promise<JoiningMachine> {
  const machine = await JoiningMachine.make(name);
  const invitation = await invite(by, owner);
  const response = await join(machine, invitation, await machineListFor(by));
  if (response.status !== 201) throw new Error(await response.text());
  return machine;
}
