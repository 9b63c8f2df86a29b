import { existsSync, realpathSync } from "node:fs";
import { homeFolder } from "../../client/disk/user-folders.ts";
import { findRepository as findOnDisk } from "../../client/git/found-repository.ts";
import { gitText, runGit } from "../../client/git/git.ts";
import type { Config } from "../../client/settings/config.ts";
import { counted } from "../../client/text/counted.ts";
import { parseAddress } from "../../contract/address.ts";
import { excludedByName } from "../capsule/build/exclusions.ts";
import type { HandoverDraft } from "../draft/draft-store.ts";
import { findRepository } from "../git/repository.ts";
import { notOn, sharedRemote } from "../git/shared-remote.ts";
import { workTreeStatus } from "../git/work-tree-status.ts";
import { code } from "../markdown.ts";
import { homeIn, plainPaths } from "../page/plain-paths.ts";
import { pathWithin } from "../page/shown-path.ts";
import type { CapsuleOutcome } from "./work-capsule.ts";

const TIMEOUT_MS = 10_000;
const MAX_NAME_CHARS = 120;

interface Sent {
  readonly config: Pick<Config, "machine" | "capsule">;
  /** null if the handover was sent without trying. */
  readonly capsule: CapsuleOutcome | null;
  /** The handover's recipient; null means everyone. */
  readonly to: string | null;
}

/** Removes the secrets from a name. */
type Mask = (name: string) => Promise<string>;

/** The work in a repository that only this machine has. */
interface Work {
  readonly branch: string | null;
  readonly uncommitted: number;
  readonly unpushed: number;
  /** False if all of it must stay, by the names of its files. */
  readonly mayLeave: boolean;
  /** Whether it can be pushed anywhere. */
  readonly hasRemote: boolean;
}

/**
 * The section of a handover that says where the work is that did not go along, and how to get it.
 *
 * @param mask - gets each name before it is cut
 * @returns null if there is no such work; never throws
 */
export async function leftBehind(draft: HandoverDraft, sent: Sent, mask: Mask): Promise<string | null> {
  if (!existsSync(draft.folder)) return null;
  const { machine } = sent.config;
  const place = `on ${code(machine, MAX_NAME_CHARS)}, in ${code(await mask(shownFolder(draft.folder)), MAX_NAME_CHARS)}`;
  const sentence = await sentenceAbout(draft, sent, place, mask);
  return sentence === null ? null : `## Not in this handover\n\n${sentence}`;
}

async function sentenceAbout(draft: HandoverDraft, sent: Sent, place: string, mask: Mask): Promise<string | null> {
  const built = sent.capsule?.built ?? null;
  if (built !== null) {
    const cures = [
      ...(built.excluded.length > 0 ? ["To get the files, copy them by hand."] : []),
      ...(built.commitsLeftOut === null ? [] : ["To get the commits, push the branch there."]),
    ];
    return cures.length === 0 ? null : [`What the capsule leaves out is ${place}.`, ...cures].join(" ");
  }
  const work = await workIn(draft.folder);
  if (work === "no repository") {
    const files = (draft.edited ?? []).filter((path) => existsSync(path) && pathWithin(path, [draft.folder]) !== null);
    if (files.length === 0) return null;
    return `The work is ${place}: ${counted(files.length, "file")} that the session edited. That folder is not in a git repository, so no handover carries it. To get it, copy the folder.`;
  }
  if (work === "unknown")
    return `There may be work ${place}: git did not answer, so what is uncommitted or not pushed is not known.`;
  const { branch, uncommitted, unpushed } = work;
  const parts = [
    ...(uncommitted > 0 ? [`${counted(uncommitted, "file")} uncommitted`] : []),
    ...(unpushed > 0 ? [`${counted(unpushed, "commit")} not pushed`] : []),
  ];
  if (parts.length === 0) return null;
  const where = branch === null ? "" : ` on branch ${code(await mask(branch), MAX_NAME_CHARS)}`;
  return `The work is ${place}${where}: ${parts.join(", ")}. To get it: on ${machineOf(sent)}, ${howToGet(work, sent)}.`;
}

function machineOf({ config }: Sent): string {
  return code(config.machine, MAX_NAME_CHARS);
}

/** What the person does there, as the rest of a sentence. */
function howToGet({ branch, uncommitted, mayLeave, hasRemote }: Work, { config, capsule, to }: Sent): string {
  const cure = capsule?.built === null ? (capsule.cure ?? "push") : "handover";
  if (cure === "copy" || !mayLeave) return "copy the files by hand, because Photon does not send them";
  const pushed = branch === null ? "the commits" : "the branch";
  const ways = [
    ...(cure === "handover" && config.capsule !== "off"
      ? [`\`photon handover --send${optionFor(to)}\` in that folder`]
      : []),
    ...(hasRemote ? [uncommitted > 0 ? `commit and push ${pushed}` : `push ${pushed}`] : []),
  ];
  return ways.length === 0 ? "copy the folder" : ways.join(", or ");
}

/** A machine's name holds nothing that a shell would read. */
function optionFor(to: string | null): string {
  const machine = to === null ? "*" : (parseAddress(to)?.machine ?? "*");
  return machine === "*" ? "" : ` --to ${machine}`;
}

async function workIn(folder: string): Promise<Work | "no repository" | "unknown"> {
  try {
    const repository = await findRepository(folder);
    if (typeof repository === "string") return findOnDisk(folder) === null ? "no repository" : "unknown";
    const { root } = repository;
    const { head, branch, changed, foreign } = await workTreeStatus(root);
    const remotes = await runGit(root, ["remote"], { timeoutMs: TIMEOUT_MS });
    const unpushed = head === null ? 0 : await unpushedIn(root, branch);
    const mayLeave = unpushed > 0 || changed.some((each) => !each.isRepository && excludedByName(each.path) === null);
    return {
      branch,
      uncommitted: changed.length + foreign.length,
      unpushed,
      mayLeave,
      hasRemote: remotes.stdout.length > 0,
    };
  } catch {
    return "unknown";
  }
}

async function unpushedIn(root: string, branch: string | null): Promise<number> {
  const limit = notOn(await sharedRemote(root, branch));
  return Number(await gitText(root, ["rev-list", "--count", "HEAD", ...limit], { timeoutMs: TIMEOUT_MS }));
}

/** Without the path of the home folder, however it is spelled. */
function shownFolder(folder: string): string {
  const home = homeFolder();
  return plainPaths(folder, [], [home, realPath(home), ...homeIn(folder)]);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
