import { delimiter, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The client's program itself: the script npm puts beside it would set NODE_PATH to this repository's modules. */
export const CLAUDE = fileURLToPath(
  new URL("../node_modules/@anthropic-ai/claude-code/bin/claude.exe", import.meta.url),
);

/** Without the toolchain's folders: the plugin runs on the Node that the user has. */
const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.split(sep).includes("node_modules"));

/** What every tested process starts from. Nothing else of the caller's environment reaches one. */
export const BASE_ENV: Readonly<Record<string, string>> = { PATH: path.join(delimiter), LANG: "C.UTF-8" };
