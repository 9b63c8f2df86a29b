// Decides which commands of a line surely ran, and which surely succeeded. It errs on the side of not knowing.

export type CommandEnd = "succeeded" | "ran" | "unknown";

/** The index of a command, or what stands between commands: an operator, a bracket, a keyword. */
export type Token = number | string;

export interface KnownEnd {
  readonly end: CommandEnd;
  readonly shells: readonly number[];
}

/** Commands and brackets that are joined by `&&`, `||` and pipes. */
interface Chain {
  readonly parts: { readonly part: number | Group; next: string }[];
}
interface Group {
  readonly chains: Chain[];
  /** null for `{ … }`, which is no shell of its own. */
  readonly shell: number | null;
}

/** What is known of each command, by its index, if the whole line succeeded. */
export function whatIsKnown(tokens: readonly Token[]): ReadonlyMap<number, KnownEnd> {
  const known = new Map<number, KnownEnd>();
  const root: Group = { chains: [{ parts: [] }], shell: null };
  const open = [root];
  let shells = 0;
  // Within `if`, a loop and the like, and after `exit` or the beginning of a function, nothing is known.
  let depth = 0;
  let isLost = false;
  let last: Token = "";
  const unsure = new Set<number>();
  for (const token of tokens) {
    const group = open.at(-1) ?? root;
    const chain = group.chains.at(-1) as Chain;
    if (typeof token === "number") {
      if (depth > 0 || isLost) unsure.add(token);
      chain.parts.push({ part: token, next: "" });
    } else if (token === "(" || token === "{") {
      // `name() {`: a function may run later, or never.
      if (typeof last === "number" && token === "(") isLost = true;
      const inner: Group = { chains: [{ parts: [] }], shell: token === "(" ? ++shells : null };
      chain.parts.push({ part: inner, next: "" });
      if (open.length < MAX_DEPTH) open.push(inner);
    } else if (token === ")" || token === "}") {
      if (open.length > 1) open.pop();
    } else if (/^(?:if|while|until|for|case|select|function)$/.test(token)) depth++;
    else if (/^(?:fi|done|esac)$/.test(token)) depth = Math.max(0, depth - 1);
    else if (/^(?:exit|return|exec|break|continue|!)$/.test(token)) isLost = true;
    else if (OPERATOR.test(token)) {
      const before = chain.parts.at(-1);
      // A line may end after `&&`.
      if (token === "\n" && /^(?:&&|\|)/.test(before?.next ?? "")) continue;
      if (before !== undefined) before.next = token;
      if (!/^(?:&&|\|\||\|&?)$/.test(token) && before !== undefined) group.chains.push({ parts: [] });
    }
    if (token !== "\n") last = token;
  }
  mark(root, "succeeded", [], (index, each) => {
    known.set(index, unsure.has(index) ? { ...each, end: "unknown" } : each);
  });
  return known;
}

/** Deeper brackets are read as if they were closed. */
const MAX_DEPTH = 20;
const OPERATOR = /^(?:&&|\|\||\|&?|&|;;?|\n)$/;

function mark(
  { chains, shell }: Group,
  end: CommandEnd,
  around: readonly number[],
  found: (index: number, known: KnownEnd) => void,
): void {
  const shells = shell === null ? around : [...around, shell];
  const lists = chains.filter(({ parts }) => parts.length > 0);
  for (const [at, { parts }] of lists.entries()) {
    const isLast = at === lists.length - 1 && parts.at(-1)?.next !== "&";
    const hasOr = parts.some(({ next }) => next === "||");
    const firstAnd = parts.findIndex(({ next }) => next === "&&" || next === "||");
    for (const [place, { part, next }] of parts.entries()) {
      const isFirst = firstAnd === -1 || place <= firstAnd;
      // Of a pipe only the last command decides.
      const isPiped = next.startsWith("|") && next !== "||";
      const known = endOf(end, isLast && !hasOr, isFirst && !hasOr, isPiped);
      if (typeof part === "number") found(part, { end: known, shells });
      else mark(part, known, shells, found);
    }
  }
}

function endOf(whole: CommandEnd, decides: boolean, isFirst: boolean, isPiped: boolean): CommandEnd {
  if (whole === "unknown") return "unknown";
  if (decides && whole === "succeeded") return isPiped ? "ran" : "succeeded";
  return isFirst ? "ran" : "unknown";
}
