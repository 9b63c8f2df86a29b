import { afterAll, beforeAll, expect, it } from "vitest";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { foundMachineList } from "../../client/machines/join-bridge.ts";
import { readKeys, saveKeys } from "../../client/machines/machine-keys.ts";
import { RealBridge } from "../../test/support/real-bridge.ts";
import { becomeMember, knownMember } from "./membership.ts";

let bridge: RealBridge;
beforeAll(async () => {
  bridge = await RealBridge.start();
});
afterAll(() => bridge.stop());

it("a machine that lost the answer to its joining has joined, and keeps the keys for its other bridge", async () => {
  const { paths } = bridge.machine("mac");
  const elsewhere = "https://other.example";
  const lost = becomeMember(paths, elsewhere, async () => Promise.reject(new PhotonError("forbidden", "no")));
  await expect(lost).rejects.toMatchObject({ code: "forbidden" });
  const before = readKeys(paths, elsewhere);
  expect(await knownMember(paths, bridge.url)).toBeNull();
  const { self } = await becomeMember(paths, bridge.url, async (keys) => {
    await foundMachineList(bridge.api, { keys, name: "mac", paths });
    throw new PhotonError("offline", "The answer was lost.");
  });
  expect(self).toMatchObject({ name: "mac", isOwner: true });
  expect((await knownMember(paths, bridge.url))?.self.fingerprint).toBe(self.fingerprint);
  expect(readKeys(paths, elsewhere)).toEqual(before);
  if (before) saveKeys(paths, before);
  expect(readKeys(paths, bridge.url)?.fingerprint).toBe(self.fingerprint);
});
