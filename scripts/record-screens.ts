// node scripts/run.mjs --with-client scripts/record-screens.ts: types the six slash commands into the real client, in a
// terminal of 80 columns, and draws what it shows as docs/images/screen-*.svg. Needs tmux, and dist/ as built. Only the
// model is scripted: it speaks after /photon-resume.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Machine } from "../test/e2e/support/machine.ts";
import type { Step } from "../test/e2e/support/model.ts";
import { Terminal } from "../test/e2e/support/terminal.ts";
import { makeWorld, TOOL, type World } from "../test/e2e/support/world.ts";
import { terminalPicture } from "./demo/terminal-picture.ts";

const IMAGES = fileURLToPath(new URL("../docs/images/", import.meta.url));
const COLUMNS = 80;

/** The client registers a mod's commands some time after its prompt appears; until then it completes another name. */
const REGISTERED_MS = 3_000;

/** The address in the pictures, instead of the one on this computer. */
const BRIDGE = "https://photon.example.workers.dev";

/** What a model may say; Claude finds its own words. */
const RESUMED =
  "mac handed this over a minute ago: the parser reads dates, and the next step is to run the tests on Linux. " +
  "Its capsule adds src/parser.ts. Shall I apply it in a new branch and folder, and run the tests?";

const world = await makeWorld();
try {
  await record(world);
} finally {
  await world.end();
}

/** A path, even if it was wrapped. */
function wrapped(path: string): RegExp {
  return new RegExp([...path].map((char) => char.replace(/[^\w\s]/, "\\$&")).join("\\s*"), "g");
}

async function record({ bridge }: World): Promise<void> {
  const mac = await world.joinedMachine("mac");
  const pc = await world.joinedMachine("pc", mac);
  await pc.cloneProject(mac);
  for (const machine of [mac, pc]) await machine.photon(["read", "--all"]);

  const write = { tool: "Write", input: { file_path: join(mac.project, "src/parser.ts"), content: "export {};\n" } };
  const onMac = await open(
    mac,
    [write, "The parser reads dates. Next: run the tests on Linux."],
    ["--allowedTools", "Write"],
  );
  await picture(onMac, "send", '/photon-send pc "Please run the tests on Linux." --kind task', mac, /pc: stored/);
  await onMac.type("make the parser read dates");
  await onMac.shows(/Next: run the tests/);
  await picture(onMac, "handover", "/photon-handover pc --as-is", mac, /Capsule: /);
  await mac.photon(["send", "pc", "The build of main is green again.", "--tag", "ci"]);
  await onMac.close();

  const onPc = await open(
    pc,
    [{ tool: `${TOOL}resume_handover`, input: {} }, RESUMED],
    ["--allowedTools", `${TOOL}resume_handover`],
  );
  await picture(onPc, "inbox", "/photon-inbox", pc, /done all/);
  await picture(onPc, "status", "/photon-status", pc, /^ +drafts /m);
  await picture(onPc, "resume", "/photon-resume", pc, /Shall I/);
  await onPc.close();

  const tab = await world.machine("tab");
  const onTab = await open(tab);
  await picture(onTab, "setup", "/photon-setup", tab, /bin\/photon"/);
  await onTab.close();

  function open(machine: Machine, model: readonly Step[] = [], args: readonly string[] = []): Promise<Terminal> {
    world.model.script(model);
    return Terminal.open({ ...machine.inTerminal(args), columns: COLUMNS });
  }

  /** Types a command, and draws everything from it to the next prompt. */
  async function picture(terminal: Terminal, name: string, command: string, { home }: Machine, until: RegExp) {
    await sleep(REGISTERED_MS);
    await terminal.type(command);
    await terminal.shows(until);
    const lines = (await terminal.screen()).split("\n");
    const start = lines.findLastIndex((line) => line.startsWith(`❯ ${command.split(" ")[0]}`));
    const end = lines.findIndex((line, at) => at > start && line.startsWith("────"));
    const shown = lines
      .slice(start + 1, end)
      .filter((line) => !/^([✻✶✳✢✽*·] | *◐)/.test(line))
      .join("\n")
      .replace(wrapped(home), "~")
      .replaceAll(bridge.url, BRIDGE);
    const output = `\u001b[1;32m❯\u001b[0m \u001b[1m${command}\u001b[22m\n${shown.trimEnd()}`;
    writeFileSync(join(IMAGES, `screen-${name}.svg`), terminalPicture(output, `${command}, in Claude Code`));
  }
}
