import type { Paths } from "../disk/paths.ts";
import { sessionsWithoutMod } from "../sessions/session-state.ts";
import type { Config } from "../settings/config.ts";
import { counted, forCount } from "../text/counted.ts";
import { formatAgo } from "../text/format-age.ts";
import { hasMachineList } from "../text/tellable-mail.ts";
import { WAKES_A_DAY, WakeLedger } from "./wake-ledger.ts";
import { loadWakeSettings } from "./wake-settings.ts";

interface WakeLineInput {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
  readonly config: Pick<Config, "workerUrl" | "project">;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One line for the person: whether mail may wake a session here, and how often it did; null if waking is off. */
export function wakeLine({ env, paths, config, now }: WakeLineInput): string | null {
  const { policy, problems } = loadWakeSettings({ env, paths, project: config.project });
  if (problems.length > 0) return `Wakes: off, because a setting is invalid. ${problems.join(" ")}`;
  if (policy === "off") return null;
  if (!hasMachineList(paths, config.workerUrl)) return `Wakes: switched on (${policy}), but ${CANNOT_VERIFY_SENDERS}`;
  const { inDay, last: latest } = new WakeLedger(paths, "wakes", () => now).read();
  const last = latest === null ? "" : `, last ${formatAgo(latest.at, now)}`;
  return `Wakes: ${policy === "tasks" ? "tasks" : "any mail"} may wake an idle session here; ${inDay} of at most ${WAKES_A_DAY} in 24 hours${last}.`;
}

/** One sentence if the client of an open session runs no mods; null if all do. */
export function withoutModsLine(paths: Paths): string | null {
  const count = sessionsWithoutMod(paths).length;
  if (count === 0) return null;
  const sessions = `${counted(count, "open session")} cannot be woken and ${forCount(count, "shows", "show")} no count`;
  return `${sessions}: Claude Code runs no mods there. It is older than 2.1.287, or its settings forbid mods.`;
}

/** The reason why nothing wakes a session on a machine that has not joined. */
export const CANNOT_VERIFY_SENDERS =
  "nothing wakes a session here: this machine has not joined the bridge, so no sender can be verified. `photon join` lets it in.";
