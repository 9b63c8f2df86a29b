// Names and addresses, without zod, so that the hooks (which must start as fast as Node itself) can use them too.

/** One computer. Kept as written, compared without case. At most 63 characters. */
export const MACHINE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** One codebase, never a path. Kept as written, compared without case. At most 100 characters. */
export const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/;

/** The id of a message in its canonical form, a UUID in lower case; a part of a pattern. */
export const MESSAGE_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** Where a message goes, or who reads. `machine: "*"` stands for every machine and always has a project. */
export interface Address {
  readonly machine: string;
  readonly project: string | null;
}

/**
 * Reads `mac`, `mac/photon`, or a star, a slash and a project.
 *
 * @returns null when the text is no address
 */
export function parseAddress(text: string): Address | null {
  const slash = text.indexOf("/");
  const machine = slash === -1 ? text : text.slice(0, slash);
  const project = slash === -1 ? null : text.slice(slash + 1);
  if (project !== null && !PROJECT_NAME.test(project)) return null;
  if (machine === "*") return project === null ? null : { machine, project };
  return MACHINE_ID.test(machine) ? { machine, project } : null;
}

/** `mac/photon`, or `mac` without a project. The inverse of {@link parseAddress}. */
export function formatAddress({ machine, project }: Address): string {
  return project === null ? machine : `${machine}/${project}`;
}

/** Machine and project names are compared without case; they are ASCII, so no locale is involved. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** What visibility depends on: the wire fields `to` and `project` of a message. */
export interface Addressed {
  readonly to: string | null;
  readonly project: string | null;
}

/**
 * Who sees what. A reader sees messages to its machine, to its machine and project, to every machine of its project, and
 * to everyone unless the message names another project. A reader in no project sees everything for its machine.
 */
export function isVisibleTo(message: Addressed, reader: Address): boolean {
  const inProject = (project: string | null) =>
    project === null || reader.project === null || isSameName(project, reader.project);

  if (message.to === null) return inProject(message.project);
  const to = parseAddress(message.to);
  if (to === null) return false;
  if (to.machine === "*") return to.project !== null && inProject(to.project);
  return isSameName(to.machine, reader.machine) && inProject(to.project);
}
