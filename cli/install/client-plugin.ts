import { existsSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { readJson, recordOf, textField } from "../../client/disk/private-file.ts";
import { homeFolder } from "../../client/disk/user-folders.ts";

/** Photon's plugin as the files of Claude Code describe it, for one folder. They are only read, and may have any content. */
export interface ClientPlugin {
  /** null: not installed here. */
  readonly installed: InstalledPlugin | null;
  readonly isEnabled: boolean;
  /** The settings file that switches off all hooks; null: none. */
  readonly hooksOffIn: string | null;
  /** Whether the client still has values for the options that the plugin had until 0.6. Their values are not read. */
  readonly hasFormerOptions: boolean;
  /** The files that exist but cannot be read as JSON. */
  readonly unreadable: readonly string[];
}

interface InstalledPlugin {
  /** null if the client does not say. */
  readonly version: string | null;
  /** The folder that the plugin runs from; null if the client does not say. */
  readonly folder: string | null;
  readonly exists: boolean;
  /** Whether that is the person's own folder, and not the client's copy. */
  readonly isInPlace: boolean;
}

const NAME = "photon";

/** @param folder - where a session would start, for the settings of its project */
export function readClientPlugin(env: NodeJS.ProcessEnv, folder: string): ClientPlugin {
  const home = env.CLAUDE_CONFIG_DIR ? resolve(env.CLAUDE_CONFIG_DIR) : join(homeFolder(), ".claude");
  const unreadable: string[] = [];
  const read = (file: string): Readonly<Record<string, unknown>> => {
    if (!existsSync(file)) return {};
    const found = canBeRead(file) ? readJson(file) : null;
    const value = found?.state === "whole" ? recordOf(found.value) : undefined;
    if (value === undefined) unreadable.push(file);
    return value ?? {};
  };
  // The strongest first. The client's own file and the project's are the same one if a session starts in the home folder.
  const settingsFiles = [
    ...[".claude/settings.local.json", ".claude/settings.json"].map((name) => join(folder, name)),
    join(home, "settings.json"),
  ];
  const settings = [...new Set(settingsFiles)].map((file) => ({ file, value: read(file) }));
  const entries = installedIn(read(join(home, "plugins", "installed_plugins.json")), folder);
  const isOn = (id: string) => {
    const [chosen] = settings.flatMap(({ value }) => recordOf(value.enabledPlugins)?.[id] ?? []);
    return chosen !== undefined && chosen !== false;
  };
  const entry = entries.find(({ id }) => isOn(id)) ?? entries[0];
  const markets = entry === undefined ? {} : read(join(home, "plugins", "known_marketplaces.json"));
  const own = settings.at(-1)?.value;
  return {
    installed: entry === undefined ? null : whereItRuns(entry, markets, read),
    isEnabled: entry !== undefined && isOn(entry.id),
    hooksOffIn: settings.find(({ value }) => value.disableAllHooks === true)?.file ?? null,
    hasFormerOptions: Object.entries(recordOf(own?.pluginConfigs) ?? {}).some(
      ([id, value]) => isPhoton(id) && Object.keys(recordOf(recordOf(value)?.options) ?? {}).length > 0,
    ),
    unreadable,
  };
}

/** A project's file may be a link to a device or to a pipe, whose reading would never end. */
function canBeRead(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size <= MAX_BYTES;
}

const MAX_BYTES = 16 * 1024 * 1024;

interface Entry {
  /** `photon@<marketplace>` */
  readonly id: string;
  readonly value: unknown;
}

function isPhoton(id: string): boolean {
  return id.startsWith(`${NAME}@`);
}

/** The installations that apply in a folder. Older clients wrote one object for each plugin, newer ones write a list. */
function installedIn({ plugins }: Readonly<Record<string, unknown>>, folder: string): Entry[] {
  return Object.entries(recordOf(plugins) ?? {}).flatMap(([id, value]) =>
    isPhoton(id)
      ? (Array.isArray(value) ? value : [value])
          .filter((each) => recordOf(each) !== undefined && isIn(folder, textField(each, "projectPath")))
          .map((each) => ({ id, value: each }))
      : [],
  );
}

function isIn(folder: string, project: string | undefined): boolean {
  if (project === undefined) return true;
  const way = relative(project, folder);
  return !way.startsWith("..") && !isAbsolute(way);
}

/** A marketplace that is a folder of this machine is read in place; the copy that the client also makes is not used. */
function whereItRuns(
  { id, value }: Entry,
  markets: Readonly<Record<string, unknown>>,
  read: (file: string) => Readonly<Record<string, unknown>>,
): InstalledPlugin {
  const market = markets[id.slice(NAME.length + 1)];
  const root = textField(market, "installLocation");
  const isInPlace = textField(recordOf(market)?.source, "source") === "directory" && root !== undefined;
  if (!isInPlace) {
    const folder = textField(value, "installPath") ?? null;
    const version = textField(value, "version") ?? null;
    return { version, folder, exists: folder === null || existsSync(folder), isInPlace };
  }
  const { plugins } = read(join(root, ".claude-plugin", "marketplace.json"));
  const listed = (Array.isArray(plugins) ? plugins : []).find((each) => textField(each, "name") === NAME);
  const folder = resolve(root, textField(listed, "source") ?? "");
  const manifest = join(folder, ".claude-plugin", "plugin.json");
  const version = textField(read(manifest), "version") ?? textField(value, "version") ?? null;
  return { version, folder, exists: existsSync(manifest), isInPlace };
}
