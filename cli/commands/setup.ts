import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { ApiClient } from "../../client/bridge/api-client.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { errorCode } from "../../client/disk/disk-error.ts";
import { NameTaken } from "../../client/machines/join-bridge.ts";
import type { ReadyConfig } from "../../client/settings/config.ts";
import { machineFromHost } from "../../client/settings/identity.ts";
import { presentInstallation } from "../../client/settings/installation.ts";
import { CAPSULE_POLICIES, HANDOVER_POLICIES } from "../../client/settings/policies.ts";
import { MACHINE_KEY } from "../../contract/machine-list.ts";
import type { Answer } from "../../screens/answer.ts";
import { CommandFailed, UsageError } from "../../screens/failure.ts";
import { workLine } from "../../screens/work-line.ts";
import type { CliContext, Run } from "../context.ts";
import { offerInstall } from "../install/offer-install.ts";
import { joinAsFirst } from "../machines/first-machine.ts";
import { knownMember } from "../machines/membership.ts";
import { renameThis } from "../machines/rename.ts";
import {
  damagedText,
  isReadableOnTheWay,
  NEXT_STEP,
  overriddenPolicies,
  overrides,
  type Policies,
  plainHttpWarning,
  readSettings,
  type Settings,
  savedText,
  usableConfig,
  writePolicies,
  writeSettings,
} from "../machines/settings.ts";
import { askAboutWork, askAddress, askKey, askMachine, askOtherName, greet } from "../machines/setup-questions.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { type Input, readStdin } from "../terminal/read-stdin.ts";
import { isInteractive } from "../terminal/terminal.ts";

/** A limit far above the length of any key. */
const MAX_KEY_BYTES = 4096;

interface SetupOptions extends Policies {
  readonly url?: string;
  readonly keyFile?: string;
  readonly keyStdin?: true;
  readonly machine?: string;
  /** False for --no-check. */
  readonly check: boolean;
  readonly sharedKeyOnly?: true;
  readonly json?: true;
}

export function addSetup(program: Command, run: Run): void {
  program
    .command("setup")
    .summary("connect the first machine to your bridge")
    .description(
      "Run this on the first machine of a bridge; the other machines join with a line from `photon invite`. It asks for the bridge's address, the bridge's key and this machine's name, tests them, creates this machine's own keys, and saves everything in files that only you can read. It does not ask for what you pass as an option.",
    )
    .option("--url <address>", "the bridge's address")
    .option("--key-file <file>", "read the key from a file")
    .option("--key-stdin", "read the key from a pipe")
    .option("--machine <name>", "this machine's name; default: the host name")
    .addOption(
      new Option(
        "--handover <policy>",
        "when a session's handover is sent: by itself (auto), so too but with a page that your own Claude writes at the end for a few cents (written), only on request (draft), never (off)",
      ).choices(HANDOVER_POLICIES),
    )
    .addOption(
      new Option(
        "--capsule <policy>",
        "when uncommitted and unpushed changes go along: encrypted to all recipients, only when you hand over (explicit), always (auto), never",
      ).choices(CAPSULE_POLICIES),
    )
    .option("--no-check", "save without testing the connection")
    .option("--shared-key-only", "keep using the bridge's shared key, do not create own keys")
    .addHelpText(
      "after",
      `
Examples:
  photon setup
  photon setup --url https://photon.example.workers.dev --key-file key.txt
  photon setup --machine work-laptop            change the name, keep the rest
  photon setup --handover draft                 send handovers only when you ask for it
  photon setup --capsule explicit               let your changes go along only when you hand over

There is no option for the key itself, because other programs on this computer can see arguments in the list of processes.
Name its file with --key-file, pipe it in with --key-stdin, set BRIDGE_API_KEY, or type it when asked (it is not shown).`,
    )
    .action((options: SetupOptions, command: Command) =>
      run((context) => setup(context, { ...options, ...command.optsWithGlobals<SetupOptions>() })),
    );
}

