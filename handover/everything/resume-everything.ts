import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pieceOf } from "../../client/bridge/capsule-parts.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { isSameName, parseAddress } from "../../contract/address.ts";
import { MessageId } from "../../contract/message.ts";
import type { AppliedBefore } from "../capsule/applied-before.ts";
import {
  type AppliedCapsule,
  applyInWorktree,
  type PlannedCapsule,
  planCapsule,
} from "../capsule/apply/apply-capsule.ts";
import { type AppliedRefs, applyRefs, planRefs, type RefsPlan } from "../capsule/apply/apply-refs.ts";
import { NotApplied } from "../capsule/apply/not-applied.ts";
import { type CapsuleContent, unpackCapsule } from "../capsule/capsule-file.ts";
import { openParcel } from "../conversation/parcel.ts";
import { worktreeTarget } from "../resume/worktree-target.ts";
import type { KnownRepository } from "./known-repositories.ts";

/** What resuming one handover would do here. */
export type ResumePlan = { readonly message: ReceivedMessage; readonly machine: string } & (
  | {
      readonly state: "ready";
      readonly root: string;
      /** Its capsule, in a file. */
      readonly file: string;
      /** Branches and stashes, or the work of one worktree, for a new folder. */
      readonly plan:
        | { readonly refs: RefsPlan; readonly work: null }
        | { readonly refs: null; readonly work: PlannedCapsule };
    }
  | {
      readonly state: "unknown project" | "impossible";
      /** A sentence. */
      readonly why: string;
    }
);

/** What became of it. */
export type Resumed =
  | { readonly refs: AppliedRefs; readonly work: null; readonly before: null }
  | { readonly refs: null; readonly work: AppliedCapsule; readonly before: null }
  | { readonly refs: null; readonly work: null; readonly before: AppliedBefore };

/** Whether applying it would change something. */
export function addsSomething(plan: ResumePlan): boolean {
  if (plan.state !== "ready") return false;
  const { refs, work } = plan.plan;
  return refs === null ? work.before === null : refs.refs.some(({ isHere }) => !isHere);
}

/**
 * Fetches a handover's capsule, finds a repository of its project, and computes what would change there. Never throws, so
 * that one handover does not stop the others.
 *
 * @param repositories - those that this machine knows; the first of a project is used
 * @param folder - for the capsule; exists, and only this user can read it
 */
export async function planResume(
  mailbox: Mailbox,
  message: ReceivedMessage,
  repositories: readonly KnownRepository[],
  folder: string,
): Promise<ResumePlan> {
  const machine = parseAddress(message.from)?.machine ?? "machine";
  const common = { message, machine };
  const { project } = message;
  const target = repositories.find((each) => isSameProject(each.project, project));
  if (target === undefined) return { ...common, state: "unknown project", why: whyUnknown(project) };
  try {
    const bytes = await mailbox.inbox.capsule(message);
    if (bytes === null) throw new NotApplied("It has no capsule.");
    // Its place depends on the folder of the work, and the person has not been asked about it.
    if (openParcel(bytes).conversation)
      throw new NotApplied(
        `A conversation is with it: run \`photon resume${MessageId.safeParse(message.id).success ? ` ${message.id.slice(0, 8)}` : ""}\` in the clone.`,
      );
    const file = join(folder, pieceOf(bytes).sha256);
    await writeFile(file, bytes, { mode: 0o600 });
    const content = await contentOf(file);
    const plan = content.isRefs
      ? { refs: await planRefs(target.root, content, machine), work: null }
      : { refs: null, work: await planCapsule(target.root, content, false) };
    return { ...common, state: "ready", root: target.root, file, plan };
  } catch (error) {
    return { ...common, state: "impossible", why: error instanceof Error ? error.message : String(error) };
  }
}

function isSameProject(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : isSameName(a, b);
}

function whyUnknown(project: string | null): string {
  if (project === null) return "It belongs to no project.";
  return `This machine knows no clone of ${project}. Clone it first (a project without a remote: \`git init ${project}\`), then run \`photon resume --all\` in it.`;
}

/**
 * Applies one handover, completely or not at all: branches and stashes into the repository, or the work of a worktree into
 * a new folder on a new branch, unless a folder has the same work already. Then records that it was resumed.
 *
 * @param now - milliseconds since 1970, for the name of the folder
 * @throws Error if nothing was changed
 */
export async function resumePlanned(
  mailbox: Mailbox,
  { message, machine, root, file }: Extract<ResumePlan, { state: "ready" }>,
  now: number,
): Promise<Resumed> {
  const content = await contentOf(file);
  const resumed: Resumed = content.isRefs
    ? { refs: await applyRefs(root, content, machine), work: null, before: null }
    : await applyOnce(root, content, machine, now);
  await mailbox.receipts.noteResumed(message.id);
  return resumed;
}

/** Asks again whether it is here: a handover before it in the list may have brought the same work. */
async function applyOnce(root: string, content: CapsuleContent, machine: string, now: number): Promise<Resumed> {
  const { before } = await planCapsule(root, content, false);
  if (before !== null) return { refs: null, work: null, before };
  const { problem, ...target } = await worktreeTarget(root, machine, now);
  if (problem !== null) throw new NotApplied(problem);
  return { refs: null, work: await applyInWorktree(root, content, target), before: null };
}

async function contentOf(file: string): Promise<CapsuleContent> {
  const bytes = await readFile(file);
  return unpackCapsule(bytes, pieceOf(bytes).sha256);
}
