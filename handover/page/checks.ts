import { inOneLine } from "../../client/text/clean-text.ts";
import { covers } from "../tools/check-run.ts";
import { onlyLooks, withoutAssignments } from "../tools/programs.ts";
import { simpleCommands } from "../tools/simple-commands.ts";
import type { RanCommand, TranscriptFacts } from "../transcript/transcript-facts.ts";

type Commands = TranscriptFacts["commands"];

/** A command as the page names it: with the folder in the project in which it runs, if that is known and not the root. */
export function shownCommand({ command, check }: RanCommand): string {
  const folder = check?.folder.replace(/^\.\/|\/+$/g, "") ?? "";
  const isInProject = folder !== "" && !/^(?:[/~$.-]|[A-Za-z]:)/.test(folder);
  const shown = withoutAssignments(command);
  return inOneLine(isInProject ? `cd ${folder} && ${shown}` : shown);
}

/** The last run of tests; undefined if no test was seen. */
export function lastTest(commands: Commands): RanCommand | undefined {
  return commands.findLast(({ check }) => check?.kind === "test");
}

/** The last check of another kind: of types, a lint, a build. */
export function lastOtherCheck(commands: Commands): RanCommand | undefined {
  return commands.findLast(({ check }) => check !== null && check.kind !== "test");
}

/** How to check the work: the last tests first, each runner once, then the last other checks. */
export function waysToCheck(commands: Commands): RanCommand[] {
  const newest = commands.filter(({ check, outcome }) => check !== null && outcome !== "background").reverse();
  const ways: RanCommand[] = [];
  for (const command of newest) {
    const isKnown = ways.some(
      (way) =>
        way.check?.kind === command.check?.kind &&
        (way.check?.kind !== "test" || way.check.runner === command.check?.runner || isAnswered(command, [way])),
    );
    if (!isKnown) ways.push(command);
  }
  const rank = ({ check }: RanCommand) => (check?.kind === "test" ? 0 : 1);
  return ways.sort((a, b) => rank(a) - rank(b));
}

/** Checks that failed and were not answered by a later run that is as wide; newest first. */
export function failingChecks(commands: Commands): RanCommand[] {
  return commands
    .filter(
      (command, at) => command.check !== null && hasFailed(command) && !isAnswered(command, commands.slice(at + 1)),
    )
    .reverse();
}

function isAnswered({ check }: RanCommand, later: Commands): boolean {
  return later.some(
    (other) => check !== null && other.check !== null && other.outcome === "passed" && covers(other.check, check),
  );
}

/** A command of another kind that failed at the end: nothing has passed since. */
export function failedLast(commands: Commands): RanCommand[] {
  const last = commands.at(-1);
  return last !== undefined && last.check === null && last.outcome === "failed" && isOfWork(last) ? [last] : [];
}

/** What was tried at least twice, never worked, and was given up: a reader may try the same. */
export function deadEnds(commands: Commands): RanCommand[] {
  const open = new Set(failedLast(commands));
  const failed = commands.filter(
    (command) => command.check === null && command.outcome === "failed" && isOfWork(command) && !open.has(command),
  );
  const groups = grouped(failed);
  return [...groups].flatMap(([name, group]) => {
    const times = group.reduce((sum, { failures }) => sum + failures, 0);
    const last = group.at(-1);
    const hasWorked = commands.some((command) => command.outcome !== "failed" && nameOf(command) === name);
    return last === undefined || times < 2 || hasWorked ? [] : [{ ...last, failures: times }];
  });
}

/** By {@link nameOf}: Node 20 has no `Map.groupBy`. */
function grouped(commands: Commands): Map<string, RanCommand[]> {
  const groups = new Map<string, RanCommand[]>();
  for (const command of commands) groups.set(nameOf(command), [...(groups.get(nameOf(command)) ?? []), command]);
  return groups;
}

/** The first program that does more than look, with its first word: `npm run`. */
function nameOf({ command }: RanCommand): string {
  const { program } = simpleCommands(command).find((each) => each.program !== null && !onlyLooks(each.program)) ?? {};
  return program ? [program.name, program.args.find((word) => !word.startsWith("-"))].join(" ") : "";
}

function isOfWork(command: RanCommand): boolean {
  return nameOf(command) !== "";
}

function hasFailed({ outcome }: RanCommand): boolean {
  return outcome === "failed" || outcome === "interrupted";
}
