import { cleanLine } from "../../client/text/clean-text.ts";
import { addressName } from "../../client/text/names.ts";
import { inTemporaryFolder } from "../../handover/capsule/temporary-folder.ts";
import { knownRepositories } from "../../handover/everything/known-repositories.ts";
import { type PackedRepository, packRepository } from "../../handover/everything/pack-everything.ts";
import {
  hasLosses,
  parcelsOf,
  refName,
  reportText,
  totalsOf,
  totalsText,
} from "../../handover/everything/report-text.ts";
import { queueEverything } from "../../handover/everything/send-everything.ts";
import type { Answer } from "../../screens/answer.ts";
import { CAPSULE_NOT_SENT } from "../../screens/delivery-words.ts";
import { UsageError } from "../../screens/failure.ts";
import { wrap } from "../../screens/text-width.ts";
import type { CliContext } from "../context.ts";
import { confirmed, requirePerson } from "../terminal/person-only.ts";

/** The options of `photon handover` that `--all` also takes. */
export interface HandoverAllOptions {
  readonly to?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/**
 * `photon handover --all`: reports what would be lost with this machine, asks once, and sends it.
 *
 * @throws CommandFailed inside a session of Claude Code, without a person, or if they say no; UsageError if it cannot ask
 */
export async function handoverAll(context: CliContext, { to, dryRun, yes, json }: HandoverAllOptions): Promise<Answer> {
  requirePerson(context.env, "photon handover --all");
  const { config, mailbox } = context;
  if (config.capsule === "off")
    throw new UsageError("Capsules are switched off: remove PHOTON_CAPSULE=off, or the capsule setting, first.");
  if (json && !dryRun && !yes) throw new UsageError("With --json nothing is asked: add --dry-run, or --yes to send.");
  if (!dryRun) await mailbox.outbox.requireRecipient(to ?? null);
  return inTemporaryFolder(async (folder) => {
    const repositories = await packed(context, folder);
    const report = reportText(repositories);
    const totals = totalsOf(repositories);
    const about = { totals, repositories: repositories.filter(hasLosses).map(repositoryJson) };
    if (dryRun || totals.projects === 0) {
      const rest =
        !dryRun || totals.projects === 0 ? [] : [`With capsules of these: ${totalsText(totals)}. Nothing was sent.`];
      return { text: [report, ...rest].join("\n\n"), json: { ...about, sent: false } };
    }
    if (!json) context.stdout.write(`${wrap(report, context.columns)}\n\n`);
    const whom = to === undefined ? "every machine" : addressName(to, config.project);
    const how = mailbox.membership === null ? "NOT encrypted, so that the bridge can read it" : "encrypted";
    await confirmed(yes === true, `Send this, ${how}, to ${whom}? ${totalsText(totals)}`);
    const ids = await queueEverything(context.paths, config, repositories, to ?? null);
    return delivered(context, ids, `to ${whom}: ${totalsText(totals)}`, about);
  });
}

async function packed({ paths, env, folder: here }: CliContext, folder: string): Promise<PackedRepository[]> {
  const repositories: PackedRepository[] = [];
  for (const known of knownRepositories({ paths, env }, here, Date.now()))
    repositories.push(await packRepository(known, folder));
  return repositories;
}

/** A person who closes the lid now must know what is only on this disk. */
async function delivered(
  { mailbox }: CliContext,
  ids: readonly string[],
  what: string,
  about: Record<string, unknown>,
): Promise<Answer> {
  let why: string | null = null;
  const stored: string[] = [];
  const withoutCapsule: string[] = [];
  for (const id of ids) {
    const delivery = await mailbox.outbox.deliver(id);
    if (delivery.state !== "stored") why ??= cleanLine(delivery.reason, 300);
    else if (delivery.isWithoutCapsule) withoutCapsule.push(id);
    else stored.push(id);
  }
  const json = {
    ...{ ...about, sent: stored.length === ids.length, ids, onBridge: stored.length },
    ...(withoutCapsule.length > 0 && { withoutCapsule }),
  };
  if (why === null && withoutCapsule.length === 0)
    return { text: `Handed over ${what}. It is on the bridge.\nOn the other machine: photon resume --all`, json };
  const warning = `Only ${stored.length} of ${ids.length} handovers are on the bridge; the others are still only on this machine.`;
  const undelivered =
    why === null ? [] : [`${why} \`photon flush\` tries again, \`photon failed\` lists what was refused.`];
  const texts =
    withoutCapsule.length === 0
      ? []
      : [`Of ${withoutCapsule.length}, the bridge has only the text. ${CAPSULE_NOT_SENT}`];
  return {
    text: "",
    json: { ...json, reason: why ?? CAPSULE_NOT_SENT },
    warnings: [[warning, ...undelivered, ...texts].join(" ")],
    exitCode: 1,
  };
}

function repositoryJson(repository: PackedRepository): Record<string, unknown> {
  const { project, root, worktrees, refs, left, ignored, troubles } = repository;
  return {
    ...{ project, root, ignored, troubles },
    capsules: parcelsOf(repository).map(({ bytes }) => bytes),
    worktrees: worktrees.map(({ section: _, parcel, ...rest }) => ({ ...rest, travels: parcel !== null })),
    refs: refs.flatMap((some) => some.refs),
    left: left.map(({ ref, why }) => ({ name: refName(ref), commit: ref.commit, why })),
  };
}
