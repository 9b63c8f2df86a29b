import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import type { Answer } from "../screens/answer.ts";
import { UsageError } from "../screens/failure.ts";
import { wrap, wrapAnswer } from "../screens/text-width.ts";
import { addClear } from "./commands/clear.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addDrafts } from "./commands/drafts.ts";
import { addFailed } from "./commands/failed.ts";
import { addFlush } from "./commands/flush.ts";
import { addHandover } from "./commands/handover.ts";
import { addInbox } from "./commands/inbox.ts";
import { addInvite } from "./commands/invite.ts";
import { addJoin } from "./commands/join.ts";
import { addLeave } from "./commands/leave.ts";
import { addLock } from "./commands/lock.ts";
import { addLog } from "./commands/log.ts";
import { addMachines } from "./commands/machines.ts";
import { addRead } from "./commands/read.ts";
import { addResume } from "./commands/resume.ts";
import { addSend } from "./commands/send.ts";
import { addSetup } from "./commands/setup.ts";
import { addStatus } from "./commands/status.ts";
import { addStatusline } from "./commands/statusline.ts";
import { addWait } from "./commands/wait.ts";
import { addWake } from "./commands/wake.ts";
import { addWatch } from "./commands/watch.ts";
import { CliContext, type Run, type Surroundings } from "./context.ts";
import { clashWarning } from "./machines/clash-warning.ts";
import { commandFailure, stackOf } from "./terminal/failure.ts";
import { helpText } from "./terminal/help-text.ts";
import { Interrupted } from "./terminal/interruption.ts";
import { jsonLine, jsonText } from "./terminal/json-text.ts";
import { columns } from "./terminal/terminal.ts";

/**
 * The whole command line.
 *
 * @param argv - without node and script
 * @param surroundings - of the process, or of a test that runs commands without one
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 no message in time, 128 and more ended by a signal
 */
export async function runPhoton(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  // Decided before parsing, so that a wrong option is reported as JSON too.
  const isJson = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined).includes("--json");
  let exitCode = 0;

  const run: Run = async (work) => {
    const context = new CliContext(surroundings);
    try {
      for (const answer of await printed(await work(context), isJson, surroundings))
        exitCode = Math.max(exitCode, answer.exitCode ?? 0);
      const clash = isJson ? null : clashWarning(context, argv[0]);
      if (clash !== null) surroundings.stderr.write(`photon: ${clash}\n`);
    } catch (error) {
      if (!(error instanceof Interrupted)) await context.close(); // close() waits for open requests
      throw error;
    }
    await context.close();
  };

  const program = photonProgram(run, surroundings);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof Interrupted) return error.exitCode;
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help and --version
    if (error instanceof CommanderError && error.code === "commander.help") return 2; // no command: help was printed
    const command = program.commands.find((each) => each.name() === argv[0]);
    const hint = command?.name() === "send" && isUnknownOption(error) ? DASH_HINT : "";
    const whole = command === undefined ? wholeName(program, argv[0]) : command.name();
    if (command === undefined && whole !== null)
      return report(new UsageError(`unknown command '${argv[0]}'`), isJson, `photon ${whole} --help`, surroundings);
    return report(error, isJson, `${whole === null ? "photon" : `photon ${whole}`} --help${hint}`, surroundings);
  }
}

function photonProgram(run: Run, { stdout, stderr }: Surroundings): Command {
  const program = new Command("photon")
    .description(
      "The mailbox between your machines. Your own server, the bridge, keeps each message until the other machine reads it, even if that machine is off now.",
    )
    .version(manifest.version, "-V, --version", "print the version")
    .option("--json", "print one JSON document to stdout, also for an error")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: () => undefined, // report() prints the error
      writeOut: (text) => stdout.write(helpText(text)),
      writeErr: (text) => stderr.write(helpText(text)),
    })
    .exitOverride();
  const inOrder = [
    addSetup,
    addInvite,
    addJoin,
    addMachines,
    addLock,
    addLeave,
    addLog,
    addClear,
    addSend,
    addInbox,
    addRead,
    addWatch,
    addWait,
    addHandover,
    addResume,
    addDrafts,
    addStatus,
    addStatusline,
    addWake,
    addFailed,
    addFlush,
    addDoctor,
  ];
  for (const add of inOrder) add(program, run);
  return program.addHelpText("after", HELP);
}

const HELP = `
Examples:
  photon setup                        connect the first machine to your bridge
  photon invite                       print a line; run it on the next machine: photon join <line>
  photon send pc "tests are green"    send a message to the machine pc
  photon inbox                        list the unread messages for this machine and project
  photon read 3f2a9c1d                show one message and mark it read
  photon watch                        show each message as it arrives
  photon wait --from pc --timeout 10m wait for one message
  photon handover --send              hand this project's work over to another machine
  photon resume                       resume the work that another machine handed over

Settings come from BRIDGE_WORKER_URL, BRIDGE_API_KEY, BRIDGE_MACHINE_ID and BRIDGE_PROJECT, then from the file
that \`photon setup\` writes. PHOTON_HOME moves Photon's files to another folder.
PHOTON_DEBUG=1 shows where an error comes from. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no message arrived in
time (photon wait), 130 stopped with Ctrl-C.`;

/** Prints a command's answer, and then the answer of its `whenPrinted`. With --json both are one document. */
async function printed(answer: Answer, isJson: boolean, to: Surroundings): Promise<Answer[]> {
  if (isJson) {
    const rest = await answer.whenPrinted?.();
    print({ ...answer, json: answer.json && { ...answer.json, ...rest?.json } }, isJson, to);
    return rest ? [answer, rest] : [answer];
  }
  print(answer, isJson, to);
  await answer.whenShown?.();
  const rest = await answer.whenPrinted?.();
  if (!rest) return [answer];
  print(rest, isJson, to);
  return [answer, rest];
}

function print({ text, json, warnings = [] }: Answer, isJson: boolean, { stdout, stderr }: Surroundings): void {
  if (isJson) {
    if (json !== null) stdout.write(`${jsonText(json)}\n`);
    return;
  }
  if (text !== "") stdout.write(`${wrapAnswer(text, columns())}\n`);
  for (const warning of warnings) stderr.write(`${wrap(`photon: ${warning}`, columns())}\n`);
}

/** `machines rename` for `rename`; null if no command has a part of that name. */
function wholeName(program: Command, name: string | undefined): string | null {
  const of = program.commands.find(({ commands }) => commands.some((each) => each.name() === name));
  return of === undefined ? null : `${of.name()} ${name}`;
}

function isUnknownOption(error: unknown): boolean {
  return error instanceof CommanderError && error.code === "commander.unknownOption";
}

/** Added where a message's text may have been taken for an option. */
const DASH_HINT = '; a text that begins with a dash: photon send <to> -- "-…"';

/** @param help - the command that shows the right usage */
function report(error: unknown, isJson: boolean, help: string, { env, stdout, stderr }: Surroundings): number {
  const { message, code, exitCode } = commandFailure(error);
  if (isJson) stdout.write(`${jsonLine({ error: message, code })}\n`);
  else stderr.write(`${wrap(`photon: ${message}${code === "usage" ? ` (${help})` : ""}`, columns())}\n`);
  if (env.PHOTON_DEBUG === "1") stderr.write(`${stackOf(error)}\n`);
  return exitCode;
}
