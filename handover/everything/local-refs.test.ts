import { expect, it } from "vitest";
import { useWorld } from "../../test/support/capsule/world.ts";
import { localRefs } from "./local-refs.ts";

const world = useWorld();

it("names each branch whose own name cannot travel differently, even if they are one commit", async () => {
  world.origin();
  world.git(world.mac, "checkout", "-q", "-b", "feature/👩‍💻");
  const commit = world.commit(world.mac, "a feature");
  const stand = `branch-${commit.slice(0, 12)}`;
  for (const name of ["backup/👩‍💻", stand]) world.git(world.mac, "branch", name);
  const refs = await localRefs(world.mac, []);
  const names = refs.filter((ref) => ref.commit === commit).map(({ name }) => name);
  expect(names.sort()).toEqual([stand, `${stand}-2`, `${stand}-3`]);
});
