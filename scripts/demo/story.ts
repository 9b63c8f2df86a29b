import { styleText } from "node:util";

/** A step of the demo had the wrong result. */
class StepFailed extends Error {
  override readonly name = "StepFailed";
}

type Style = Parameters<typeof styleText>[0];

/** Widths of the columns: who, what, how long. Like the quotes, narrow enough for the picture in the README. */
const WHO_CHARS = 8;
const WHAT_CHARS = 52;
const TIME_CHARS = 9;
const QUOTE_CHARS = 62;

/** Prints the demo as a story: who did what, how long it took, and the result. */
export class Story {
  #step = { who: "", what: "the start" };
  readonly #start = performance.now();
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write;
  }

  chapter(title: string): void {
    this.#write(`\n${paint("bold", title)}\n`);
  }

  /** Runs one step and prints who did what, with its time. */
  async step<T>(who: string, what: string, run: () => Promise<T>): Promise<T> {
    this.#step = { who, what };
    const start = performance.now();
    const result = await run();
    const time = `${Math.round(performance.now() - start)} ms`;
    this.#write(`  ${column(who)}${what.padEnd(WHAT_CHARS)}${paint("dim", time.padStart(TIME_CHARS))}\n`);
    return result;
  }

  /** Prints the first two lines of a text, shortened and without Markdown. */
  quote(text: string): void {
    const lines = text
      .split("\n")
      .map((line) => line.replace(/^(?:#+|>|-) /, "").trim())
      .filter((line) => line !== "");
    for (const line of lines.slice(0, 2)) this.#write(`  ${" ".repeat(WHO_CHARS)}${paint("cyan", shorten(line))}\n`);
  }

  end(sentence: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1);
    this.#write(`\n${paint("green", "✔")} ${sentence}. ${paint("dim", `${seconds} s`)}\n`);
  }

  /** Prints the current step and why it failed. */
  fail(error: unknown): void {
    const { who, what } = this.#step;
    const reason = error instanceof Error ? error.message : String(error);
    this.#write(
      `  ${column(who)}${what}\n\n${paint("red", "✘")} This step failed: ${[who, what].join(": ")}\n${reason}\n`,
    );
  }
}

/** Fails the current step if the condition is false. */
export function expect(isTrue: boolean, otherwise: string): asserts isTrue {
  if (!isTrue) throw new StepFailed(otherwise);
}

function column(who: string): string {
  return paint("magenta", who.padEnd(WHO_CHARS));
}

function shorten(line: string): string {
  return line.length <= QUOTE_CHARS ? line : `${line.slice(0, QUOTE_CHARS - 1)}…`;
}

/** Uses colours only on a terminal, and not if NO_COLOR is set. */
function paint(style: Style, text: string): string {
  const isColoured = process.env.FORCE_COLOR ? process.env.FORCE_COLOR !== "0" : process.stdout.isTTY;
  return isColoured && !process.env.NO_COLOR ? styleText(style, text, { validateStream: false }) : text;
}
