import type { Command } from "commander";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { fingerprintWords } from "../../client/machines/fingerprint-words.ts";
import { type Invitation, parseInviteLine } from "../../client/machines/invite-line.ts";
import { joinBridge } from "../../client/machines/join-bridge.ts";
import { readMachineList } from "../../client/machines/machine-list-file.ts";
import { Mailbox } from "../../client/mail/mailbox.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { machineFromHost } from "../../client/settings/identity.ts";
import type { ListedMachine } from "../../contract/follow-machine-list.ts";
import type { CliContext, Run } from "../context.ts";
import { isReadableOnTheWay } from "../machines/bridge-address.ts";
import { becomeMember, knownMember, type Member, withApi } from "../machines/membership.ts";
import { overrides, readSettings, usableConfig, writeSettings } from "../machines/settings.ts";
import { askInvitation } from "../machines/setup-questions.ts";
import type { Answer } from "../terminal/answer.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { readStdin } from "../terminal/read-stdin.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { UsageError } from "../terminal/usage-error.ts";

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
    .summary("join by a line from `photon invite`")
    .description(
      "Sets this machine up with a line that `photon invite` has printed on another one: keys of its own, the bridge's address, its name, a first check, and a hello to the machine that invited it.",
    )
    .argument("[line]", "https://…/join#…; without it it is asked for, or read from a pipe")
    .option("--machine <name>", "this machine's name; default: the one it has, or the host's")
    .option("--no-hello", "without the hello")
    .addHelpText(
      "after",
      `
Examples:
  photon join https://photon.example.workers.dev/join#…
  photon join --machine work-laptop < line.txt

The line is good for one machine and ten minutes, and worth nothing after that.`,
    )
    .action((line: string | undefined, options: JoinOptions, command: Command) =>
      run((context) => join(context, line, { ...options, ...command.optsWithGlobals<JoinOptions>() })),
    );
}

async function join(context: CliContext, line: string | undefined, options: JoinOptions): Promise<Answer> {
  const { paths } = context;
  requirePerson(context.env, "photon join", readSettings(paths).apiKey === undefined);
  const invitation = parseInviteLine(line ?? (await lineFrom(options)));
  const present = readSettings(paths);
  const machineId = options.machine?.trim() ?? context.env.BRIDGE_MACHINE_ID ?? present.machineId ?? machineFromHost();
  const { workerUrl } = usableConfig({
    workerUrl: invitation.workerUrl,
    apiKey: "none",
    machineId,
    handover: undefined,
  });
  const known = await knownMember(paths, workerUrl);
  const member = known ?? (await joinAs(context, { ...invitation, workerUrl }, machineId));
  const settings = { workerUrl, apiKey: member.keys.machineKey, machineId: member.self.name, handover: undefined };
  const wasDamaged = writeSettings(paths, settings);
  const config = context.readConfig();
  const warnings = [
    ...(isReadableOnTheWay(workerUrl)
      ? [`${workerUrl} is not encrypted: who wrote to whom can be read on the way.`]
      : []),
    ...(wasDamaged ? [`What was there before was not valid JSON; it is kept as ${paths.config}.damaged.`] : []),
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
        : `This machine has joined before, as ${member.self.name}.`,
      ...(inviter ? [`Invited by ${inviter.name}: ${fingerprintWords(inviter.fingerprint)}`] : []),
      `This machine's words:  ${fingerprintWords(member.self.fingerprint)}`,
      `Saved to ${paths.config}, for you alone.${isGreeted ? ` ${inviter?.name} gets a hello.` : ""}`,
      "Next: start a session of Claude Code, or see what waits with `photon status`.",
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

function joinAs({ paths }: CliContext, invitation: Invitation, name: string): Promise<Member> {
  return becomeMember(paths, invitation.workerUrl, (keys) =>
    withApi(invitation.workerUrl, null, (api) => joinBridge(api, invitation, { keys, name, paths })),
  );
}

async function lineFrom({ json }: JoinOptions): Promise<string> {
  if (isInteractive() && !json) return askInvitation();
  if (process.stdin.isTTY) throw new UsageError("photon join <line>, with a line that `photon invite` has printed");
  return readStdin(MAX_LINE_BYTES);
}

function inviterOf({ paths }: CliContext, { keys, self }: Member): ListedMachine | undefined {
  const { machineList } = readMachineList(paths, keys.workerUrl);
  return machineList.machines.find(({ fingerprint }) => fingerprint === self.invitedBy);
}

/** What keeps the new key from working; failing now is no failure to join. */
async function firstCheck(workerUrl: string, { keys, self }: Member): Promise<string | null> {
  try {
    await withApi(workerUrl, keys.machineKey, (api) => api.call("unread", { query: { reader: self.name } }));
    return null;
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    return `It has joined, but the bridge does not answer it yet: ${error.message}`;
  }
}

/** Shows the inviting machine, and this one, that messages arrive. */
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
    if (error instanceof PhotonError) return false; // the inviting machine may have been removed meanwhile
    throw error;
  } finally {
    await mailbox.close();
  }
}
