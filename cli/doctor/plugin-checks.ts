import { lastHookRun } from "../../client/sessions/session-state.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { cleanLine } from "../../client/text/clean-text.ts";
import { formatAgo } from "../../client/text/format-age.ts";
import manifest from "../../package.json" with { type: "json" };
import type { CliContext } from "../context.ts";
import { type ClientPlugin, readClientPlugin } from "../install/client-plugin.ts";
import { installCommands } from "../install/plugin-in-client.ts";
import { programFolder } from "../install/program-folder.ts";
import { type Check, fail, ok, warn } from "./checks.ts";

/** Photon's plugin in Claude Code on this machine, for `photon doctor --json`. */
interface PluginReport {
  readonly installed: boolean;
  readonly version: string | null;
  readonly enabled: boolean;
  readonly folder: string | null;
  readonly hooksOff: boolean;
  /** An ISO instant; null if no hook has run in the last 30 days. */
  readonly hooksRanAt: string | null;
}

/** Whether Claude Code runs the plugin. Reads Claude Code's files and changes none. */
export function pluginChecks({ env, folder, paths, config }: CliContext): { checks: Check[]; report: PluginReport } {
  const plugin = readClientPlugin(env, folder);
  const ranAt = lastHookRun(paths);
  const { installed, isEnabled, hooksOffIn, hasFormerOptions } = plugin;
  return {
    checks: [
      pluginCheck(plugin),
      ...(installed !== null && isEnabled && isSetUp(config) ? [hooksCheck(plugin, ranAt)] : []),
      ...(hasFormerOptions && !isSetUp(config)
        ? [warn("plugin options", "the options that you gave the plugin are no longer read", "run `photon setup`")]
        : []),
    ],
    report: {
      installed: installed !== null,
      version: installed?.version ?? null,
      enabled: isEnabled,
      folder: installed?.folder ?? null,
      hooksOff: hooksOffIn !== null,
      hooksRanAt: ranAt === null ? null : new Date(ranAt).toISOString(),
    },
  };
}

function pluginCheck({ installed, isEnabled, unreadable }: ClientPlugin): Check {
  if (installed === null) {
    return unreadable.length > 0
      ? warn("plugin", `not known: ${unreadable.map(shown).join(", ")} cannot be read`, install())
      : warn("plugin", "not installed in Claude Code", install());
  }
  const version = installed.version === null ? "of an unknown version" : shown(installed.version);
  const found = `${version}, runs from ${installed.folder === null ? "an unknown folder" : shown(installed.folder)}`;
  if (!installed.exists) return fail("plugin", `${found}, which does not exist`, install());
  if (!isEnabled) return warn("plugin", `${found}, but is not enabled`, "run `claude plugin enable photon@photon`");
  if (installed.version === manifest.version) return ok("plugin", `${found}, enabled`);
  return warn(
    "plugin",
    `${found}, but this \`photon\` is ${manifest.version}`,
    installed.isInPlace ? "run the `photon` in its `bin` folder" : "run `claude plugin update photon@photon`",
  );
}

function hooksCheck({ hooksOffIn }: ClientPlugin, ranAt: number | null): Check {
  const last = ranAt === null ? "have not run on this machine yet" : `last ran ${formatAgo(ranAt, Date.now())}`;
  if (hooksOffIn !== null) {
    const found = `switched off (disableAllHooks in ${shown(hooksOffIn)}); ${last}`;
    return warn("hooks", found, "switch them on: without them no session is told of mail, and none leaves a handover");
  }
  return ranAt === null
    ? warn("hooks", last, "start a new session of Claude Code, then run this again; `claude --debug` shows errors")
    : ok("hooks", last);
}

function install(): string {
  const { marketplace } = programFolder();
  return `run ${installCommands(marketplace)
    .map((command) => `\`${command}\``)
    .join(", then ")}`;
}

function shown(text: string): string {
  return cleanLine(text, 300);
}
