import { homeFolder } from "../../client/disk/user-folders.ts";
import { inOneLine } from "../../client/text/clean-text.ts";
import type { CliContext } from "../context.ts";
import { askYes } from "../terminal/person-only.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { readClientPlugin } from "./client-plugin.ts";
import { clientOnPath, installCommands, installPlugin } from "./plugin-in-client.ts";
import { programFolder } from "./program-folder.ts";
import { type Offer, putOnPath, type WayToPath, wayToPath } from "./search-path.ts";

/**
 * What a machine that was just set up may still lack: the plugin in Claude Code, and `photon` on the PATH. Asks at a
 * terminal whether to do both; elsewhere, and after a no, the person gets the lines that do it.
 *
 * @param canAsk - false with `--json`
 * @returns lines for the person; none if nothing is missing
 */
export async function offerInstall({ env, folder }: CliContext, canAsk: boolean): Promise<string[]> {
  const ask = async (question: string) => canAsk && isInteractive() && (await askYes(question, true));
  const { bin, marketplace } = programFolder();
  const home = homeFolder();
  const plugin =
    marketplace === null || readClientPlugin(env, folder).installed?.exists
      ? null
      : { marketplace, client: clientOnPath(env, process.platform) };
  const way = wayToPath(bin, { env, home, platform: process.platform });
  // All questions come first: what is typed while the client installs would answer the next one.
  const isPluginWanted = plugin?.client != null && (await ask("Install Photon's plugin in Claude Code?"));
  const isPathWanted = way?.offer != null && (await ask(pathQuestion(way.offer)));
  return [
    ...(plugin === null ? [] : pluginLines(plugin.marketplace, isPluginWanted ? plugin.client : null, env)),
    ...(way === null ? [] : pathLines(way, isPathWanted, bin)),
  ];
}

function pluginLines(marketplace: string, client: string | null, env: NodeJS.ProcessEnv): string[] {
  const failure = client === null ? "" : installPlugin(client, marketplace, env);
  if (failure === null) return ["The plugin is installed in Claude Code."];
  return [
    ...(failure === "" ? [] : [`Claude Code did not install the plugin: ${inOneLine(failure)}`]),
    "To install the plugin in Claude Code, run:",
    ...installCommands(marketplace).map((command) => `  ${command}`),
  ];
}

function pathQuestion({ kind, file }: Offer): string {
  return kind === "link" ? `Make \`photon\` a command (${file})?` : `Add \`photon\` to the PATH in ${file}?`;
}

function pathLines(way: WayToPath, isWanted: boolean, bin: string): string[] {
  const { offer, line, hiddenBy } = way;
  const failure = isWanted ? putOnPath(way, bin) : "";
  if (failure === null && offer?.kind === "link") return ["`photon` is a command now."];
  if (failure === null) return ["New terminals find `photon`. In this one, run:", `  ${line}`];
  return [
    ...(failure === "" ? [] : [failure]),
    `To run \`photon\` by its name${hiddenBy === null ? "" : `, instead of ${hiddenBy}`}:`,
    `  ${line}`,
  ];
}
