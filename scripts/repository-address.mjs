// node scripts/repository-address.mjs [https://github.com/owner/name | --check]
//
// Where this repository is published is said in one place: "repository" in package.json. With an address this script sets it;
// in any case it writes everything that follows from it: the other fields of package.json, the plugin's manifest, and the
// blocks between `repository: <name>` and `/repository` in documents and in .github/. While there is no address, the blocks
// say what is true without one. `--check` writes nothing, and fails when a file is not as it would be written.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ADDRESS = /^https:\/\/[\w.-]+\/([\w.-]+)\/[\w.-]+$/;
/** Where a block may stand, beside the root's own documents. */
const FOLDERS = ["docs", ".github"];
/** In Markdown and in what has `#` for comments; the words after the name are for people. */
const BLOCK = /^((?:<!--|#) repository: ([\w-]+)\b.*\n)([\s\S]*?)^((?:<!--|#) \/repository\b.*)$/gm;

const BUTTON = "https://deploy.workers.cloudflare.com";

/** What stands in a block; the address is null while there is none. */
const BLOCKS = {
  clone: (address) =>
    address === null
      ? "Clone this repository (its page shows the address under **Code**), and run in the clone:\n\n```\nnpm run demo\n```\n"
      : `\`\`\`\ngit clone ${address}.git photon\ncd photon\nnpm run demo\n\`\`\`\n`,
  "deploy-button": (address) =>
    address === null
      ? ""
      : "Or press the button, and choose a long random text as BRIDGE_API_KEY when you are asked:\n\n" +
        `[![Deploy to Cloudflare](${BUTTON}/button)](${BUTTON}/?url=${address})\n`,
  "security-link": (address) =>
    address === null
      ? ""
      : `contact_links:\n  - name: Security problem\n    url: ${address}/security/advisories/new\n    about: Reported privately, see SECURITY.md\n`,
  owner: (address) => (address === null ? "" : `* @${ADDRESS.exec(address)[1]}\n`),
};

const [argument] = process.argv.slice(2);
const isCheck = argument === "--check";
const address = isCheck || argument === undefined ? addressOf(read("package.json")) : plainAddress(argument);
if (address !== null && !ADDRESS.test(address))
  fail(`${JSON.stringify(address)} is not like https://github.com/owner/name.`);

const changed = files().flatMap((path) => {
  const before = read(path);
  const after = written(path, before);
  if (after === before) return [];
  if (!isCheck) writeFileSync(join(ROOT, path), after);
  return [path];
});
if (isCheck && changed.length > 0) {
  fail(`Not what the repository's address makes of it: ${changed.join(", ")}. Run node scripts/repository-address.mjs`);
}
process.stdout.write(changed.map((path) => `${path}\n`).join(""));

function files() {
  const documents = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const deeper = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /^CODEOWNERS$|\.(md|yml)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length)),
  );
  return ["package.json", ".claude-plugin/plugin.json", ...documents, ...deeper];
}

function written(path, text) {
  if (path === "package.json") {
    return withFields(text, {
      repository: address,
      homepage: address && `${address}#readme`,
      bugs: address && `${address}/issues`,
    });
  }
  if (path.endsWith("plugin.json")) return withFields(text, { homepage: address, repository: address });
  return text.replace(BLOCK, (_, begin, name, __, end) => {
    if (BLOCKS[name] === undefined) fail(`${path} has an unknown block, ${name}.`);
    return `${begin}${BLOCKS[name](address)}${end}`;
  });
}

/** A manifest whose only such fields are these, on a line each after its licence. */
function withFields(text, fields) {
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [`  "${name}": "${value}",\n`],
  );
  return text
    .replace(/^ {2}"(?:repository|homepage|bugs)": ".*",\n/gm, "")
    .replace(/^ {2}"license": .*\n/m, (licence) => `${licence}${lines.join("")}`);
}

function addressOf(manifest) {
  return JSON.parse(manifest).repository ?? null;
}

/** As it stands in a browser, or as git has it. */
function plainAddress(text) {
  return text.replace(/\/$/, "").replace(/\.git$/, "");
}

function read(path) {
  return readFileSync(join(ROOT, path), "utf8");
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
