// node scripts/release-notes.mjs vX.Y.Z: prints the section of that version in CHANGELOG.md, for its release. Fails unless
// every file that names Photon's version names this one. Nothing has to be installed.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (path) => readFileSync(`${ROOT}${path}`, "utf8");

const tag = process.argv[2] ?? "";
const version = /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1];
if (version === undefined) fail("Usage: node scripts/release-notes.mjs vX.Y.Z");

const versions = [
  ["package.json", JSON.parse(read("package.json")).version],
  [".claude-plugin/plugin.json", JSON.parse(read(".claude-plugin/plugin.json")).version],
  [".claude-plugin/marketplace.json", JSON.parse(read(".claude-plugin/marketplace.json")).plugins[0].version],
];
const wrong = versions.filter(([, found]) => found !== version);
if (wrong.length > 0) fail(wrong.map(([file, found]) => `${file} has version ${found}, the tag is ${tag}.`).join("\n"));

const section = read("CHANGELOG.md")
  .split(/^(?=## )/m)
  .find((text) => text.startsWith(`## ${version} `) || text.startsWith(`## ${version}\n`));
if (section === undefined) fail(`CHANGELOG.md has no section "## ${version}".`);
const notes = section.slice(section.indexOf("\n")).trim();
if (notes === "") fail(`The section "## ${version}" of CHANGELOG.md is empty.`);
process.stdout.write(`${notes}\n`);

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
