import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { fingerprintWords } from "../../client/machines/fingerprint-words.ts";
import { type Invitation, parseInviteLine } from "../../client/machines/invite-line.ts";
import { joinBridge, NameTaken, requireOpen } from "../../client/machines/join-bridge.ts";
import { readMachineList } from "../../client/machines/machine-list-file.ts";
import { Mailbox } from "../../client/mail/mailbox.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { machineFromHost } from "../../client/settings/identity.ts";
import { presentInstallation } from "../../client/settings/installation.ts";
import type { ListedMachine } from "../../contract/machine-list.ts";
import type { Answer } from "../../screens/answer.ts";
import { UsageError } from "../../screens/failure.ts";
import type { CliContext, Run } from "../context.ts";
import { offerInstall } from "../install/offer-install.ts";
import { becomeMember, knownMember, type Member, withApi } from "../machines/membership.ts";
import {
  damagedText,
  isReadableOnTheWay,
  NEXT_STEP,
  overrides,
  plainHttpWarning,
  readSettings,
  savedText,
  usableConfig,
  writeSettings,
} from "../machines/settings.ts";
import { askAboutWork, askInvitation, askMachine, askOtherName } from "../machines/setup-questions.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { type Input, readStdin } from "../terminal/read-stdin.ts";
import { isInteractive } from "../terminal/terminal.ts";

const MAX_LINE_BYTES = 4096;

interface JoinOptions {
  readonly machine?: string;
  /** False for --no-hello. */
  readonly hello: boolean;
  readonly json?: true;
}

export function addJoin(program: Command, run: Run): void {
  program
    .command("join")
    .summary("join your bridge with a line from `photon invite`")
    .description(
      "Sets this machine up with a line that `photon invite` printed on another machine: creates its keys, saves its name and the bridge's address, checks the connection, and sends a first message to the machine that invited it.",
    )
    .argument("[line]", "https://…/join#…; without it, Photon asks for the line or reads it from a pipe")
    .option("--machine <name>", "this machine's name; without it, its present name, or Photon asks")
    .option("--no-hello", "do not send that message")
    .addHelpText(
      "after",
      `
Examples:
  photon join https://photon.example.workers.dev/join#…
  photon join --machine work-laptop < line.txt

A line is valid for one machine and for ten minutes.`,
    )
    .action((line: string | undefined, options: JoinOptions, command: Command) =>
      run((context) => join(context, line, { ...options, ...command.optsWithGlobals<JoinOptions>() })),
    );
}

async function join(context: CliContext, line: string | undefined, options: JoinOptions): Promise<Answer> {
  const { paths } = context;
  requirePerson(context.env, "photon join", readSettings(paths).apiKey === undefined);
  const invitation = parseInviteLine(line ?? (await lineFrom(context.stdin, options)));
  const present = readSettings(paths);
  const machineId = options.machine?.trim() ?? (await nameFor(context, invitation, present.machineId, options));
  const { workerUrl } = usableConfig({
    workerUrl: invitation.workerUrl,
    apiKey: "none",
    machineId,
    handover: undefined,
  });
  const known = await knownMember(paths, workerUrl);
  const member = known ?? (await joinAs(context, { ...invitation, workerUrl }, machineId, !options.json));
  const settings = { workerUrl, apiKey: member.keys.machineKey, machineId: member.self.name, handover: undefined };
  const wasDamaged = writeSettings(paths, settings);
  const config = context.readConfig();
  const warnings = [
    ...(isReadableOnTheWay(workerUrl) ? [plainHttpWarning(workerUrl)] : []),
    ...(wasDamaged ? [damagedText(paths)] : []),
    ...overrides(usableConfig(settings), config),
    ...config.problems.map(({ sentence }) => sentence),
  ];
  const inviter = inviterOf(context, member);
  const problem = await firstCheck(workerUrl, member);
  if (problem !== null) warnings.push(problem);
  const isGreeted = known === null && options.hello && inviter !== undefined && (await sayHello(context, inviter));
  return {
    text: [
      known === null
        ? `This machine has joined as ${member.self.name}.`
        : `This machine had already joined, as ${member.self.name}.`,
      ...(inviter
        ? [
            `Invited by ${inviter.name}. \`photon invite\` must have shown the same words there: ${fingerprintWords(inviter.fingerprint)}`,
          ]
        : []),
      `The words of this machine: ${fingerprintWords(member.self.fingerprint)}`,
      `${savedText(paths)}${isGreeted ? ` Photon sent a first message to ${inviter?.name}.` : ""}`,
      ...(known === null && !options.json ? await askAboutWork(context) : []),
      ...(await offerInstall(context, !options.json)),
      NEXT_STEP,
    ].join("\n"),
    json: {
      machine: member.self.name,
      bridge: workerUrl,
      fingerprint: member.self.fingerprint,
      words: fingerprintWords(member.self.fingerprint),
      invitedBy: inviter?.name ?? null,
      hello: isGreeted,
      file: paths.config,
      warnings,
    },
    warnings,
  };
}

