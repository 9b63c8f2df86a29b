import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { removeFile } from "../../client/disk/private-file.ts";
import { destinationOf, readUndelivered, type Undelivered } from "../../client/mail/destination.ts";
import { isWaiting, requeue } from "../../client/mail/outbox-folder.ts";
import { isSetUp, whyNotSetUp } from "../../client/settings/config.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { counted } from "../../client/text/counted.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import { parseAddress } from "../../contract/address.ts";
import type { Answer } from "../../screens/answer.ts";
import { UsageError } from "../../screens/failure.ts";
import { shortIds } from "../../screens/message-ids.ts";
import type { CliContext, Run } from "../context.ts";
import { confirmed, requirePerson } from "../terminal/person-only.ts";
import { bold, dim } from "../terminal/terminal.ts";

interface Which {
  readonly all?: true;
}

interface Sure {
  readonly yes?: true;
}

export function addFailed(program: Command, run: Run): void {
  const failed = program
    .command("failed")
    .summary("list the messages that could not be delivered")
    .description(
      "Lists this machine's messages that nothing delivers unless you act, each with the reason: those that the bridge refused, and those that the present settings hold back. A message that only waits for the bridge is not among them; `photon status` counts it.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon failed
  photon failed retry 3f2a9c1d     send it again, as this machine sends now
  photon failed drop --all         remove them all; their text is lost`,
    )
    .action(() => run(list));
  failed
    .command("retry")
    .description("Sends messages again: to the bridge that this machine uses now, under its present name.")
    .argument("[ids...]", "the ids that `photon failed` shows")
    .option("--all", "all of them")
    .option("-y, --yes", "do not ask about messages that were written for another bridge")
    .action((ids: string[], options: Which & Sure) => run((context) => retry(context, ids, options)));
  failed
    .command("drop")
    .description("Removes messages that could not be delivered. Their text is lost.")
    .argument("[ids...]", "the ids that `photon failed` shows")
    .option("--all", "all of them")
    .option("-y, --yes", "do not ask")
    .action((ids: string[], options: Which & Sure) => run((context) => drop(context, ids, options)));
}

async function list(context: CliContext): Promise<Answer> {
  const found = undeliveredOf(context);
  const short = shortIds(found.map(({ id }) => id));
  const lines = found.flatMap(({ id, to, queuedAt, content, state, reason }) => [
    `${bold(short.get(id) ?? id)}  to ${cleanLine(to ?? "everyone", 170)}, ${formatAgo(queuedAt, Date.now())}, ${JSON.stringify(cleanLine(content, 60))}`,
    `          ${state}: ${cleanLine(reason, 400)}`,
  ]);
  const rest = dim(
    "`photon failed retry <id>` sends one again, `photon failed drop <id>` removes it; --all: every one.",
  );
  return {
    text:
      found.length === 0
        ? "None. The bridge has every message, or Photon is still sending it; `photon status` says which and who read them."
        : [...lines, rest].join("\n"),
    json: {
      count: found.length,
      messages: found.map(({ id, to, content, queuedAt, state, reason }) => ({
        ...{ id, to, content, state, reason },
        queuedAt: new Date(queuedAt).toISOString(),
      })),
    },
  };
}

async function retry(context: CliContext, ids: readonly string[], { all, yes }: Which & Sure): Promise<Answer> {
  requirePerson(context.env, "photon failed retry");
  const { mailbox, config, paths } = context;
  if (!isSetUp(config)) throw new PhotonError("not_set_up", whyNotSetUp(config));
  const chosen = choose(undeliveredOf(context), ids, all === true);
  const foreign = chosen.filter(({ workerUrl }) => workerUrl !== null && workerUrl !== config.workerUrl);
  if (foreign.length > 0) {
    const what = counted(foreign.length, "message");
    await confirmed(yes === true, `${what} to another bridge. Send to ${config.workerUrl} instead?`);
  }
  for (const { file, from } of chosen) {
    const project = parseAddress(from)?.project ?? null;
    const sender = project === null ? config.machine : `${config.machine}/${project}`;
    requeue(file, sender, destinationOf(config, paths));
  }
  const { stoppedBy, refused } = await mailbox.outbox.flush();
  const trouble = stoppedBy ?? refused;
  const failed = new Map(undeliveredOf(context).map(({ id, reason }) => [id, reason]));
  const again = chosen.filter(({ id }) => failed.has(id));
  const waiting = chosen.filter(({ id }) => !failed.has(id) && isWaiting(paths, id)).length;
  const sent = chosen.length - again.length - waiting;
  return {
    text: [
      ...(sent > 0 ? [`${counted(sent, "message")} sent.`] : []),
      ...(waiting > 0 ? [`${counted(waiting, "message")} queued again, not sent yet.`] : []),
    ].join("\n"),
    json: { sent, waiting, failed: again.length },
    warnings: [
      ...(trouble === null ? [] : [cleanLine(trouble.message, 400)]),
      ...again.map(
        ({ id }) => `${id.slice(0, 8)} could not be delivered again: ${cleanLine(failed.get(id) ?? "", 400)}`,
      ),
    ],
    exitCode: sent === chosen.length ? 0 : 1,
  };
}

async function drop(context: CliContext, ids: readonly string[], { all, yes }: Which & Sure): Promise<Answer> {
  requirePerson(context.env, "photon failed drop");
  const chosen = choose(undeliveredOf(context), ids, all === true);
  const what = counted(chosen.length, "message");
  await confirmed(yes === true, `Remove ${what} that could not be delivered? The text is lost.`);
  for (const { file } of chosen) removeFile(file);
  return { text: `Removed ${what}.`, json: { dropped: chosen.map(({ id }) => id) } };
}

function undeliveredOf({ config, paths }: CliContext): Undelivered[] {
  return readUndelivered(paths, destinationOf(config, paths));
}

/** @throws UsageError if an id is missing, unknown or the beginning of several */
function choose(found: readonly Undelivered[], ids: readonly string[], all: boolean): Undelivered[] {
  if (all) return [...found];
  if (ids.length === 0) throw new UsageError("Say which: one or more ids that `photon failed` shows, or --all.");
  const chosen = ids.map((given) => {
    const [match, ...others] = found.filter(({ id }) => id.startsWith(given.toLowerCase()));
    if (match === undefined) throw new UsageError(`\`photon failed\` shows no message "${cleanLine(given, 40)}".`);
    if (others.length > 0) throw new UsageError(`${others.length + 1} messages begin with "${given}".`);
    return match;
  });
  return [...new Set(chosen)];
}