async function setup(context: CliContext, options: SetupOptions): Promise<Answer> {
  requirePerson(context.env, "photon setup", readSettings(context.paths).apiKey === undefined);
  if (isAboutPolicies(options) && context.config.workerUrl !== null && context.config.apiKey !== null)
    return changePolicies(context, options);
  const { machineId: present } = readSettings(context.paths);
  const collected = await collect(context, options);
  // The bridge knows a machine that has joined by its name in the machine list, until it is renamed there.
  const hasJoined = MACHINE_KEY.test(collected.apiKey) && present !== undefined;
  const settings = { ...collected, ...(hasJoined && { machineId: present }) };
  const given = usableConfig(settings);
  const warnings = isReadableOnTheWay(given.workerUrl) ? [plainHttpWarning(given.workerUrl)] : [];
  for (const warning of options.json ? [] : warnings) context.stderr.write(`photon: ${warning}\n`); // before the key is sent

  // The bridge accepts the shared key no longer for the name of a machine that has joined.
  const known = options.check && !options.sharedKeyOnly ? await knownMember(context.paths, given.workerUrl) : null;
  const tried = known ? { ...given, apiKey: known.keys.machineKey, machine: known.self.name } : given;
  const answer = options.check ? await tryOut(tried, !options.json) : null;
  const config = known || answer === null ? given : { ...given, machine: answer.machine };
  const joining = options.check && !options.sharedKeyOnly ? await joinAsFirst(context.paths, config) : null;
  const apiKey = joining?.member?.keys.machineKey ?? config.apiKey;
  const machineId = joining?.member?.self.name ?? config.machine;
  const wasDamaged = writeSettings(context.paths, { ...settings, workerUrl: config.workerUrl, apiKey, machineId });
  const hasNewKeys = known === null && joining?.member != null;
  const isRenamed = hasJoined && collected.machineId !== present;
  const name = isRenamed ? collected.machineId : machineId;
  const renaming = isRenamed ? await renameThis(context, collected.machineId) : [];
  const effective = context.readConfig();
  const afterwards = [
    ...renaming,
    ...(wasDamaged ? [damagedText(context.paths)] : []),
    ...overrides({ ...config, apiKey, machine: name }, effective),
    ...effective.problems.map(({ sentence }) => sentence),
  ];
  return {
    text: [
      ...(answer === null ? [] : [`The bridge answers (${Math.round(answer.roundTripMs)} ms) and accepts the key.`]),
      `${savedText(context.paths)} This machine is ${name}.`,
      ...(joining === null ? [] : [joining.sentence]),
      ...(hasNewKeys && !options.json ? await askAboutWork(context) : []),
      ...(await offerInstall(context, !options.json)),
      NEXT_STEP,
    ].join("\n"),
    json: {
      file: context.paths.config,
      bridge: config.workerUrl,
      machine: name,
      joined: joining?.member != null,
      checked: options.check,
      warnings: [...warnings, ...afterwards],
    },
    warnings: afterwards,
  };
}

/** Each value from its option, or else from the person, or else from the file. */
async function collect(context: CliContext, options: SetupOptions): Promise<Settings> {
  const { env, paths } = context;
  const present = readSettings(paths);
  const canAsk = isInteractive() && !options.json;
  const givenKey = (await keyOf(options, context)) ?? (env.BRIDGE_API_KEY?.trim() || undefined);
  if (canAsk && !(options.url && givenKey && options.machine)) greet();

  const workerUrl = options.url?.trim() ?? (canAsk ? await askAddress(present.workerUrl) : present.workerUrl);
  // A key belongs to one bridge: if the address changes, the old key must not be sent to the new one.
  const presentKey = isSameBridge(workerUrl, present.workerUrl) ? present.apiKey : undefined;
  // A machine that has joined uses its own key.
  const ownKey = presentKey !== undefined && MACHINE_KEY.test(presentKey) ? presentKey : undefined;
  const apiKey = givenKey ?? ownKey ?? ((canAsk && (await askKey(presentKey !== undefined))) || presentKey);
  const proposed = present.machineId ?? presentInstallation(paths)?.name ?? machineFromHost();
  const machineId = options.machine?.trim() ?? (canAsk ? await askMachine(proposed) : proposed);

  if (!workerUrl || !apiKey) {
    const missing = [
      ...(workerUrl ? [] : ["the address (--url)"]),
      ...(apiKey ? [] : ["the key (--key-file, --key-stdin or BRIDGE_API_KEY)"]),
    ];
    throw new UsageError(`There is no terminal to ask at. Missing: ${missing.join(" and ")}.`);
  }
  return { workerUrl, apiKey, machineId, handover: options.handover, capsule: options.capsule };
}

