// Names and addresses. No zod here: the hooks use this file, and loading zod would slow their start.

/** A machine's name. Stored as written, compared case-insensitively. At most 63 characters. */
export const MACHINE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** A project's name, never a path. Stored as written, compared case-insensitively. At most 100 characters. */
export const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/;

/** The id of a message in its canonical form, a UUID in lower case; a part of a pattern. */
export const MESSAGE_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** The address of a recipient or reader. `machine: "*"` means every machine and always has a project. */
export interface Address {
  readonly machine: string;
  readonly project: string | null;
}

/**
 * Parses `mac`, `mac/photon`, or a star, a slash and a project.
 *
 * @returns null if the text is not an address
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

/** Compares machine or project names case-insensitively. Names are ASCII, so the locale does not matter. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether a message is for more than one machine: for everyone, or every machine in a project. */
export function isBroadcast(to: string | null): boolean {
  return to === null || to.startsWith("*");
}

/** The wire fields of a message that decide who sees it. */
export interface Addressed {
  readonly to: string | null;
  readonly project: string | null;
}

/**
 * Whether a reader sees a message. A reader sees messages to its machine, to its machine and project, to every machine in
 * its project, and to everyone unless the message names another project. A reader without a project sees everything for
 * its machine.
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
