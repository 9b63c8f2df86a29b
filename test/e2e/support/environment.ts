import { delimiter, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The client's program itself: npm's wrapper script would set NODE_PATH to this repository's modules. */
export const CLAUDE = fileURLToPath(
  new URL("../node_modules/@anthropic-ai/claude-code/bin/claude.exe", import.meta.url),
);

/** The PATH without the toolchain's folders, so that the plugin runs on the user's Node. */
const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.split(sep).includes("node_modules"));

/** The base environment of every tested process. Nothing else of the caller's environment is passed on. */
export const BASE_ENV: Readonly<Record<string, string>> = { PATH: path.join(delimiter), LANG: "C.UTF-8" };

/** What the client starts from: a home of its own, a model that is not one, and nothing that it would tell its maker. */
export function clientEnv(home: string, modelUrl: string): Record<string, string> {
  return {
    ...BASE_ENV,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    ANTHROPIC_API_KEY: "dummy",
    ANTHROPIC_BASE_URL: modelUrl,
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  };
}
