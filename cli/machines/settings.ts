import type { Paths } from "../../client/disk/paths.ts";
import { readJson, readPrivateJson, recordOf, textField, writePrivateJson } from "../../client/disk/private-file.ts";
import { type Config, type ConfigFile, isSetUp, loadConfig, type ReadyConfig } from "../../client/settings/config.ts";
import type { HandoverPolicy } from "../../client/settings/policies.ts";
import { isSameName, MACHINE_ID } from "../../contract/address.ts";
import { UsageError } from "../terminal/usage-error.ts";

/** What `photon setup` is about to write. */
export interface Settings {
  readonly workerUrl: string;
  readonly apiKey: string;
  readonly machineId: string;
  /** Undefined leaves the file's own, or the default. */
  readonly handover: HandoverPolicy | undefined;
}

/** What the file has now; never throws. A damaged one has nothing, and is left alone: nothing is decided yet. */
export function readSettings(paths: Paths): Omit<ConfigFile, "handover"> {
  const read = readJson(paths.config);
  const file = read.state === "whole" ? read.value : undefined;
  const [workerUrl, apiKey, machineId] = ["workerUrl", "apiKey", "machineId"].map((field) => textField(file, field));
  return {
    ...(workerUrl === undefined ? {} : { workerUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(machineId === undefined ? {} : { machineId }),
  };
}

/** Why this cannot be the bridge's address; undefined when it can. */
export function addressProblem(text: string): string | undefined {
  return candidate({ workerUrl: text }).workerUrl === null
    ? "The address must be a web address like https://photon.example.workers.dev"
    : undefined;
}

export function keyProblem(text: string): string | undefined {
  return candidate({ apiKey: text }).apiKey === null
    ? "The key cannot have spaces, line breaks or letters outside ASCII"
    : undefined;
}

export function machineProblem(text: string): string | undefined {
  // `photon send everyone` goes to all: nobody could send to a machine of that name.
  if (isSameName(text, "everyone")) return 'The machine name cannot be "everyone", which stands for all of them';
  return MACHINE_ID.test(text)
    ? undefined
    : 'The machine name may have letters, digits, ".", "_" and "-", and begins with a letter or digit';
}

/**
 * The settings as every part of Photon will read them.
 *
 * @throws UsageError when one of them cannot be used
 */
export function usableConfig(settings: Settings): ReadyConfig {
  const problem =
    addressProblem(settings.workerUrl) ?? keyProblem(settings.apiKey) ?? machineProblem(settings.machineId);
  const config = candidate(settings);
  if (problem !== undefined || !isSetUp(config))
    throw new UsageError(`${problem ?? config.problems.map(({ sentence }) => sentence).join(" ")}.`);
  return config;
}

/** Reads values as if they stood in the environment, so that the rules for them are in one place. */
function candidate({ workerUrl, apiKey, machineId }: Partial<Settings>): Config {
  const env = { BRIDGE_WORKER_URL: workerUrl, BRIDGE_API_KEY: apiKey, BRIDGE_MACHINE_ID: machineId };
  return loadConfig({ env, paths: { config: "" }, folder: process.cwd() });
}

/**
 * Writes them over what the file has; fields that are not known here stay. A damaged file is kept as `<name>.damaged`.
 *
 * @returns whether it was damaged
 * @throws the file system's own error
 */
export function writeSettings(paths: Paths, { workerUrl, apiKey, machineId, handover }: Settings): boolean {
  const wasDamaged = readJson(paths.config).state === "damaged";
  writePrivateJson(paths.config, {
    ...recordOf(readPrivateJson(paths.config)),
    workerUrl,
    apiKey,
    machineId,
    ...(handover === undefined ? {} : { handover }),
  });
  return wasDamaged;
}

/** Changes the machine's name alone. @throws the file system's own error */
export function renameInSettings(paths: Paths, machineId: string): void {
  writePrivateJson(paths.config, { ...recordOf(readPrivateJson(paths.config)), machineId });
}

/** One sentence for each written value that something with more say overrides. */
export function overrides(written: ReadyConfig, effective: Config): string[] {
  const fields = [
    ["workerUrl", "BRIDGE_WORKER_URL", "address"],
    ["apiKey", "BRIDGE_API_KEY", "key"],
    ["machine", "BRIDGE_MACHINE_ID", "machine name"],
  ] as const;
  return fields.flatMap(([field, variable, what]) => {
    const source = effective.sources[field];
    if (source === "config file" || effective[field] === written[field]) return [];
    return source === "environment"
      ? [`${variable} in this environment says otherwise, and wins: what was written as the ${what} is not used here.`]
      : [`The ${source} say otherwise, and win: what was written as the ${what} is not used here.`];
  });
}
