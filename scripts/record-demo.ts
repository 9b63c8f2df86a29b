// node scripts/run.mjs scripts/record-demo.ts: plays the demo and draws what it shows as docs/images/demo.svg, for the README.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { terminalPicture } from "./demo/terminal-picture.ts";

const DEMO = fileURLToPath(new URL("demo.ts", import.meta.url));
const PICTURE = fileURLToPath(new URL("../docs/images/demo.svg", import.meta.url));

/** The command line that a person would type. */
const PROMPT = "\u001b[32m$\u001b[39m \u001b[1mnpm run demo\u001b[22m\n";

const { NO_COLOR: _, ...env } = process.env;
const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO], {
  encoding: "utf8",
  env: { ...env, FORCE_COLOR: "1" },
});
if (status === 0) {
  writeFileSync(PICTURE, terminalPicture(PROMPT + stdout, "npm run demo, in a terminal"));
} else {
  process.stderr.write(`${stdout}${stderr}`);
  process.exitCode = 1;
}
