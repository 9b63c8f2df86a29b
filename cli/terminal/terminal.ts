/** Whether both stdin and stdout are a terminal, so that questions can be asked. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Width of the terminal in columns, 80 if it does not say; a pipe gets whole lines. */
export function columns(): number {
  return process.stdout.isTTY ? Math.max(process.stdout.columns || 80, 40) : Number.POSITIVE_INFINITY;
}

export function bold(text: string): string {
  return painted(text, 1, 22);
}

export function dim(text: string): string {
  return painted(text, 2, 22);
}

export function green(text: string): string {
  return painted(text, 32, 39);
}

export function yellow(text: string): string {
  return painted(text, 33, 39);
}

export function red(text: string): string {
  return painted(text, 31, 39);
}

/** Colours only at a terminal: https://no-color.org. */
function painted(text: string, on: number, off: number): string {
  const hasColours = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
  return hasColours ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}
