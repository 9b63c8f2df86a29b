import { type Command, Option } from "commander";
import { ApiClient } from "../../client/bridge/api-client.ts";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { ReadyConfig } from "../../client/settings/config.ts";
import { machineFromHost } from "../../client/settings/identity.ts";
import { HANDOVER_POLICIES, type HandoverPolicy } from "../../client/settings/policies.ts";
import { MACHINE_KEY } from "../../contract/machine-list.ts";
import type { CliContext, Run } from "../context.ts";
import { isReadableOnTheWay } from "../machines/bridge-address.ts";
import { joinAsFirst } from "../machines/first-machine.ts";
import { overrides, readSettings, type Settings, usableConfig, writeSettings } from "../machines/settings.ts";
import { askAddress, askKey, askMachine, greet } from "../machines/setup-questions.ts";
import type { Answer } from "../terminal/answer.ts";
import { CommandFailed } from "../terminal/command-failed.ts";
import { requirePerson } from "../terminal/person-only.ts";
import { readStdin } from "../terminal/read-stdin.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { UsageError } from "../terminal/usage-error.ts";

/** A key is some dozen characters; more is not one. */
const MAX_KEY_BYTES = 4096;

interface SetupOptions {
  readonly url?: string;
  readonly keyStdin?: true;
  readonly machine?: string;
  readonly handover?: HandoverPolicy;
  /** False for --no-check. */
  readonly check: boolean;
  /** False for --shared-key-only. */
  readonly sharedKeyOnly?: true;
  readonly json?: true;
}

export function addSetup(program: Command, run: Run): void {
  program
    .command("setup")
    .summary("say where the bridge is, once per machine")
    .description(
      "For the first machine of a bridge: asks for its address, its key and this machine's name, tries them, makes keys of this machine's own, and writes them to files only you can read. What a flag says is not asked. The next machines join with a line from `photon invite`.",
    )
    .option("--url <address>", "the bridge's address")
    .option("--key-stdin", "the key is piped in")
    .option("--machine <name>", "this machine's name; default: the host's")
    .addOption(
      new Option("--handover <policy>", "when a session's handover leaves this machine").choices(HANDOVER_POLICIES),
    )
    .option("--no-check", "write without asking the bridge")
    .option("--shared-key-only", "stay with the bridge's shared key, without keys of this machine's own")
    .addHelpText(
      "after",
      `
Examples:
  photon setup
  photon setup --url https://photon.example.workers.dev --key-stdin < key.txt
  photon setup --machine work-laptop            changes the name where this machine has not joined, keeps the rest
  photon setup --handover draft                 handovers wait until you ask for them

There is no flag for the key itself: other programs of this computer can see arguments in the list of processes. Pipe it
in with --key-stdin, set BRIDGE_API_KEY, or type it when asked (it is not shown).`,
    )
    .action((options: SetupOptions, command: Command) =>
      run((context) => setup(context, { ...options, ...command.optsWithGlobals<SetupOptions>() })),
    );
}

