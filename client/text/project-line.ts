import { isSameName, parseAddress } from "../../contract/address.ts";
import type { Paths } from "../disk/paths.ts";
import { knownProjects } from "../settings/known-projects.ts";
import { nearestName } from "./nearest-name.ts";

/**
 * A question for a message whose project is almost the name of one that this machine has. The project may exist all the same,
 * on another machine.
 *
 * @param own - the sender's project, or null
 * @returns null if the project is known, is like no other, or if the address has none
 */
export function projectLine(paths: Pick<Paths, "cache">, to: string | null, own: string | null): string | null {
  const project = parseAddress(to ?? "")?.project ?? null;
  if (project === null) return null;
  const known = [...(own === null ? [] : [own]), ...knownProjects(paths)];
  if (known.some((each) => isSameName(each, project))) return null;
  const meant = nearestName(project, known);
  return meant === null ? null : `This machine knows no project ${project}; did you mean ${meant}?`;
}
