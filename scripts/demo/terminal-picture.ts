import { stripVTControlCharacters } from "node:util";

/** A terminal cell in pixels. A monospaced letter is about 0.6 times as wide as its size; `textLength` corrects the rest. */
const FONT_SIZE = 14;
const CHAR_WIDTH = 8.4;
const LINE_HEIGHT = 21;

const PADDING = 24;
const TITLE_BAR = 40;
const FONT = "ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace";

const COLOURS = {
  background: "#16181d",
  titleBar: "#21252c",
  text: "#d7dae0",
  dim: "#868c98",
  red: "#ff7b72",
  green: "#7ee787",
  yellow: "#e3b341",
  blue: "#79c0ff",
  magenta: "#d2a8ff",
  cyan: "#89dceb",
} as const;
type Colour = keyof typeof COLOURS;

const SGR_COLOURS: ReadonlyMap<number, Colour> = new Map([
  [31, "red"],
  [32, "green"],
  [33, "yellow"],
  [34, "blue"],
  [35, "magenta"],
  [36, "cyan"],
]);

interface Style {
  readonly colour: Colour;
  readonly isBold: boolean;
}

/** Text in one style, with its column. */
interface Span extends Style {
  readonly column: number;
  readonly text: string;
}

const PLAIN: Style = { colour: "text", isBold: false };

/**
 * Draws terminal output as a self-contained SVG picture.
 *
 * @param output - text with ANSI colours: bold, dim and the six basic colours; others are drawn as plain text
 */
export function terminalPicture(output: string, title: string): string {
  const lines = output.replace(/\n+$/, "").split("\n");
  const columns = Math.max(...lines.map((line) => stripVTControlCharacters(line).length));
  const width = Math.ceil(columns * CHAR_WIDTH + 2 * PADDING);
  const height = TITLE_BAR + lines.length * LINE_HEIGHT + PADDING;
  const dots = ["red", "yellow", "green"] as const;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="10" fill="${COLOURS.background}"/>`,
    `<path d="M0 ${TITLE_BAR - 8}V10a10 10 0 0 1 10-10H${width - 10}a10 10 0 0 1 10 10V${TITLE_BAR - 8}z" fill="${COLOURS.titleBar}"/>`,
    ...dots.map((colour, index) => `<circle cx="${20 + index * 20}" cy="16" r="6" fill="${COLOURS[colour]}"/>`),
    `<g font-family="${FONT}" font-size="${FONT_SIZE}" fill="${COLOURS.text}" xml:space="preserve">`,
    ...lines.flatMap((line, index) => spansOf(line).map((span) => drawn(span, index))),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function drawn({ column, text, colour, isBold }: Span, line: number): string {
  const x = round(PADDING + column * CHAR_WIDTH);
  const y = round(TITLE_BAR + line * LINE_HEIGHT + FONT_SIZE);
  // Keeps the columns aligned with any font.
  const length = round(text.length * CHAR_WIDTH);
  const look = `${colour === "text" ? "" : ` fill="${COLOURS[colour]}"`}${isBold ? ' font-weight="bold"' : ""}`;
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${look}>${escaped(text)}</text>`;
}

/** Splits a line into pieces of the same style, without the spaces around them. */
function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let style = PLAIN;
  let column = 0;
  // Every second piece is the code between `ESC [` and `m`.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes begin with it
  for (const [index, piece] of line.split(/\u001b\[([\d;]*)m/).entries()) {
    if (index % 2 === 1) {
      for (const code of piece.split(";")) style = afterCode(style, Number(code));
      continue;
    }
    // A gap of two spaces or more separates columns.
    for (const { 0: text, index: offset } of piece.matchAll(/\S+(?: \S+)*/g)) {
      spans.push({ ...style, column: column + offset, text });
    }
    column += piece.length;
  }
  return spans;
}

function afterCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, colour: "dim" };
  if (code === 22) return { colour: style.colour === "dim" ? "text" : style.colour, isBold: false };
  if (code === 39) return { ...style, colour: "text" };
  return { ...style, colour: SGR_COLOURS.get(code) ?? style.colour };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