/** Whether the options change nothing but what may leave this machine. */
function isAboutPolicies({ url, keyFile, keyStdin, machine, sharedKeyOnly, handover, capsule }: SetupOptions): boolean {
  const isConnecting = [url, keyFile, keyStdin, machine, sharedKeyOnly].some((option) => option !== undefined);
  return !isConnecting && (handover !== undefined || capsule !== undefined);
}

/** Needs neither the bridge nor its key. */
function changePolicies(context: CliContext, { handover, capsule }: SetupOptions): Answer {
  const { paths } = context;
  const wasDamaged = writePolicies(paths, { handover, capsule });
  const config = context.readConfig();
  const warnings = [
    ...(wasDamaged ? [damagedText(paths)] : []),
    ...overriddenPolicies({ handover, capsule }, config),
    ...config.problems.map(({ sentence }) => sentence),
  ];
  const json = { file: paths.config, handover: config.handover, capsule: config.capsule, warnings };
  return { text: `${savedText(paths)}\nNow ${workLine(paths, config)}`, json, warnings };
}

function isSameBridge(address: string | undefined, present: string | undefined): boolean {
  const bare = (text: string | undefined) => text?.trim().replace(/\/+$/, "");
  return bare(address) === bare(present);
}

/** The key that the options name; null if they name none. */
async function keyOf({ keyFile, keyStdin }: SetupOptions, { stdin, folder }: CliContext): Promise<string | null> {
  if (keyStdin) return keyFromStdin(stdin);
  if (keyFile === undefined) return null;
  const key = textOf(resolve(folder, keyFile)).trim();
  if (key === "") throw new UsageError(`No key in ${keyFile}: the file is empty.`);
  return key;
}

/** @throws UsageError if the file cannot be read */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").slice(0, MAX_KEY_BYTES);
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${errorCode(error)}).`);
  }
}

async function keyFromStdin(stdin: Input): Promise<string> {
  if (stdin.isTTY) throw new UsageError("--key-stdin needs a pipe: … | photon setup --key-stdin");
  const key = (await readStdin(stdin, MAX_KEY_BYTES)).trim();
  if (key === "") throw new UsageError("No key in the pipe: --key-stdin got an empty text.");
  return key;
}

/**
 * Checks that the address is a bridge's and that the bridge accepts the key. At a terminal, asks for another name as long as
 * the name is reserved.
 *
 * @returns the round trip in milliseconds, and the name
 * @throws CommandFailed if not; then nothing is written
 */
async function tryOut(config: ReadyConfig, canAsk: boolean): Promise<{ roundTripMs: number; machine: string }> {
  const api = new ApiClient(config);
  try {
    const start = performance.now();
    await api.call("health");
    const roundTripMs = performance.now() - start;
    for (let machine = config.machine; ; machine = await askOtherName(machine)) {
      if (await isFree(api, machine, config)) return { roundTripMs, machine };
      if (!canAsk || !isInteractive()) throw new NameTaken(machine);
    }
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    const reason = error.code === "unauthorized" ? "The bridge does not accept this key." : error.message;
    throw new CommandFailed(error.code, `${reason} Nothing was written. --no-check saves without this test.`, {
      cause: error,
    });
  } finally {
    await api.close().catch(() => undefined);
  }
}

/** False if a machine that joined has reserved the name, for which the bridge does not accept the shared key. */
async function isFree(api: ApiClient, machine: string, { apiKey }: ReadyConfig): Promise<boolean> {
  try {
    await api.call("unread", { query: { reader: machine } });
    return true;
  } catch (error) {
    if (error instanceof PhotonError && error.code === "forbidden" && !MACHINE_KEY.test(apiKey)) return false;
    throw error;
  }
}
