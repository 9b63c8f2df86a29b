import type { Paths } from "../disk/paths.ts";
import { recordOf, textField } from "../disk/private-file.ts";
import { readSettingsFile } from "../settings/settings-file.ts";

/** What may start a turn in an idle session: nothing, tasks, or any message. */
export const WAKE_POLICIES = ["off", "tasks", "all"] as const;
export type WakePolicy = (typeof WAKE_POLICIES)[number];

/**
 * The permission modes in which a person decides what a tool may do. In auto mode the client decides, so that one needs the
 * person's permission; in bypassPermissions and dontAsk nobody does, and no session is woken. Unknown modes are excluded too.
 */
export const WATCHED_MODES: readonly string[] = ["default", "acceptEdits", "plan"];

/** A span of the day in minutes since local midnight; an end before the start is on the next day. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

export interface WakeSettings {
  readonly policy: WakePolicy;
  readonly quiet: QuietHours | null;
  /** Whether a session in auto mode may be woken. */
  readonly isAutoModeAllowed: boolean;
  /** Where the policy is set. */
  readonly source: "PHOTON_WAKE" | "project" | "machine" | "default";
  /** Which messages may be shown on the desktop. */
  readonly notify: WakePolicy;
  /** One sentence for each invalid value. With any, no session is woken. */
  readonly problems: readonly string[];
}

/** The part of config.json that `photon wake` writes. */
export interface WakeFile {
  readonly wake?: WakePolicy;
  readonly quietHours?: string;
  readonly wakeInAutoMode?: boolean;
  readonly notify?: WakePolicy;
  /** By project name, ignoring case. */
  readonly projects?: Readonly<Record<string, unknown>>;
}

interface WakeInput {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Pick<Paths, "config">;
  readonly project: string | null;
}

/**
 * The first of these that is set decides: `PHOTON_WAKE`, config.json for the project, config.json for the machine. The
 * default is off. Nothing from another machine has any influence.
 */
export function loadWakeSettings({ env, paths, project }: WakeInput): WakeSettings {
  const problems: string[] = [];
  const { value: file } = readSettingsFile(paths.config);
  const [, ofProject] =
    Object.entries(recordOf(file.projects) ?? {}).find(([name]) => name.toLowerCase() === project?.toLowerCase()) ?? [];
  const places = [
    ["PHOTON_WAKE", env.PHOTON_WAKE],
    ["project", textField(ofProject, "wake")],
    ["machine", textField(file, "wake")],
  ] as const;
  const [source, wanted] = places.find(([, value]) => value?.trim()) ?? ["default", "off"];
  const policy = WAKE_POLICIES.find((known) => known === wanted?.trim());
  if (!policy) problems.push(`The wake setting must be ${WAKE_POLICIES.join(", ")}.`);

  const shown = env.PHOTON_NOTIFY?.trim() || textField(file, "notify") || "off";
  const notify = WAKE_POLICIES.find((known) => known === shown);
  if (!notify) problems.push(`The notify setting must be ${WAKE_POLICIES.join(", ")}.`);

  const hours = env.PHOTON_QUIET_HOURS?.trim() || textField(file, "quietHours");
  const quiet = hours ? parseQuietHours(hours) : null;
  if (hours && !quiet) problems.push("Quiet hours must have the form 22:00-08:00.");
  const isUsable = problems.length === 0;
  const isAutoModeAllowed = (recordOf(ofProject)?.wakeInAutoMode ?? recordOf(file)?.wakeInAutoMode) === true;
  return {
    policy: (isUsable && policy) || "off",
    source,
    notify: (isUsable && notify) || "off",
    quiet,
    isAutoModeAllowed,
    problems,
  };
}

/** Parses `22:00-08:00`. @returns null if it is not a span of the day */
export function parseQuietHours(text: string): QuietHours | null {
  const [, ...numbers] = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/.exec(text.trim()) ?? [];
  const [fromHour = 99, fromMinute = 99, toHour = 99, toMinute = 99] = numbers.map(Number);
  if (fromHour > 23 || toHour > 23 || fromMinute > 59 || toMinute > 59) return null;
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  return from === to ? null : { from, to }; // ambiguous: never, or all day
}

/** The inverse of {@link parseQuietHours}. */
export function formatQuietHours({ from, to }: QuietHours): string {
  const clock = (minute: number) =>
    [Math.floor(minute / 60), minute % 60].map((n) => String(n).padStart(2, "0")).join(":");
  return `${clock(from)}-${clock(to)}`;
}

/** @param now - milliseconds since 1970; compared in this machine's local time */
export function isQuiet(quiet: QuietHours | null, now: number): boolean {
  if (quiet === null) return false;
  const at = new Date(now);
  const minute = at.getHours() * 60 + at.getMinutes();
  const { from, to } = quiet;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}
