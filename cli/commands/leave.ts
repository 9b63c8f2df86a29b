import { rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { namesIn } from "../../client/disk/private-file.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";
import type { Membership } from "../../client/machines/membership.ts";
import { outboxLength } from "../../client/mail/outbox-folder.ts";
import { listeningSessions } from "../../client/sessions/session-state.ts";
import { counted, forCount } from "../../client/text/counted.ts";
import type { ListedMachine } from "../../contract/machine-list.ts";
import type { Answer } from "../../screens/answer.ts";
import { CommandFailed } from "../../screens/failure.ts";
import type { CliContext, Run } from "../context.ts";
import { programFolder } from "../install/program-folder.ts";
import { onPath } from "../install/search-path.ts";
import { askYes, confirmed, requirePerson } from "../terminal/person-only.ts";
import { isInteractive } from "../terminal/terminal.ts";

interface LeaveOptions {
  readonly goodbye?: true;
  readonly filesOnly?: true;
  readonly yes?: true;
}

export function addLeave(program: Command, run: Run): void {
  program
    .command("leave")
    .summary("take this machine off the bridge and remove its keys and files")
    .description(
      "Takes this machine off the bridge, and removes Photon's keys, settings, drafts and other files from this computer. Its name stays reserved. What it sent stays on the bridge for those who have not read it, but counts as unverified. Computers that share this home lose these files too.",
    )
    .option("--goodbye", "tell the other machines, with a note to everyone")
    .option("--files-only", "do not ask the bridge: another machine has removed this one, or will")
    .option("-y, --yes", "do not ask")
    .addHelpText(
      "after",
      `
Examples:
  photon leave
  photon leave --goodbye --yes

End the sessions of Claude Code first. The plugin itself is removed with \`claude plugin uninstall photon@photon\`.`,
    )
    .action((options: LeaveOptions) => run((context) => leave(context, options)));
}

async function leave(context: CliContext, { goodbye, filesOnly, yes }: LeaveOptions): Promise<Answer> {
  requirePerson(context.env, "photon leave");
  const { mailbox, paths, config } = context;
  const membership = filesOnly ? null : await joined(context);
  const others = membership === null ? [] : othersIn(membership);
  if (membership !== null) requireOtherOwner(membership, others);
  const waiting = outboxLength(paths, null);
  const lost = waiting === 0 ? "" : ` ${counted(waiting, "message")} not sent yet will be lost.`;
  const reserved =
    membership === null || others.length === 0
      ? ""
      : ` The name ${config.machine} stays reserved there: to join again, this computer needs another one.`;
  await confirmed(
    yes === true,
    `Remove ${config.machine} from the bridge, and Photon's keys and files from here?${reserved}${lost}`,
  );

  const isWanted =
    others.length > 0 &&
    (goodbye ??
      (!yes && isInteractive() && (await askYes("Tell your other machines, with a note, that this one has left?"))));
  const isSaid = isWanted && (await sayGoodbye(context));
  const hasLeft = membership !== null && others.length > 0;
  if (hasLeft) await goFrom(membership);
  await mailbox.close();
  const open = listeningSessions(paths).length;
  removeFiles(paths);
  const isLast = membership !== null && others.length === 0;
  return {
    text: [
      hasLeft
        ? `${config.machine} has left the bridge, and its keys and files are removed from this computer.`
        : "Photon's keys and files are removed from this computer.",
      ...(isLast
        ? ["It was the only machine, so nobody can let another one join: `npx wrangler delete` removes the bridge."]
        : []),
      ...(open === 0 ? [] : [stillOpen(open, dirname(paths.sessions))]),
      ...pathLines(context),
      "The plugin: `claude plugin uninstall photon@photon`",
    ].join("\n"),
    json: { machine: config.machine, removed: hasLeft, goodbye: isSaid, lost: waiting },
  };
}

function stillOpen(count: number, folder: string): string {
  const sessions = `${counted(count, "session")} of Claude Code ${forCount(count, "is", "are")} still open`;
  return `${sessions}, and may write to ${folder} again: end ${forCount(count, "it", "them")}, then remove this folder.`;
}

/** How to undo what made `photon` a command. */
function pathLines({ env }: CliContext): string[] {
  const left = onPath(programFolder().bin, { env, home: homeFolder(), platform: process.platform });
  if (left === null) return [];
  if ("link" in left) return ["`photon` is still a command. To remove it:", `  rm "${left.link}"`];
  return [`The line that makes \`photon\` a command is still in ${left.file}. Remove it there:`, `  ${left.line}`];
}

/** @returns whether the bridge has the note */
async function sayGoodbye({ mailbox, config }: CliContext): Promise<boolean> {
  const content = `${config.machine} has left this bridge.`;
  return (await mailbox.outbox.send({ to: null, content, tags: [] })).state === "stored";
}

/** @returns null if this machine is not in the machine list, or no longer */
async function joined({ mailbox: { membership } }: CliContext): Promise<Membership | null> {
  if (membership === null) return null;
  try {
    await membership.machineList(0);
  } catch (error) {
    if (isRemoved(error)) return null;
    throw error;
  }
  return membership.self === undefined ? null : membership;
}

/** The bridge refuses the key of a machine that was removed, perhaps by an earlier try whose answer was lost. */
function isRemoved(error: unknown): boolean {
  return error instanceof PhotonError && error.code === "unauthorized";
}

async function goFrom(membership: Membership): Promise<void> {
  try {
    await membership.extend({ type: "revoke", machine: membership.keys.fingerprint });
  } catch (error) {
    if (!isRemoved(error)) throw error;
  }
}

function othersIn({ known, keys }: Membership): ListedMachine[] {
  return known.machineList.machines.filter(
    ({ revokedAt, fingerprint }) => revokedAt === null && fingerprint !== keys.fingerprint,
  );
}

/** @throws CommandFailed if the bridge would be left without an owner */
function requireOtherOwner({ self }: Membership, others: readonly ListedMachine[]): void {
  if (!self?.isOwner || others.length === 0 || others.some(({ isOwner }) => isOwner)) return;
  throw new CommandFailed(
    "refused",
    `${self.name} is the only owner. First make another machine an owner: \`photon machines owner ${others[0]?.name}\``,
  );
}

/**
 * Removes what Photon wrote, by name, and then the folders if they are empty: PHOTON_HOME may be a folder with other things
 * in it.
 */
function removeFiles(paths: Paths): void {
  for (const path of Object.values(paths)) {
    for (const name of namesIn(dirname(path), namesOf(basename(path)))) {
      rmSync(join(dirname(path), name), { recursive: name === basename(path), force: true });
    }
  }
  for (const folder of new Set(Object.values(paths).map((path) => dirname(path)))) {
    try {
      rmdirSync(folder);
    } catch {
      // not empty, or shared by settings and data and already gone
    }
  }
}

/** A file with its lock, its damaged predecessor and unfinished copies. `installation.json` has a form for each computer. */
function namesOf(own: string): RegExp {
  const stem = own === "installation.json" ? "installation(\\.[0-9a-f]{8})?\\.json" : own.replaceAll(".", "\\.");
  return new RegExp(`^${stem}(\\.lock(\\.[0-9a-f-]{36})?|\\.damaged|\\.[0-9a-f]{12}\\.tmp)?$`);
}
