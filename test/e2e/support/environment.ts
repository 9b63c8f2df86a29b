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
