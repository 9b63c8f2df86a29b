/** The oldest Node on which all parts of Photon run. package.json and bin/photon name the same. */
const NEEDED = "20.18.1";

/**
 * What is wrong with a Node that is too old, as the rest of a sentence that begins with "Photon". Entries call this before
 * they load anything else, so it must run on every Node that somebody may still have.
 *
 * @param version - like 24.21.0
 * @returns null if it is new enough
 */
export function oldNodeSentence(version: string = process.versions.node): string | null {
  const have = version.split(".").map(Number);
  const needed = NEEDED.split(".").map(Number);
  const differs = needed.findIndex((part, index) => part !== have[index]);
  return differs === -1 || Number(have[differs]) > Number(needed[differs])
    ? null
    : `needs Node ${NEEDED} or newer; this is ${version}: https://nodejs.org`;
}