/** At a terminal, asks for another name as long as the name is reserved. */
async function joinAs({ paths }: CliContext, invitation: Invitation, name: string, canAsk: boolean): Promise<Member> {
  for (let wanted = name; ; wanted = await askOtherName(wanted)) {
    try {
      return await becomeMember(paths, invitation.workerUrl, (keys) =>
        withApi(invitation.workerUrl, null, (api) => joinBridge(api, invitation, { keys, name: wanted, paths })),
      );
    } catch (error) {
      if (!(error instanceof NameTaken && canAsk && isInteractive())) throw error;
    }
  }
}

/** The name that this machine has, or the person's choice, for which the host's name is proposed. */
async function nameFor(
  { env, paths }: CliContext,
  invitation: Invitation,
  present: string | undefined,
  { json }: JoinOptions,
): Promise<string> {
  const known = env.BRIDGE_MACHINE_ID ?? present;
  if (known) return known;
  const proposed = presentInstallation(paths)?.name ?? machineFromHost();
  if (!isInteractive() || json) return proposed;
  // Before the question, whose answer an old invitation would make useless.
  await withApi(invitation.workerUrl, null, (api) => requireOpen(api, invitation));
  return askMachine(proposed);
}

async function lineFrom(stdin: Input, { json }: JoinOptions): Promise<string> {
  if (isInteractive() && !json) return askInvitation();
  if (stdin.isTTY)
    throw new UsageError("Run `photon join <line>`, with a line that `photon invite` prints on a joined machine.");
  return readStdin(stdin, MAX_LINE_BYTES);
}

function inviterOf({ paths }: CliContext, { keys, self }: Member): ListedMachine | undefined {
  const { machineList } = readMachineList(paths, keys.workerUrl);
  return machineList.machines.find(({ fingerprint }) => fingerprint === self.invitedBy);
}

/** Why the new key does not work yet. This machine has joined all the same. */
async function firstCheck(workerUrl: string, { keys, self }: Member): Promise<string | null> {
  try {
    await withApi(workerUrl, keys.machineKey, (api) => api.call("unread", { query: { reader: self.name } }));
    return null;
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    return `This machine has joined, but its first request failed: ${error.message}`;
  }
}

/** Shows both machines that messages arrive. */
async function sayHello(context: CliContext, inviter: ListedMachine): Promise<boolean> {
  const config = context.readConfig();
  if (!isSetUp(config)) return false;
  const mailbox = new Mailbox({ ...config, project: null }, context.paths);
  try {
    const { self } = mailbox;
    const content = `Hello from ${self}: it has joined, invited by ${inviter.name}. Its words: ${fingerprintWords(mailbox.membership?.keys.fingerprint ?? "")}.`;
    const { state } = await mailbox.outbox.send({ content, to: inviter.name, kind: "note", tags: ["hello"] });
    return state === "stored";
  } catch (error) {
    if (error instanceof PhotonError) return false; // for example if the inviting machine was revoked in the meantime
    throw error;
  } finally {
    await mailbox.close();
  }
}
