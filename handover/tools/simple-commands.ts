// Splits a command line into the commands it runs. It reads what a person would read; it is not a shell: a word that the
// shell would expand is marked, and nothing is decided on it.

import { type Program, programIn } from "./programs.ts";
import { type CommandEnd, type Token, whatIsKnown } from "./surely-ran.ts";

export interface Word {
  /** Without quotes. */
  readonly text: string;
  /** Whether the shell leaves it as it is. */
  readonly isPlain: boolean;
}

export interface SimpleCommand {
  readonly words: readonly Word[];
  /** null if it only sets variables or makes files. */
  readonly program: Program | null;
  /** The files that the output goes to. `2>&1` and the like are left out. */
  readonly outputs: readonly { readonly file: Word; readonly appends: boolean }[];
  /** The text of its here-documents. */
  readonly script: string;
  /** As it was written, without redirections. */
  readonly text: string;
  /** What follows it: `|`, `&&`, `&`, `;` …; empty at the end. */
  readonly next: string;
  /** What is known of it if the whole line succeeded: `ran`: it may have failed; `unknown`: it may not have run. */
  readonly end: CommandEnd;
  /** The brackets around it, each a shell of its own, from the outside. */
  readonly shells: readonly number[];
}

/** A longer command line is cut: only a script can be so long. In UTF-16 code units. */
const MAX_CHARS = 20_000;

/** Characters that mean nothing to a shell. */
const ORDINARY = /[\w./:=,@%+^-]+/y;
const OPERATOR = /^(?:&&|\|\||\|&|;;|[|;&\n(){}])/;
const REDIRECTION = /^(?:\d*|&)(?:>>|>\||>&|>|<<<|<<-?|<&|<)/;
const KEYWORD = /^(?:if|then|do|else|elif|while|until|time|!)$/;
/** Conditions that are written with `<`, `>` and `&&` of their own. */
const CONDITION = /\[\[\s[^\n]*?\s\]\](?=[\s;&|)]|$)|\(\([^\n]*?\)\)/y;

/** @param isPowerShell - a backslash is then an ordinary character */
export function simpleCommands(line: string, isPowerShell = false): SimpleCommand[] {
  return new Splitter(line.slice(0, MAX_CHARS), isPowerShell).split();
}

class Splitter {
  readonly #line: string;
  readonly #escape: string;
  #at = 0;
  readonly #commands: Omit<SimpleCommand, "end" | "shells">[] = [];
  readonly #tokens: Token[] = [];
  #words: Word[] = [];
  #outputs: { file: Word; appends: boolean }[] = [];
  #texts: string[] = [];
  /** Here-documents whose text begins on the next line. */
  #awaited: { readonly end: string; readonly command: number }[] = [];
  readonly #scripts = new Map<number, string>();

  constructor(line: string, isPowerShell: boolean) {
    this.#line = line;
    this.#escape = isPowerShell ? "`" : "\\";
  }

