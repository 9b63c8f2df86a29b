import { MACHINE_ID, PROJECT_NAME } from "../../contract/address.ts";
import type { Paths } from "../disk/paths.ts";
import { readJson, textField } from "../disk/private-file.ts";
import { machineFromHost, projectOf } from "./identity.ts";

/** When a session's handover leaves this machine: by itself, only on `/photon:handover`, or never. */
export const HANDOVER_POLICIES = ["auto", "draft", "off"] as const;
export type HandoverPolicy = (typeof HANDOVER_POLICIES)[number];

/** When a handover carries the work itself: when the person hands over, automatic ones too, or never. */
export const CAPSULE_POLICIES = ["explicit", "auto", "off"] as const;
export type CapsulePolicy = (typeof CAPSULE_POLICIES)[number];

/** Where a setting came from; earlier ones win. */
export type Source = "environment" | "plugin options" | "config file" | "default" | "missing";

export interface Config {
  /** Address of the bridge without a trailing slash. */
  readonly workerUrl: string | null;
  readonly apiKey: string | null;
  readonly machine: string;
  /** null: this folder belongs to no project. */
  readonly project: string | null;
  readonly handover: HandoverPolicy;
  readonly capsule: CapsulePolicy;
  readonly sources: Readonly<Record<"workerUrl" | "apiKey" | "machine" | "project" | "handover", Source>>;
  /** One sentence for each value that is there and cannot be used. */
  readonly problems: readonly string[];
}

/** The shape of config.json, as `photon setup` writes it. */
export interface ConfigFile {
  readonly workerUrl?: string;
  readonly apiKey?: string;
  readonly machineId?: string;
  readonly handover?: HandoverPolicy;
  readonly capsule?: CapsulePolicy;
}

interface ConfigInput {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Pick<Paths, "config">;
  /** The session's folder, for the project. */
  readonly folder: string;
}

/** Reads every setting; never throws. What is missing or wrong is said in the result, for whoever needs it. */
export function loadConfig({ env, paths, folder }: ConfigInput): Config {
  const problems: string[] = [];
  const read = readJson(paths.config);
  const file = read.state === "whole" ? read.value : undefined;

  /** The first place that has a value decides: a wrong value there is a problem, not a reason to look further. */
  const pick = (variable: string, option: string, field: string) => valuesOf(variable, option, field)[0] ?? null;
  const valuesOf = (variable: string, option: string, field: string) => {
    const places: [Source, string | undefined][] = [
      ["environment", env[variable]],
      ["plugin options", env[`CLAUDE_PLUGIN_OPTION_${option}`] || env[`PHOTON_OPTION_${option}`]],
      ["config file", textField(file, field)],
    ];
    return places.flatMap(([source, value]) => (value?.trim() ? [{ source, value: value.trim() }] : []));
  };

  const addresses = valuesOf("BRIDGE_WORKER_URL", "WORKER_URL", "workerUrl");
  const url = addresses[0] ?? null;
  const workerUrl = url && webAddress(url.value);
  if (url && !workerUrl) problems.push(`The bridge's address from ${place(url.source)} is not a web address.`);

  const key = pick("BRIDGE_API_KEY", "API_KEY", "apiKey");
  // A header cannot carry it; the value itself is never printed.
  const isUsableKey = key !== null && /^[\x21-\x7e]+$/.test(key.value);
  if (key && !isUsableKey) problems.push(`The key from ${place(key.source)} has characters a key cannot have.`);

  // A project's settings may set an address, or a person forget one in a shell: another bridge's key must not go there. Its
  // own place must name the same address, or none when the address is in the file, which only this person writes.
  const ofKey = addresses.find(({ source }) => source === key?.source);
  const isForeign = url && key && (ofKey ? webAddress(ofKey.value) !== workerUrl : url.source !== "config file");
  if (isForeign) {
    problems.push(
      `The address comes from ${place(url.source)}, the key from ${place(key.source)}: nothing is sent. Set both together.`,
    );
  }

  // Where everything needed comes from elsewhere, a damaged file is nobody's problem.
  if (read.state === "damaged" && !(url && key)) problems.push(`${paths.config} is not valid JSON.`);

  const named = pick("BRIDGE_MACHINE_ID", "MACHINE_ID", "machineId");
  const isUsableName = named !== null && MACHINE_ID.test(named.value);
  if (named && !isUsableName) {
    problems.push(`The machine name from ${place(named.source)} may have only letters, digits, ".", "_" and "-".`);
  }

  const chosenProject = env.BRIDGE_PROJECT?.trim();
  const isUsableProject = chosenProject ? PROJECT_NAME.test(chosenProject) : false;
  if (chosenProject && !isUsableProject) {
    problems.push('BRIDGE_PROJECT may have only letters, digits, spaces, ".", "_" and "-".');
  }

  const policy = pick("PHOTON_HANDOVER", "HANDOVER", "handover");
  const handover = HANDOVER_POLICIES.find((known) => known === policy?.value);
  if (policy && !handover) {
    problems.push(`The handover policy from ${place(policy.source)} must be ${HANDOVER_POLICIES.join(", ")}.`);
  }

  const capsules = pick("PHOTON_CAPSULE", "CAPSULE", "capsule");
  const capsule = CAPSULE_POLICIES.find((known) => known === capsules?.value);
  if (capsules && !capsule) {
    problems.push(`When capsules are sent, from ${place(capsules.source)}, must be ${CAPSULE_POLICIES.join(", ")}.`);
  }

  return {
    workerUrl,
    apiKey: isUsableKey && !isForeign ? key.value : null,
    machine: isUsableName ? named.value : machineFromHost(),
    project: isUsableProject && chosenProject ? chosenProject : projectOf(folder),
    // A policy that cannot be read must not publish anything.
    handover: handover ?? (policy ? "draft" : "auto"),
    capsule: capsule ?? (capsules ? "off" : "explicit"),
    sources: {
      workerUrl: url?.source ?? "missing",
      apiKey: key?.source ?? "missing",
      machine: named?.source ?? "default",
      project: chosenProject ? "environment" : "default",
      handover: policy?.source ?? "default",
    },
    problems,
  };
}

/** A config that can reach a bridge. */
export type ReadyConfig = Config & { readonly workerUrl: string; readonly apiKey: string };

export function isSetUp(config: Config): config is ReadyConfig {
  return config.workerUrl !== null && config.apiKey !== null && config.problems.length === 0;
}

/** What is missing or wrong, as one sentence for a person; only for a config that is not {@link isSetUp}. */
export function whatIsMissing(config: Config): string {
  if (config.problems.length > 0) return config.problems.join(" ");
  const missing = [
    ...(config.workerUrl === null ? ["the bridge's address (BRIDGE_WORKER_URL)"] : []),
    ...(config.apiKey === null ? ["the key (BRIDGE_API_KEY)"] : []),
  ];
  return `This machine does not know ${missing.join(" and ")}.`;
}

function place(source: Source): string {
  return source === "environment" ? "the environment" : `the ${source}`;
}

function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.search === "" ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : null;
}
