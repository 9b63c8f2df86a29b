import { styleText } from "node:util";

/** A step of the demo that did not do what it should. */
class StepFailed extends Error {
  override readonly name = "StepFailed";
}

type Style = Parameters<typeof styleText>[0];

/** Tells the demo as a story: who did what, how long it took, and what came of it. */
export class Story {
  #step = "the start";
  #stepStart = performance.now();
  readonly #start = performance.now();
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write;
  }

  /** What is going on, for when it fails. */
  get currentStep(): string {
    return this.#step;
  }

  chapter(title: string): void {
    this.#write(`\n${paint("bold", title)}\n`);
  }

  /** Runs one step and prints who did what, with its time. */
  async step<T>(who: string, what: string, run: () => Promise<T>): Promise<T> {
    this.#step = `${who}: ${what}`;
    this.#stepStart = performance.now();
    const result = await run();
    const time = `${Math.round(performance.now() - this.#stepStart)} ms`;
    this.#write(`  ${paint("magenta", who.padEnd(8))}${what.padEnd(56)}${paint("dim", time.padStart(8))}\n`);
    return result;
  }

  /** Prints what somebody was shown, shortened to the first lines. */
  quote(text: string, maxLines = 3): void {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    for (const line of lines.slice(0, maxLines)) {
      this.#write(`          ${paint("dim", "│")} ${shorten(line)}\n`);
    }
  }

  end(sentence: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1);
    this.#write(`\n${paint("green", "✔")} ${sentence} ${paint("dim", `(${seconds} s)`)}\n`);
  }
}

/** Fails the step that is going on. */
export function expect(isTrue: boolean, otherwise: string): asserts isTrue {
  if (!isTrue) throw new StepFailed(otherwise);
}

const MAX_LINE_CHARS = 76;

function shorten(line: string): string {
  return line.length <= MAX_LINE_CHARS ? line : `${line.slice(0, MAX_LINE_CHARS - 1)}…`;
}

function paint(style: Style, text: string): string {
  const isColoured = process.stdout.isTTY || process.env.FORCE_COLOR === "1";
  return isColoured && !process.env.NO_COLOR ? styleText(style, text, { validateStream: false }) : text;
}