async function setup(context: CliContext, options: SetupOptions): Promise<Answer> {
  requirePerson(context.env, "photon setup", readSettings(context.paths).apiKey === undefined);
  const settings = await collect(context, options);
  const config = usableConfig(settings);
  const warnings = isReadableOnTheWay(config.workerUrl)
    ? [`${config.workerUrl} is not encrypted: the key and every message can be read on the way. Use https://.`]
    : [];
  for (const warning of options.json ? [] : warnings) process.stderr.write(`photon: ${warning}\n`); // before the key is sent

  const roundTripMs = options.check ? await tryOut(config) : null;
  const joining = options.check && !options.sharedKeyOnly ? await joinAsFirst(context.paths, config) : null;
  const apiKey = joining?.member?.keys.machineKey ?? config.apiKey;
  const machineId = joining?.member?.self.name ?? config.machine;
  const wasDamaged = writeSettings(context.paths, { ...settings, workerUrl: config.workerUrl, apiKey, machineId });
  const effective = context.readConfig();
  const afterwards = [
    ...(wasDamaged ? [`What was there before was not valid JSON; it is kept as ${context.paths.config}.damaged.`] : []),
    ...overrides({ ...config, apiKey, machine: machineId }, effective),
    ...effective.problems.map(({ sentence }) => sentence),
  ];
  return {
    text: [
      ...(roundTripMs === null ? [] : [`The bridge answers (${Math.round(roundTripMs)} ms) and takes the key.`]),
      `Saved to ${context.paths.config}, for you alone. This machine is ${machineId}.`,
      ...(joining === null ? [] : [joining.sentence]),
      "Next: start a session of Claude Code, or see what waits with `photon status`.",
    ].join("\n"),
    json: {
      file: context.paths.config,
      bridge: config.workerUrl,
      machine: machineId,
      joined: joining?.member != null,
      checked: options.check,
      warnings: [...warnings, ...afterwards],
    },
    warnings: afterwards,
  };
}

/** From the flags, else asked, else what the file has. */
async function collect({ env, paths }: CliContext, options: SetupOptions): Promise<Settings> {
  const present = readSettings(paths);
  const canAsk = isInteractive() && !options.json;
  const givenKey = (options.keyStdin ? await keyFromStdin() : env.BRIDGE_API_KEY?.trim()) || undefined;
  if (canAsk && !(options.url && givenKey && options.machine)) greet();

  const workerUrl = options.url?.trim() ?? (canAsk ? await askAddress(present.workerUrl) : present.workerUrl);
  // A key is for one bridge: it must not go to another one because the address was changed.
  const presentKey = isSameBridge(workerUrl, present.workerUrl) ? present.apiKey : undefined;
  const apiKey = givenKey ?? ((canAsk && (await askKey(presentKey !== undefined))) || presentKey);
  const proposed = present.machineId ?? machineFromHost();
  if (apiKey !== undefined && MACHINE_KEY.test(apiKey) && options.machine && present.machineId) {
    throw new UsageError("A machine that has joined gets another name by `photon machines rename <name>`.");
  }
  const machineId = options.machine?.trim() ?? (canAsk ? await askMachine(proposed) : proposed);

  if (!workerUrl || !apiKey) {
    const missing = [
      ...(workerUrl ? [] : ["the address (--url)"]),
      ...(apiKey ? [] : ["the key (--key-stdin, or BRIDGE_API_KEY)"]),
    ];
    throw new UsageError(`Nothing can be asked here. Missing: ${missing.join(" and ")}.`);
  }
  return { workerUrl, apiKey, machineId, handover: options.handover };
}

function isSameBridge(address: string | undefined, present: string | undefined): boolean {
  const bare = (text: string | undefined) => text?.trim().replace(/\/+$/, "");
  return bare(address) === bare(present);
}

async function keyFromStdin(): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError("--key-stdin needs a pipe: … | photon setup --key-stdin");
  const key = (await readStdin(MAX_KEY_BYTES)).trim();
  if (key === "") throw new UsageError("No key came through the pipe.");
  return key;
}

/**
 * Asks the bridge whether it is one and takes the key.
 *
 * @returns how long its answer took, in milliseconds
 * @throws CommandFailed when it is not or does not; nothing is written then
 */
async function tryOut(config: ReadyConfig): Promise<number> {
  const api = new ApiClient(config);
  try {
    const start = performance.now();
    await api.call("health");
    const roundTripMs = performance.now() - start;
    await api.call("unread", { query: { reader: config.machine } });
    return roundTripMs;
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    const said = error.code === "unauthorized" ? "The bridge does not take this key." : error.message;
    throw new CommandFailed(error.code, `${said} Nothing was written; --no-check writes without asking.`, {
      cause: error,
    });
  } finally {
    await api.close().catch(() => undefined);
  }
}
