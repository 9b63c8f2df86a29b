import { MACHINE_ID, PROJECT_NAME } from "../../contract/address.ts";
import { textField } from "../disk/private-file.ts";
import { machineFromHost, type ProjectMemory, projectOf } from "./identity.ts";
import {
  CAPSULE_POLICIES,
  type CapsulePolicy,
  CONVERSATION_POLICIES,
  type ConversationPolicy,
  HANDOVER_POLICIES,
  type HandoverPolicy,
} from "./policies.ts";

/** The values of all settings. */
export interface Settings {
  /** Address of the bridge without a trailing slash. */
  readonly workerUrl: string | null;
  readonly apiKey: string | null;
  readonly machine: string;
  /** null if the folder belongs to no project. */
  readonly project: string | null;
  readonly handover: HandoverPolicy;
  readonly capsule: CapsulePolicy;
  readonly conversation: ConversationPolicy;
}
export type SettingName = keyof Settings;

/** Where a setting comes from, strongest first. */
export type Source = "environment" | "config file" | "default";

/** A row of the table: where a setting is looked up, and how it is parsed. */
type Row<Value> = readonly [
  /** Its environment variable. */
  variable: string,
  /** Its key in config.json; null if it can only be set in the environment. */
  field: string | null,
  /** @returns null if the text is invalid */
  parse: (text: string) => Value | null,
  /** The sentence about an invalid text. It never quotes the text, which may be a key. */
  problem: (place: string) => string,
  /** The value without a valid text. @param isUnclear - whether there is an invalid one, or a file that cannot be read */
  otherwise: (isUnclear: boolean, folder: string, memory: ProjectMemory | undefined) => Value,
];

/**
 * All settings except those of `photon wake`. A key may contain the characters that are valid in a header. An invalid
 * policy must not publish anything.
 */
const SETTINGS: { readonly [Name in SettingName]: Row<Settings[Name]> } = {
  workerUrl: [
    "BRIDGE_WORKER_URL",
    "workerUrl",
    webAddress,
    (place) => `The bridge's address from ${place} is not a web address.`,
    () => null,
  ],
  apiKey: [
    "BRIDGE_API_KEY",
    "apiKey",
    (text) => matching(text, /^[\x21-\x7e]+$/),
    (place) => `The key from ${place} has characters that are invalid.`,
    () => null,
  ],
  machine: [
    "BRIDGE_MACHINE_ID",
    "machineId",
    (text) => matching(text, MACHINE_ID),
    (place) => `The machine name from ${place} may have only letters, digits, ".", "_" and "-".`,
    () => machineFromHost(),
  ],
  project: [
    "BRIDGE_PROJECT",
    null,
    (text) => matching(text, PROJECT_NAME),
    () => 'BRIDGE_PROJECT may have only letters, digits, spaces, ".", "_" and "-".',
    (_, folder, memory) => projectOf(folder, memory),
  ],
  handover: [
    "PHOTON_HANDOVER",
    "handover",
    (text) => oneOf(text, HANDOVER_POLICIES),
    (place) => `The handover policy from ${place} must be ${HANDOVER_POLICIES.join(", ")}.`,
    (isUnclear) => (isUnclear ? "draft" : "auto"),
  ],
  capsule: [
    "PHOTON_CAPSULE",
    "capsule",
    (text) => oneOf(text, CAPSULE_POLICIES),
    (place) => `The capsule policy from ${place} must be ${CAPSULE_POLICIES.join(", ")}.`,
    (isUnclear) => (isUnclear ? "off" : "encrypted"),
  ],
  conversation: [
    "PHOTON_CONVERSATION",
    "conversation",
    (text) => oneOf(text, CONVERSATION_POLICIES),
    (place) => `The conversation policy from ${place} must be ${CONVERSATION_POLICIES.join(" or ")}.`,
    () => "off",
  ],
};

/** A setting that is set but cannot be used. */
export interface SettingProblem {
  /** `pair`: the address and the key do not belong together. `file`: config.json cannot be used. */
  readonly code: SettingName | "pair" | "file";
  /** For a person. */
  readonly sentence: string;
}

/** The result of looking up a setting. */
interface Found<Value> {
  readonly value: Value;
  readonly source: Source;
  /** The value from each source that has one, strongest first; null if it is invalid. */
  readonly places: readonly { readonly source: Source; readonly value: Value | null }[];
  /** Set if the strongest source has an invalid text; then no weaker source is used. */
  readonly problem: SettingProblem | null;
}

interface Places {
  readonly env: NodeJS.ProcessEnv;
  /** The content of config.json. */
  readonly file: unknown;
  /** Whether there is a config.json whose content cannot be read. */
  readonly isFileUnknown: boolean;
  readonly folder: string;
  readonly memory?: ProjectMemory | undefined;
}

/** Looks up one setting in all sources. */
export function findSetting<Name extends SettingName>(
  name: Name,
  { env, file, isFileUnknown, folder, memory }: Places,
): Found<Settings[Name]> {
  const [variable, field, parse, problem, otherwise]: Row<Settings[Name]> = SETTINGS[name];
  const texts: readonly (readonly [Source, string | undefined])[] = [
    ["environment", env[variable]],
    ["config file", field === null ? undefined : textField(file, field)],
  ];
  const places = texts.flatMap(([source, text]) => (text?.trim() ? [{ source, value: parse(text.trim()) }] : []));
  const [first] = places;
  return {
    value: first?.value ?? otherwise(isFileUnknown || !!first, folder, memory),
    source: first?.source ?? "default",
    places,
    problem: first?.value === null ? { code: name, sentence: problem(`the ${first.source}`) } : null,
  };
}

function matching(text: string, pattern: RegExp): string | null {
  return pattern.test(text) ? text : null;
}

function oneOf<Value extends string>(text: string, values: readonly Value[]): Value | null {
  return values.find((value) => value === text) ?? null;
}

function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.search === "" ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : null;
}
