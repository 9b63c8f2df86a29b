import { existsSync } from "node:fs";
import type { Paths } from "../../client/disk/paths.ts";
import { resumedHere } from "./resumed-here.ts";

/** Whether it is worth asking git if the work of a resumed handover was undone. Runs no git itself. */
export function mayBeUndone(paths: Pick<Paths, "log">): boolean {
  return resumedHere(paths).some(
    ({ isUndone, branch, folder, gitFolder }) =>
      !isUndone && (branch === null || !(gitFolder === null || existsSync(gitFolder) || existsSync(folder))),
  );
}
