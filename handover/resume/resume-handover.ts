import { dirname } from "node:path";
import { pieceOf } from "../../client/bridge/capsule-parts.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { findRepository as findOnDisk } from "../../client/git/found-repository.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { parseAddress } from "../../contract/address.ts";
import {
  type AppliedCapsule,
  applyHere,
  applyInWorktree,
  type PlannedCapsule,
  planCapsule,
} from "../capsule/apply/apply-capsule.ts";
import { NotApplied } from "../capsule/apply/not-applied.ts";
import { type CapsuleContent, DamagedCapsule, unpackCapsule } from "../capsule/capsule-file.ts";
import { openParcel } from "../conversation/parcel.ts";
import {
  type ConversationPlan,
  NotPlaced,
  type PlacedConversation,
  placeConversation,
  planConversation,
} from "../conversation/place-conversation.ts";
import { findRepository, type Repository } from "../git/repository.ts";
import { canWrite, type WorktreeTarget, worktreeTarget } from "./worktree-target.ts";

/** Where to apply the work: in a new folder, or onto the current checkout. */
export type Place = "worktree" | "here";

/** What applying a capsule would do. Nothing has been changed yet. */
export interface DryRun {
  readonly content: CapsuleContent;
  readonly plan: PlannedCapsule;
  readonly target: WorktreeTarget;
  /** Why it cannot be applied in a new folder, as a sentence; null if it can. */
  readonly notInFolder: string | null;
  /** Why it cannot be applied here, as a sentence; null if it can. */
  readonly notHere: string | null;
  /** Whether it has work. If not, there is only a conversation, which needs no place for files. */
  readonly hasWork: boolean;
  /** The other machine's conversation, or why it is not placed, as a sentence; null if there is none. */
  readonly conversation: ConversationPlan | string | null;
}

/** What was done. */
export interface Applied extends AppliedCapsule {
  readonly hasWork: boolean;
  /** The conversation, or why it was not placed, as a sentence; null if there was none. */
  readonly conversation: PlacedConversation | string | null;
}

/**
 * Fetches a handover's capsule and computes what it would change in a repository.
 *
 * @param folder - any folder in the repository
 * @param now - milliseconds since 1970
 * @param place - where the person wants it; null if they have not said
 * @param env - says where the client keeps its sessions
 * @returns null if the handover has no capsule
 * @throws PhotonError if it cannot be fetched or cannot be applied at all; the sentence says why
 */
export async function dryRun(
  mailbox: Mailbox,
  message: ReceivedMessage,
  folder: string,
  now: number,
  place: Place | null,
  env: NodeJS.ProcessEnv = process.env,
): Promise<DryRun | null> {
  const bytes = await mailbox.inbox.capsule(message);
  if (bytes === null) return null;
  const parcel = openParcel(bytes);
  const conversation = parcel.conversation && conversationOf(message, parcel.conversation, env);
  const { capsule } = parcel;
  if (capsule === null) return { ...NO_WORK, conversation };
  return asPhotonError(async () => {
    const content = unpackCapsule(capsule, pieceOf(capsule).sha256);
    const repository = await repositoryOf(folder);
    const { root } = repository;
    const plan = await planCapsule(root, content, true);
    const machine = parseAddress(message.from)?.machine ?? "machine";
    const { problem, ...target } = await worktreeTarget(root, machine, now, { isWanted: place !== "here" });
    const readOnly = await whyReadOnly(repository);
    const isRootReadOnly = readOnly === null && !(await canWrite(root));
    const notHere = readOnly ?? plan.notHere ?? (isRootReadOnly ? "This folder cannot be written to." : null);
    return { content, plan, target, notInFolder: readOnly ?? problem, notHere, hasWork: true, conversation };
  });
}

const NO_WORK = {
  content: { base: null, branch: null, patch: Buffer.alloc(0), bundle: null },
  plan: { files: [], runsByItself: [], conflicts: [], notHere: null, unfiltered: [], before: null },
  target: { folder: "", branch: "" },
  notInFolder: null,
  notHere: null,
  hasWork: false,
} satisfies Omit<DryRun, "conversation">;

