import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Invitation, newInvitation } from "../../client/machines/invite-line.ts";
import { joinBridge } from "../../client/machines/join-bridge.ts";
import { newKeys } from "../../client/machines/machine-keys.ts";
import type { Membership } from "../../client/machines/membership.ts";
import { type BuiltCli, buildCli, type Outcome, runCli, runCommand } from "../support/cli/built-cli.ts";
import { RealBridge, type TestMachine } from "../support/real-bridge.ts";

let bridge: RealBridge;
let cli: BuiltCli;
let mac: TestMachine;
beforeAll(async () => {
  [bridge, cli] = await Promise.all([RealBridge.start(), buildCli()]);
  mac = await bridge.member("mac");
});
afterAll(async () => {
  await bridge.stop();
  cli.remove();
});

type Env = Pick<TestMachine, "env">;
const photon = ({ env }: Env, args: readonly string[]) => runCommand(args, { env });
/** In a process of its own, whose clock is wrong. */
const photonAt = (now: string, { env }: Env, args: readonly string[]) => {
  const shift = `const now = Date.now; Date.now = () => ${now};`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(shift)}`;
  return runCli(cli.script, args, { env: { ...env, NODE_OPTIONS } });
};
const json = ({ code, stdout, stderr }: Outcome) => {
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};
const membershipOf = ({ mailbox }: TestMachine): Membership => {
  if (mailbox.membership === null) throw new Error("This machine has not joined.");
  return mailbox.membership;
};
const invitationBy = async (machine: TestMachine): Promise<Invitation> => {
  const invitation = newInvitation(bridge.url);
  await membershipOf(machine).invite(invitation, false);
  return invitation;
};

describe("removing a machine", () => {
  it("lists the machines that it invited, directly or through others, and keeps them by default", async () => {
    const pc = await bridge.member("pc", { by: mac });
    const box = await bridge.member("box", { by: pc });
    await bridge.member("lamp", { by: box });
    await bridge.member("desk", { by: mac });
    const first = json(await photon(mac, ["machines", "revoke", "pc", "--yes", "--json"]));
    expect(first).toMatchObject({ machine: "pc", alsoRevoked: [], stillIn: ["box", "lamp"] });
    const { stdout } = await photon(mac, ["machines", "revoke", "box", "--yes", "--with-invited"]);
    expect(stdout).toContain("Revoked box, lamp");
    const { machineList } = await membershipOf(mac).machineList(0);
    expect(machineList.machines.filter(({ revokedAt }) => revokedAt === null).map(({ name }) => name)).toEqual([
      "mac",
      "desk",
    ]);
    expect((await photon(mac, ["machines"])).stdout).toMatch(/their names stay reserved\): pc, box, lamp/);
  });

  it("ends its invitations, so that it cannot return under any name", async () => {
    const thief = await bridge.member("thief", { by: mac });
    const open = await invitationBy(thief);
    await photon(mac, ["machines", "revoke", "thief", "--yes"]);
    const { paths } = bridge.machine("thief");
    const joining = { keys: await newKeys(bridge.url), name: "other", paths };
    await expect(joinBridge(bridge.client(null), open, joining)).rejects.toMatchObject({ code: "forbidden" });
    const honest = await invitationBy(mac);
    await expect(joinBridge(bridge.client(null), honest, { ...joining, name: "thief" })).rejects.toThrow(
      "Another machine has or had the name",
    );
    const asThief = bridge.api.call("sendMessage", { body: { from: "thief", to: "mac", content: "hi" } });
    await expect(asThief).rejects.toMatchObject({ code: "forbidden" });
  });

  it("is refused for the last owner, with a hint what to do first", async () => {
    // Without --yes it would ask, and there is no terminal here: so it is refused before it asks.
    for (const yes of [[], ["--yes"]]) {
      const { code, stderr } = await photon(mac, ["machines", "revoke", "mac", ...yes]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/another machine an owner first/i)]);
    }
  });
});

it("a machine cannot take a name that another one with the shared key uses, and is told what to do", async () => {
  await bridge.machine("ci").mailbox.outbox.send({ to: "desk", content: "built" });
  const { code, stderr } = await photon(mac, ["machines", "rename", "ci"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("a machine with the shared key")]);
  expect((await membershipOf(mac).machineList(0)).machineList.machines[0]?.name).toBe("mac");
  await bridge.machine("ci").mailbox.outbox.send({ to: "desk", content: "built again" });
});

it("a machine whose clock is years off signs nothing, and is told whose clock looks wrong", async () => {
  const { length } = (await membershipOf(mac).machineList(0)).machineList.hashes;
  const { code, stderr } = await photonAt(`now() - ${10 * 365 * 24 * 3_600_000}`, mac, ["invite"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("This machine's clock looks wrong")]);
  expect((await membershipOf(mac).machineList(0)).machineList.hashes).toHaveLength(length);
});

it.each([-2, 2])("a machine whose clock is %i hours off invites and joins", async (hours) => {
  const clock = `now() + ${hours * 3_600_000}`;
  const { line } = json(await photonAt(clock, mac, ["invite", "--json"]));
  const name = `clock${hours + 2}`;
  const { env } = bridge.machine(name);
  const machine = { env: { PHOTON_HOME: env.PHOTON_HOME ?? "" } };
  const joined = await photonAt(clock, machine, ["join", line, "--machine", name, "--json"]);
  expect(json(joined)).toMatchObject({ machine: name, invitedBy: "mac", hello: true, warnings: [] });
});

it("a machine that joins again continues from the list it has seen, and refuses a bridge that shows an older one", async () => {
  const desk = await bridge.member("attic", { by: mac });
  await membershipOf(desk).machineList(0);
  const fresh = await RealBridge.start();
  try {
    const founder = await fresh.member("mac");
    const invitation = newInvitation(bridge.url);
    await membershipOf(founder).invite(invitation, false);
    const other = fresh.client(null); // what this address serves from now on
    const joining = { keys: await newKeys(bridge.url), name: "attic", paths: desk.paths };
    await expect(joinBridge(other, invitation, joining)).rejects.toThrow("another machine list than before");
    rmSync(desk.paths.machineList);
    await joinBridge(other, invitation, joining);
  } finally {
    await fresh.stop();
  }
});