  split(): SimpleCommand[] {
    while (this.#at < this.#line.length) this.#step();
    this.#end("");
    const known = whatIsKnown(this.#tokens);
    return this.#commands.map((command, index) => ({
      ...command,
      ...(known.get(index) ?? { end: "unknown", shells: [] }),
      script: this.#scripts.get(index) ?? "",
    }));
  }

  #step(): void {
    const rest = this.#line.slice(this.#at, this.#at + 8);
    const char = rest.charAt(0);
    if (char !== "\n" && /\s/.test(char)) this.#at++;
    else if (rest.startsWith(`${this.#escape}\n`)) this.#at += 2;
    else if (char === "#") this.#at = this.#lineEnd();
    else if (this.#words.length === 0 && this.#condition()) return;
    else if (REDIRECTION.test(rest)) this.#redirect(REDIRECTION.exec(rest)?.[0] ?? "");
    else if (OPERATOR.test(rest) && !/^[{}]\S/.test(rest)) {
      const [operator = ""] = OPERATOR.exec(rest) ?? [];
      this.#at += operator.length;
      this.#end(operator);
      if (operator === "\n") this.#readScripts();
    } else {
      const begin = this.#at;
      const word = this.#word();
      if (this.#words.length === 0 && KEYWORD.test(word.text)) {
        this.#tokens.push(word.text);
        return;
      }
      this.#words.push(word);
      this.#texts.push(this.#line.slice(begin, this.#at));
    }
  }

  /** Moves behind a condition, and keeps it as a command. */
  #condition(): boolean {
    CONDITION.lastIndex = this.#at;
    const [text = ""] = CONDITION.exec(this.#line) ?? [];
    if (text === "") return false;
    this.#at += text.length;
    this.#words.push({ text: text.slice(0, 2), isPlain: true });
    this.#texts.push(text);
    return true;
  }

  #redirect(operator: string): void {
    this.#at += operator.length;
    while (this.#line.charAt(this.#at) === " ") this.#at++;
    if (/^[<>]?\(/.test(this.#line.slice(this.#at, this.#at + 1))) return;
    const word = this.#word();
    if (operator.startsWith("<<") && operator !== "<<<") {
      this.#awaited.push({ end: word.text, command: this.#commands.length });
    } else if (operator.includes(">") && !operator.endsWith(">&") && !operator.startsWith("2")) {
      this.#outputs.push({ file: word, appends: operator.endsWith(">>") });
    }
  }

  #word(): Word {
    let text = "";
    let isPlain = true;
    for (; this.#at < this.#line.length; this.#at++) {
      ORDINARY.lastIndex = this.#at;
      const [run = ""] = ORDINARY.exec(this.#line) ?? [];
      text += run;
      this.#at += run.length;
      const char = this.#line.charAt(this.#at);
      if (char === "" || /[\s;&|<>()]/.test(char)) break;
      const skipped = this.#quoted(char);
      if (skipped === null) {
        text += char;
        isPlain &&= !/[*?[\]{}~$!…]/.test(char);
      } else {
        text += skipped.text;
        isPlain &&= skipped.isPlain;
      }
    }
    if (text === "" && this.#at < this.#line.length && !/\s/.test(this.#line.charAt(this.#at))) this.#at++;
    return { text, isPlain };
  }

  /** Reads quotes, an escaped character or a substitution up to its last character. */
  #quoted(char: string): Word | null {
    if (char === this.#escape) return { text: this.#line.charAt(++this.#at), isPlain: true };
    if (char === "'") return { text: this.#upTo("'"), isPlain: true };
    if (char === '"') {
      const begin = this.#at + 1;
      while (++this.#at < this.#line.length && this.#line.charAt(this.#at) !== '"') {
        if (this.#line.charAt(this.#at) === this.#escape) this.#at++;
        else if (this.#line.startsWith("$(", this.#at)) this.#substitution();
      }
      const text = this.#line.slice(begin, this.#at);
      return { text: text.replace(/\\(["\\$`])/g, "$1"), isPlain: !/[$`]/.test(text) };
    }
    if (char === "`") return { text: this.#upTo("`"), isPlain: false };
    if (char !== "$" || this.#line.charAt(this.#at + 1) !== "(") return null;
    const begin = this.#at;
    this.#substitution();
    return { text: this.#line.slice(begin, this.#at + 1), isPlain: false };
  }

  #upTo(quote: string): string {
    const begin = this.#at + 1;
    const end = this.#line.indexOf(quote, begin);
    this.#at = end === -1 ? this.#line.length : end;
    return this.#line.slice(begin, this.#at);
  }

  /** Moves from `$(` to the bracket that closes it. */
  #substitution(): void {
    for (let depth = 0; this.#at < this.#line.length; this.#at++) {
      const char = this.#line.charAt(this.#at);
      if (char === "(") depth++;
      if (char === ")" && --depth === 0) return;
    }
  }

  #readScripts(): void {
    for (const { end, command } of this.#awaited) {
      const lines: string[] = [];
      while (this.#at < this.#line.length) {
        const lineEnd = this.#lineEnd();
        const line = this.#line.slice(this.#at, lineEnd);
        this.#at = lineEnd + 1;
        if (line.trim() === end) break;
        lines.push(line);
      }
      this.#scripts.set(command, lines.join("\n"));
    }
    this.#awaited = [];
  }

  #lineEnd(): number {
    const end = this.#line.indexOf("\n", this.#at);
    return end === -1 ? this.#line.length : end;
  }

  #end(next: string): void {
    if (this.#words.length > 0 || this.#outputs.length > 0) {
      const [words, outputs, text] = [this.#words, this.#outputs, this.#texts.join(" ")];
      const program = programIn(words.map((word) => word.text));
      this.#tokens.push(this.#commands.length);
      this.#commands.push({ words, program, outputs, script: "", text, next });
      if (program !== null) this.#tokens.push(...ofCompound(program.path));
    }
    if (next !== "") this.#tokens.push(next);
    [this.#words, this.#outputs, this.#texts] = [[], [], []];
  }
}

/** Words that begin or end a compound command, but are read as programs. */
function ofCompound(word: string): string[] {
  return /^(?:for|case|select|function|fi|done|esac|exit|return|exec|break|continue)$/.test(word) ? [word] : [];
}
