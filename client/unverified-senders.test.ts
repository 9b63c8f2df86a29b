import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { UnreadSummary } from "../contract/api.ts";
import { photonPaths } from "./paths.ts";
import { saveRoster } from "./roster/roster-file.ts";
import { Members, TEST_BRIDGE } from "./roster/testing/members.ts";
import { withUnverifiedMarked } from "./unverified-senders.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon senders "));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const group = (from: string) => ({
  ...{ from, kind: "note", unread: 1 },
  latest: { id: "1", timestamp: "2026-11-23T09:00:00.000Z" },
});
const senders = ["pc/photon", "PC", "lamp", "lost", "old"];
const summary = UnreadSummary.parse({ unread: 5, handovers: 0, groups: senders.map(group) });

it("marks every sender that has not joined, or was taken out, on a machine that has joined", async () => {
  const paths = photonPaths({ PHOTON_HOME: home });
  const members = new Members();
  const mac = await members.found("mac");
  const pc = await members.join("old", mac);
  await members.add(pc, { type: "rename", name: "pc" });
  const lost = await members.join("lost", mac);
  await members.add(mac, { type: "revoke", machine: lost.fingerprint });
  expect(withUnverifiedMarked(summary, paths), "not joined itself").toEqual(summary);
  saveRoster(paths, TEST_BRIDGE, { roster: members.roster, checkedAt: 0, seen: [] });
  expect(withUnverifiedMarked(summary, paths).groups.map(({ from }) => from)).toEqual([
    ...["pc/photon", "PC", "lamp (unverified)", "lost (unverified)", "old"],
  ]);
});

it("leaves everything as it is when the list cannot be read", () => {
  const paths = photonPaths({ PHOTON_HOME: home });
  expect(withUnverifiedMarked(summary, paths)).toEqual(summary);
  writeFileSync(paths.machineList, '{"v":1,"machines":5}');
  expect(withUnverifiedMarked(summary, paths)).toEqual(summary);
  writeFileSync(paths.machineList, '{"v":1,"machines":[null,7,{"name":5,"revokedAt":null}]}');
  expect(withUnverifiedMarked(summary, paths).groups.map(({ from }) => from)).toContain("PC (unverified)");
});
