import { inOneLine, TERMINAL_SEQUENCE } from "../../client/text/clean-text.ts";
import { clip } from "../../client/text/clip.ts";
import type { CheckRun } from "../tools/check-run.ts";
import { simpleCommands } from "../tools/simple-commands.ts";
import type { ToolCall } from "./tool-call.ts";
import type { RanCommand } from "./transcript-facts.ts";

/** All limits are in UTF-16 code units. */
export const MAX_SUMMARY_CHARS = 200;

/** How much of an output's end is searched for the test counts. */
const MAX_END_CHARS = 4_000;
const MAX_LINE_CHARS = 500;

const COUNTS =
  /\b\d+ (?:\w+ )?(?:passed|failed|passing|failing|failures?|errors?|examples?)\b|\b(?:tests?|passed|failed|failures|tests run): *\d|^Ran \d+ tests?|test result:|^(?:ok|PASS)\b/gim;
const TAP_COUNTS = /^(?:#|ℹ) ((?:pass|fail) \d+)$/gm;
const FAILURES =
  /\b[1-9]\d* (?:\w+ )?(?:failed|failing|failures?|errors?)\b|\b(?:failed|failures|errors)[:=] *[1-9]|\bfail [1-9]/i;
/** A runner's report. Unlike {@link COUNTS}, other programs do not print it. */
const REPORT =
  /^ *Tests? +\d+ (?:passed|failed)|^Tests: +\d|^(?:=+ )?\d+ (?:passed|failed)[^\n]* in [\d.:]+ ?m?s|^ok[ \t]+\S+\s+(?:[\d.]+s|\(cached\))|^FAIL\t\S+|^test result: |^Ran \d+ tests? in|^ *\d+ passing \(|^\d+ (?:tests?|runs|examples?|scenarios), \d+ |^(?:\[[A-Z]+\] )?Tests run: \d|^# pass \d|^ℹ pass \d|\*\* TEST (?:SUCCEEDED|FAILED)|^\[ +(?:PASSED|FAILED) +\]|^\d+% tests passed|^OK \(\d+ tests?|^Tests Passed: \d|^(?:Passed|Failed)! +- Failed: |^All tests passed|^ok \| \d+ passed|Executed \d+ tests?, with/m;
const NO_TESTS = /\[no tests to run\]|\bno tests? (?:found|ran|files found|to run)\b|\bcollected 0 items\b/i;
/** What a type checker, a linter or a build prints when something is wrong, even if a pipe hides its exit code. */
const PROBLEMS =
  /\berror TS\d+:|\bFound [1-9]\d* (?:errors?|problems?)\b|✖ \d+ problems? \([1-9]|\b[1-9]\d* errors?(?: generated|, \d+ warnings?| and \d+ warnings?)|^error(?:\[E\d+\])?: |\bBUILD FAILED\b|^Failed to compile|: error: /m;
const FAIL = /^(?:-+ )?FAIL\b/m;
/** How a program ends that ran no tests, or whose tests failed, even if a pipe hides its exit code. */
const BROKEN =
  /^npm (?:ERR!|error)|^(?:error|fatal)(?:\[E\d+\])?: |^g?make(?:\[\d+\])?: \*\*\* |: (?:command )?not found$|^\w*(?:Error|Exception): |\bELIFECYCLE\b|^Failed to compile|\bBUILD FAILED\b|\bTests? failed\b|: No such file or directory$|exited with code [1-9]|\bKilled$/m;
/** Counts of a whole run, not of a single test or file. */
const WHOLE_COUNTS = /\d+ (?:\w+ )?(?:passed|passing|examples?)\b|\b(?:pass|passed|tests run):? *\d|^Ran \d+ tests?/i;
const FAILED_TEST = /^[ \t]*(?:-+ FAIL|FAIL|not ok|✗|✖|×|✕)/gm;
const ERROR =
  /error|exception|fatal|fail|cannot|can't|not found|no such|denied|refused|unexpected|invalid|missing|panic|timed out/gi;
const NO_ERROR = /\b(?:0|no) (?:errors?|fail)/i;

export type CommandEnd = Pick<RanCommand, "outcome" | "summary">;

/** The check that a command turned out to be: also one whose output is a report of tests, and none if no test ran. */
export function checkOf({ check, target, needsText }: ToolCall, output: string): CheckRun | null {
  const end = plain(output.slice(-MAX_END_CHARS));
  if (check?.kind === "test" && NO_TESTS.test(end)) {
    const others = end.replace(/^.*\[no tests? (?:to run|files)\].*$|^\?.*no test files.*$/gm, "");
    if (!REPORT.test(others)) return null;
  }
  if (check !== null || needsText !== "problems" || !REPORT.test(end)) return check;
  const [text = "", ...more] = simpleCommands(target).map((command) => command.text);
  return {
    kind: "test",
    text: more.length === 0 ? text : target,
    folder: "",
    hasExitCode: true,
    runner: text,
    isScript: false,
    filters: [],
    paths: [],
  };
}

/**
 * Decides how a command ended and picks the line that shows it: the counts of a test run, else the first failed test or
 * error.
 *
 * @param exitCode - the client's words for a failure, such as "Exit code 1"; undefined if it reports success
 */
export function judge(call: ToolCall, output: string, exitCode?: string): CommandEnd {
  const isTest = call.check?.kind === "test";
  const end = plain(output.slice(-MAX_END_CHARS));
  const counts = isTest ? testCounts(end) : undefined;
  // A pipe or `|| true` hides a failure from the client, but the output still shows it.
  const printsOutcome = call.printsOutcome && /[1-9]\d*\s*$/.test(end.slice(-100));
  const isHidden = call.check?.hasExitCode === false && exitCode === undefined;
  const isBroken = isHidden && counts === undefined && BROKEN.test(end);
  const hasProblems = call.check !== null && (isBroken || (isTest ? FAIL : PROBLEMS).test(end));
  const hasFailed = exitCode !== undefined || printsOutcome || hasProblems;
  const isProven = !isHidden || REPORT.test(end) || WHOLE_COUNTS.test(counts ?? "") || FAILURES.test(counts ?? "");
  if (counts !== undefined && isProven && (!hasFailed || FAILURES.test(counts))) {
    return { outcome: FAILURES.test(counts) ? "failed" : "passed", summary: short(counts) };
  }
  if (!hasFailed) {
    const isKnown = !isHidden || (call.printsOutcome && /\b0\s*$/.test(end.slice(-100)));
    return { outcome: isKnown ? "passed" : "unknown", summary: null };
  }
  const beginning = plain(output);
  const failure = isTest ? linesWith(FAILED_TEST, beginning).next().value : undefined;
  const error = firstError(beginning);
  const last = end.trimEnd();
  return { outcome: "failed", summary: short(failure ?? error ?? (lineAt(last, last.length) || (exitCode ?? ""))) };
}

function firstError(text: string): string | undefined {
  for (const line of linesWith(ERROR, text)) if (!NO_ERROR.test(line)) return line;
  return undefined;
}

function testCounts(text: string): string | undefined {
  // Node's own runner and others print each count on its own line.
  const tap = [...text.matchAll(TAP_COUNTS)].map((match) => match[1]);
  return tap.length < 2 ? [...linesWith(COUNTS, text)].at(-1) : tap.slice(-2).join(", ");
}

/** Each line with a match, once. */
function* linesWith(pattern: RegExp, text: string): Generator<string, undefined> {
  let end = -1;
  for (const { index } of text.matchAll(pattern)) {
    if (index < end) continue;
    yield lineAt(text, index);
    end = text.indexOf("\n", index);
    if (end === -1) return;
  }
}

function lineAt(text: string, index: number): string {
  const begin = text.lastIndexOf("\n", index - 1) + 1;
  const [line = ""] = text.slice(begin, begin + MAX_LINE_CHARS + 1).split("\n", 1);
  return withoutFrame(clip(line, MAX_LINE_CHARS));
}

/** Box-drawing characters and the like around a line. */
const FRAME = /[\s=─━│|*]/;

function withoutFrame(line: string): string {
  let [begin, end] = [0, line.length];
  while (begin < end && FRAME.test(line.charAt(begin))) begin++;
  while (end > begin && FRAME.test(line.charAt(end - 1))) end--;
  return line.slice(begin, end);
}

/** npm's advertisement of its own newer version, after whatever it ran. */
const NEWS_OF_NPM = /^npm notice\b.*\n?/gm;

/** Removes colours and npm's news, and normalises line ends. */
function plain(output: string): string {
  return output.replace(TERMINAL_SEQUENCE, "").replace(/\r/g, "\n").replace(NEWS_OF_NPM, "");
}

/** Shortens a text to one line of at most {@link MAX_SUMMARY_CHARS}. */
export function short(text: string): string {
  return clip(inOneLine(clip(text, 4 * MAX_SUMMARY_CHARS)), MAX_SUMMARY_CHARS);
}