/** Claude reads a conversation as its own history, so only a machine whose signature was checked may bring one. */
function conversationOf(
  { origin, encryptedCapsule }: ReceivedMessage,
  bytes: Buffer,
  env: NodeJS.ProcessEnv,
): ConversationPlan | string {
  if (origin.state !== "verified" || encryptedCapsule === undefined)
    return "Its conversation is not used: only one of a verified machine is, and only if it was encrypted.";
  try {
    return planConversation(env, bytes);
  } catch (error) {
    if (error instanceof NotPlaced) return `Its conversation cannot be resumed here. ${error.message}`;
    throw error;
  }
}

/**
 * Applies the capsule that {@link dryRun} examined, completely or not at all. Call it only after the person agreed.
 *
 * @throws PhotonError if nothing was changed; the sentence says why
 */
export async function applyWork(
  folder: string,
  dry: DryRun,
  place: Place,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Applied> {
  const { content, target, plan, hasWork, conversation } = dry;
  const applied = await asPhotonError(async () => {
    if (!hasWork) return withoutWork(findOnDisk(folder)?.root ?? folder, plan);
    const { root } = await repositoryOf(folder);
    const applied = await (place === "here" ? applyHere(root, content) : applyInWorktree(root, content, target));
    // The same count as in the dry run: compared with the current checkout, unpushed commits included.
    return { ...applied, files: plan.files };
  });
  const placed =
    conversation === null || typeof conversation === "string"
      ? conversation
      : tryPlace(env, conversation, applied.folder);
  const undo =
    placed === null || typeof placed === "string" ? [applied.undo] : [applied.undo, ...placed.undo].filter(Boolean);
  return { ...applied, undo: undo.join("\n  "), hasWork, conversation: placed };
}

/** The work is applied by now, so a failure is a result. */
function tryPlace(env: NodeJS.ProcessEnv, plan: ConversationPlan, folder: string): PlacedConversation | string {
  try {
    return placeConversation(env, plan, folder);
  } catch (error) {
    if (error instanceof NotPlaced) return `The conversation was not placed. ${error.message}`;
    throw error;
  }
}

function withoutWork(folder: string, plan: PlannedCapsule): AppliedCapsule {
  return { ...plan, folder, branch: null, undo: "", hasCommits: false, hasChanges: false };
}

async function repositoryOf(folder: string): Promise<Repository> {
  const repository = await findRepository(folder);
  if (typeof repository === "string") throw new NotApplied(repository);
  return repository;
}

/** Both places need git's folders: for the new objects, and for the index or the new branch. */
async function whyReadOnly({ gitFolder, objects }: Repository): Promise<string | null> {
  for (const folder of new Set([dirname(objects), objects, gitFolder]))
    if (!(await canWrite(folder))) return "Git's own folder cannot be written to here.";
  return null;
}

/**
 * Why a capsule cannot be applied at a place, and whether it can at the other one.
 *
 * @param words - how the caller names the other place: `Without --here, …`
 * @returns null if it can be applied
 */
export function whyNot(
  { notHere, notInFolder }: DryRun,
  place: Place,
  words: { readonly here: string; readonly worktree: string },
): string | null {
  const [why, other, advice] =
    place === "here" ? [notHere, notInFolder, words.worktree] : [notInFolder, notHere, words.here];
  if (why === null) return null;
  return `Not applied, nothing was changed. ${why} ${other === null ? advice : `The other place is not possible either: ${other}`}`;
}

/** Converts the capsule's own errors, whose sentences are for people. Other errors (git, the disk) pass through. */
async function asPhotonError<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof NotApplied || error instanceof DamagedCapsule) {
      throw new PhotonError("invalid_request", `Not applied, nothing was changed. ${error.message}`, { cause: error });
    }
    throw error;
  }
}
