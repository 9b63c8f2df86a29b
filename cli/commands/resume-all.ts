import { cleanLine, cleanText } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { originForPerson } from "../../client/trust/origin-words.ts";
import { inTemporaryFolder } from "../../handover/capsule/temporary-folder.ts";
import { knownRepositories } from "../../handover/everything/known-repositories.ts";
import { openHandovers } from "../../handover/everything/open-handovers.ts";
import {
  addsSomething,
  planResume,
  type ResumePlan,
  resumePlanned,
} from "../../handover/everything/resume-everything.ts";
import { headOf, resumedText, resumeReport } from "../../handover/everything/resume-text.ts";
import { noteApplied } from "../../handover/resume/resumed-here.ts";
import type { Answer } from "../../screens/answer.ts";
import { UsageError } from "../../screens/failure.ts";
import { wrap } from "../../screens/text-width.ts";
import type { CliContext } from "../context.ts";
import { confirmed, requirePerson } from "../terminal/person-only.ts";

/** The options of `photon resume` that `--all` also takes. */
export interface ResumeAllOptions {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/**
 * `photon resume --all`: shows what every open handover with a capsule would add to this machine's clones, asks once, and
 * applies each. What cannot be applied stays open for the next time.
 *
 * @throws CommandFailed inside a session of Claude Code, without a person, or if they say no; UsageError if it cannot ask
 */
export async function resumeAll(context: CliContext, { dryRun, yes, json }: ResumeAllOptions): Promise<Answer> {
  requirePerson(context.env, "photon resume --all");
  if (json && !dryRun && !yes) throw new UsageError("With --json nothing is asked: add --dry-run, or --yes to apply.");
  const { mailbox, paths, env, folder: here } = context;
  const messages = await openHandovers(mailbox);
  if (messages.length === 0)
    return { text: "No handover with work is open for this machine.", json: { handovers: [] } };
  const repositories = knownRepositories({ paths, env }, here, Date.now());
  return inTemporaryFolder(async (folder) => {
    const plans: ResumePlan[] = [];
    for (const message of messages) plans.push(await planResume(mailbox, message, repositories, folder));
    const ready = plans.filter((plan) => plan.state === "ready");
    const report = cleanText([...origins(plans), resumeReport(plans)].join("\n\n"));
    if (dryRun || ready.length === 0) {
      const isStuck = ready.length === 0 && !dryRun;
      return {
        text: report,
        json: { handovers: plans.map((plan) => planJson(plan)) },
        ...(isStuck && { exitCode: 1 }),
      };
    }
    if (!json) context.stdout.write(`${wrap(report, context.columns)}\n\n`);
    const fresh = ready.filter(addsSomething);
    const question = `Apply ${counted(fresh.length, "handover")} from above? Only new branches, stashes and folders.`;
    // What is here already is only recorded as resumed.
    if (fresh.length > 0) await confirmed(yes === true, question);
    return applied(context, plans);
  });
}

async function applied({ mailbox, paths }: CliContext, plans: readonly ResumePlan[]): Promise<Answer> {
  const texts: string[] = [];
  const warnings: string[] = [];
  const handovers: Record<string, unknown>[] = [];
  for (const plan of plans) {
    try {
      if (plan.state !== "ready") throw new Error(plan.why);
      const resumed = await resumePlanned(mailbox, plan, Date.now());
      // Without this record nobody notices that it was undone.
      if (resumed.work) await noteApplied(paths, plan.message.id, plan.root, resumed.work).catch(() => undefined);
      texts.push(cleanText(resumedText(plan, resumed)));
      const undo = (resumed.refs ?? resumed.work)?.undo ?? null;
      const place = resumed.work ?? resumed.before;
      const where = place === null ? {} : { folder: place.folder, branch: place.branch };
      handovers.push({ ...planJson(plan), resumed: true, undo, ...where });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      warnings.push(cleanLine(`${headOf(plan)} stays open: ${why}`, 600));
      handovers.push({ ...planJson(plan), resumed: false, why });
    }
  }
  return { text: texts.join("\n"), json: { handovers }, warnings, ...(warnings.length > 0 && { exitCode: 1 }) };
}

/** Who sent it, and how sure that is: once for all that is equally sure. */
function origins(plans: readonly ResumePlan[]): string[] {
  return [...new Set(plans.map(({ machine, message }) => `From ${machine}. ${originForPerson(message.origin)}`))];
}

function planJson(plan: ResumePlan): Record<string, unknown> {
  const { message, machine, state } = plan;
  const { id, project, work } = message;
  const about = { id, from: machine, project, branch: work?.branch ?? null, state };
  if (plan.state !== "ready") return { ...about, why: plan.why };
  return { ...about, root: plan.root, ...(plan.plan.refs ?? plan.plan.work) };
}
