import type { Paths } from "../../client/disk/paths.ts";
import { setAside, textField, writePrivateJson } from "../../client/disk/private-file.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";
import {
  type Config,
  type ConfigFile,
  isSetUp,
  loadConfig,
  type ReadyConfig,
  whatIsMissing,
} from "../../client/settings/config.ts";
import type { CapsulePolicy, HandoverPolicy } from "../../client/settings/policies.ts";
import { readSettingsFile } from "../../client/settings/settings-file.ts";
import { isSameName, MACHINE_ID } from "../../contract/address.ts";
import { CommandFailed, UsageError } from "../../screens/failure.ts";

/** What `photon setup` and `photon join` write. */
export interface Settings {
  readonly workerUrl: string;
  readonly apiKey: string;
  readonly machineId: string;
  /** Undefined keeps the file's value, or the default. */
  readonly handover: HandoverPolicy | undefined;
  /** Likewise. */
  readonly capsule?: CapsulePolicy | undefined;
}

/** The settings of what leaves this machine. */
export type Policies = Partial<Pick<Settings, "handover" | "capsule">>;

/**
 * The file's present values. A damaged file counts as empty and is not changed.
 *
 * @throws CommandFailed if the file cannot be read: then it could not be written either
 */
export function readSettings(paths: Paths): Omit<ConfigFile, keyof Policies> {
  const { value: file, problem, isDamaged } = readSettingsFile(paths.config);
  if (problem !== null && !isDamaged) throw new CommandFailed("refused", `Nothing was changed: ${problem}`);
  const [workerUrl, apiKey, machineId] = ["workerUrl", "apiKey", "machineId"].map((field) => textField(file, field));
  return {
    ...(workerUrl === undefined ? {} : { workerUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(machineId === undefined ? {} : { machineId }),
  };
}

/** What is wrong with an address of a bridge; undefined if it is valid. */
export function addressProblem(text: string): string | undefined {
  return candidate({ workerUrl: text }).workerUrl === null
    ? "The address must be a web address like https://photon.example.workers.dev"
    : undefined;
}

export function keyProblem(text: string): string | undefined {
  return candidate({ apiKey: text }).apiKey === null
    ? "The key cannot contain spaces, line breaks or characters outside ASCII"
    : undefined;
}

export function machineProblem(text: string): string | undefined {
  // `photon send everyone` sends to all machines, so no message could be addressed to a machine of that name.
  if (isSameName(text, "everyone")) return 'The machine name cannot be "everyone": that means all machines';
  return MACHINE_ID.test(text)
    ? undefined
    : 'The machine name may contain letters, digits, ".", "_" and "-", and must begin with a letter or digit';
}

/**
 * The settings as every part of Photon reads them.
 *
 * @throws UsageError if one of them is invalid
 */
export function usableConfig(settings: Settings): ReadyConfig {
  const problem =
    addressProblem(settings.workerUrl) ?? keyProblem(settings.apiKey) ?? machineProblem(settings.machineId);
  const config = candidate(settings);
  if (problem !== undefined) throw new UsageError(`${problem}.`);
  if (!isSetUp(config)) throw new UsageError(whatIsMissing(config));
  return config;
}

/** Reads values as if they came from the environment, so that the rules for them are in one place. */
function candidate({ workerUrl, apiKey, machineId }: Partial<Settings>): Config {
  const env = { BRIDGE_WORKER_URL: workerUrl, BRIDGE_API_KEY: apiKey, BRIDGE_MACHINE_ID: machineId };
  return loadConfig({ env, paths: { config: "" }, folder: homeFolder() });
}

/**
 * Writes the settings to the file and keeps its other fields. A damaged file is kept as `<name>.damaged`.
 *
 * @returns whether the file was damaged
 * @throws the file system's own error
 */
export function writeSettings(paths: Paths, { handover, capsule, ...settings }: Settings): boolean {
  return changeSettings(paths, { ...settings, ...given({ handover, capsule }) });
}

/** Only the policies that are given. */
function given({ handover, capsule }: Policies): Policies {
  return { ...(handover === undefined ? {} : { handover }), ...(capsule === undefined ? {} : { capsule }) };
}

/** Changes only the machine's name. @throws the file system's own error */
export function renameInSettings(paths: Paths, machineId: string): void {
  changeSettings(paths, { machineId });
}

/** Changes only what may leave this machine. @returns whether the file was damaged @throws the file system's own error */
export function writePolicies(paths: Paths, policies: Policies): boolean {
  return changeSettings(paths, given(policies));
}

function changeSettings(paths: Paths, change: Partial<Settings>): boolean {
  const { value, isDamaged } = readSettingsFile(paths.config);
  if (isDamaged) setAside(paths.config);
  writePrivateJson(paths.config, { ...value, ...change });
  return isDamaged;
}

/** One sentence for each written value that the environment overrides. */
export function overrides(written: ReadyConfig, effective: Config): string[] {
  const fields = [
    ["workerUrl", "BRIDGE_WORKER_URL", "address"],
    ["apiKey", "BRIDGE_API_KEY", "key"],
    ["machine", "BRIDGE_MACHINE_ID", "machine name"],
  ] as const;
  return fields.flatMap(([field, variable, what]) => {
    const isOverridden = effective.sources[field] === "environment" && effective[field] !== written[field];
    return isOverridden ? [`${variable} is set in this environment and overrides the ${what} you just saved.`] : [];
  });
}

/** One sentence for each written policy that the environment overrides. */
export function overriddenPolicies(written: Policies, effective: Config): string[] {
  const fields = [
    ["handover", "PHOTON_HANDOVER"],
    ["capsule", "PHOTON_CAPSULE"],
  ] as const;
  return fields.flatMap(([field, variable]) => {
    const isOverridden = effective.sources[field] === "environment" && written[field] !== undefined;
    return isOverridden && effective[field] !== written[field]
      ? [`${variable} is set in this environment and overrides the policy you just saved.`]
      : [];
  });
}

/** What `photon setup` and `photon join` print last. */
export const NEXT_STEP = "Next: start a session of Claude Code, or run `photon status` to see your unread messages.";

/** Where the settings are. */
export function savedText({ config }: Paths): string {
  return `Saved to ${config}, which only you can read.`;
}

/** A warning for a settings file that was damaged. */
export function damagedText({ config }: Paths): string {
  return `The old settings file was not valid JSON; it is kept as ${config}.damaged.`;
}

/** A warning for an address that {@link isReadableOnTheWay}. */
export function plainHttpWarning(address: string): string {
  return `${address} is not encrypted: anyone on the network path can read this machine's key and its unencrypted messages. Use an https:// address.`;
}

/** Whether everything that is sent to this address, including the key, can be read on the way. */
export function isReadableOnTheWay(address: string): boolean {
  return new URL(address).protocol === "http:" && !isLoopback(address);
}

/** Whether only this computer reaches this address. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(new URL(address).hostname);
}

/** Whether an address is this computer's, or of a private network. */
export function isLocalNetwork(address: string): boolean {
  const { hostname } = new URL(address);
  return isLoopback(address) || PRIVATE.test(hostname) || hostname.endsWith(".local") || !/[.:]/.test(hostname);
}

const PRIVATE =
  /^(10(\.\d{1,3}){3}|192\.168(\.\d{1,3}){2}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|169\.254(\.\d{1,3}){2}|\[f[cd].*\])$/i;

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
