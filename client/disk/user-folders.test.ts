import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { userFolders } from "./user-folders.ts";

const ENV_PATHS = import.meta.resolve("env-paths");

/** The library's folders, in a process that pretends to run on the given system. */
function libraryOn(platform: string, env: Record<string, string>): { config: string; data: string } {
  const script = `Object.defineProperty(process, "platform", { value: ${JSON.stringify(platform)} });
    const { default: envPaths } = await import(${JSON.stringify(ENV_PATHS)});
    const { config, data } = envPaths("photon", { suffix: "" });
    console.log(JSON.stringify({ config, data }));`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: process.env.PATH ?? "", HOME: "/home/some one", ...env },
    encoding: "utf8",
  });
  return JSON.parse(printed);
}

describe("a user's folders", () => {
  it.each([
    ["linux", {}],
    ["linux", { XDG_CONFIG_HOME: "/cfg", XDG_DATA_HOME: "/some data" }],
    ["darwin", {}],
    ["win32", {}],
    ["win32", { APPDATA: "/roaming", LOCALAPPDATA: "/local" }],
  ] as const)("are on %s with %o the same as those of env-paths", (platform, env) => {
    expect(userFolders(env, platform, join("/home", "some one"))).toEqual(libraryOn(platform, env));
  });
});
