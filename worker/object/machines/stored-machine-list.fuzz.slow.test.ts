import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ROUTES } from "../../../contract/api.ts";
import { BrokenMachineList, followMachineList } from "../../../contract/follow-machine-list.ts";
import { type MachineList, MachineListEntry } from "../../../contract/machine-list.ts";
import { STRICT_CRYPTO } from "../../../contract/strict-crypto.ts";
import { requestTo } from "../../../test/support/worker/bridge.ts";
import { callAs, extend, found, joined, machineListFor } from "../../../test/support/worker/fleet.ts";
import {
  inviteChange,
  JoiningMachine,
  newInvite,
  newKeyPair,
  newRecipient,
  type OpenInvite,
} from "../../../test/support/worker/joining-machine.ts";
import { createApp } from "../../app.ts";
import type { Env } from "../../env.ts";

/** The number of random histories, and the most attempts in each. */
const RUNS = 12;
const STEPS = 30;

/** One attempt. Numbers are indexes of machines and invitations, modulo their count. */
const step = fc.record({
  what: fc.constantFrom("invite", "invite", "join", "join", "rename", "renames", "revoke", "owner", "lock"),
  by: fc.nat(9),
  about: fc.nat(9),
  name: fc.constantFrom("mac", "MAC", "pc", "box", "a", "b", "c", "d"),
  isOwner: fc.boolean(),
  wrong: fc.oneof(
    { weight: 5, arbitrary: fc.constant("nothing" as const) },
    fc.constantFrom("signature", "signer", "place", "inviteKey", "recipient", "body", "yesterday"),
  ),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The bridge, all machines, and a follower that follows the list entry by entry. */
class History {
  readonly machines: JoiningMachine[];
  readonly invites: OpenInvite[] = [];
  readonly owner: JoiningMachine;
  followed: MachineList;
  #drawn = 0;

  constructor(owner: JoiningMachine, others: readonly JoiningMachine[], followed: MachineList) {
    this.owner = owner;
    this.machines = [...others];
    this.followed = followed;
  }

  async try({ what, by, about, name, isOwner, wrong }: Step): Promise<void> {
    const signer = at(this.machines, by);
    const machine = at(this.machines, about).fingerprint;
    switch (what) {
      case "invite": {
        const invitation = await newInvite();
        this.invites.push(invitation);
        return this.#attempt(signer, inviteChange(invitation, isOwner), wrong, invitation);
      }
      case "join": {
        const invitation = this.invites.length > 0 ? at(this.invites, about) : await newInvite();
        const joining = await JoiningMachine.make(name);
        return this.#attempt(joining, { type: "join", machine: joining.keys }, wrong, invitation);
      }
      case "rename":
        return this.#attempt(signer, { type: "rename", name }, wrong);
      case "renames":
        for (let i = 0; i < 25; i++) {
          this.#drawn++;
          await this.#attempt(signer, { type: "rename", name: `n${this.#drawn}` }, "nothing");
        }
        return;
      case "lock":
        return this.#attempt(signer, { type: "lock" }, wrong);
      default:
        return this.#attempt(signer, { type: what, machine }, wrong);
    }
  }

  /** The follower must accept what the bridge accepts, and refuse what the bridge calls invalid. */
  async #attempt(
    by: JoiningMachine,
    change: Readonly<Record<string, unknown>>,
    wrong: Step["wrong"],
    invitation?: OpenInvite,
  ) {
    const isJoining = change.type === "join";
    const signer = wrong === "signer" ? this.owner : by;
    const said = {
      ...change,
      ...(isJoining && { invite: invitation?.id }),
      ...(wrong === "signer" && { by: by.fingerprint }),
      ...(wrong === "recipient" && isJoining && { machine: { ...by.keys, sealKey: newRecipient() } }),
    };
    const invite = wrong === "inviteKey" ? await newKeyPair() : invitation?.keys;
    const machineList = wrong === "place" ? { hashes: this.followed.hashes.slice(0, -1) } : this.followed;
    const time = wrong === "yesterday" ? { at: Date.now() - 86_400_000 } : {};
    const signed = await signer.entry(machineList, said, { ...(invite && { invite }), ...time });
    const entry = changed(signed, wrong);
    const response = isJoining
      ? await ask(null, "POST", `/invites/${invitation?.id}/join`, { entry, keyHash: by.keyHash() })
      : await ask(by, "POST", "/roster", { entry });
    const own = ownView(this.followed, entry);
    const what = `${JSON.stringify(change)} with ${wrong} wrong: ${response.status} ${await response.clone().text()}`;
    if (response.status === 201) {
      const { head } = await response.json<{ head: string }>();
      expect(own?.hashes.at(-1), what).toBe(head);
      if (isJoining) this.machines.push(by);
    } else {
      expect([400, 401, 403, 409], what).toContain(response.status);
      if (response.status === 409 || (response.status === 400 && wrong !== "yesterday")) expect(own, what).toBeNull();
    }
    await this.follow(response.status === 201 ? 1 : 0);
  }

  /** Follows the bridge's new entries, which must be this many. */
  async follow(more: number): Promise<void> {
    const { length } = this.followed.hashes;
    const answer = await callAs(this.owner, "GET", `/roster?after=${length}`);
    const { entries } = ROUTES.machineList.answer.parse(await answer.json());
    expect(entries).toHaveLength(more);
    for (const entry of entries) this.followed = followMachineList(this.followed, entry, STRICT_CRYPTO);
  }
}

it("the bridge and a machine agree about every entry, and an owner's entries always fit", async () => {
  let taken = 0;
  let attempts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: STEPS, size: "max" }), async (steps) => {
      await reset();
      const mac = await found();
      const others = [await joined("pc", mac), await joined("box", mac)];
      const history = new History(mac, others, await machineListFor(mac));
      const before = history.followed.hashes.length;
      for (const each of steps) await history.try(each);
      taken += history.followed.hashes.length - before;
      attempts += steps.length;

      expect(history.followed.machines.filter(({ isOwner }) => isOwner).map(({ name }) => name)).toEqual(["mac"]);
      const friend = await joined("friend", mac);
      const changes = [
        { type: "rename", name: "mini" },
        { type: "owner", machine: friend.fingerprint },
        { type: "lock" },
        ...history.followed.machines
          .filter(({ fingerprint, revokedAt }) => fingerprint !== mac.fingerprint && revokedAt === null)
          .map(({ fingerprint }) => ({ type: "revoke", machine: fingerprint })),
      ];
      for (const change of changes) {
        const response = await extend(mac, change);
        expect(response.status, `${JSON.stringify(change)} ${await response.text()}`).toBe(201);
      }
      await history.follow(2 + changes.length);
      for (const machine of history.machines) {
        expect((await ask(machine, "GET", "/roster")).status, "is out").toBe(401);
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(taken, "the attempts are not all refused").toBeGreaterThan(attempts / 10);
}, 180_000);

/** Bindings without rate limits. */
function ask(machine: JoiningMachine | null, method: string, path: string, body?: unknown) {
  const { FAILED_KEYS: _1, REQUESTS: _2, JOINS: _3, ...bindings }: Env = env;
  const headers = { authorization: machine === null ? "" : `Bearer ${machine.machineKey}` };
  return createApp(Date.now).fetch(requestTo(method, path, { headers, body }), bindings);
}

function changed(entry: MachineListEntry, wrong: Step["wrong"]): MachineListEntry {
  if (wrong === "signature") return { ...entry, signature: `AQ${"A".repeat(84)}` };
  return wrong === "body" ? { ...entry, body: entry.body.replace(/"(name|type)":"/, '"$1":"x') } : entry;
}

/** @returns null if the follower refuses the entry */
function ownView(machineList: MachineList, entry: MachineListEntry): MachineList | null {
  try {
    return followMachineList(machineList, MachineListEntry.parse(entry), STRICT_CRYPTO);
  } catch (error) {
    if (!(error instanceof BrokenMachineList)) throw error;
    return null;
  }
}

function at<T>(values: readonly T[], place: number): T {
  const value = values[place % values.length];
  if (value === undefined) throw new Error("There is none.");
  return value;
}
