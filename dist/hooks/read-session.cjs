"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: !0 });
}, __copyProps = (to, from, except, desc) => {
  if (from && typeof from == "object" || typeof from == "function")
    for (let key of __getOwnPropNames(from))
      !__hasOwnProp.call(to, key) && key !== except && __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: !0 }), mod);

// hooks/read-session.ts
var read_session_exports = {};
__export(read_session_exports, {
  NO_FACTS: () => NO_FACTS,
  covers: () => covers,
  factsFromTranscript: () => factsFromTranscript,
  isSubstantial: () => isSubstantial,
  mayHoldFacts: () => mayHoldFacts,
  onlyLooks: () => onlyLooks,
  simpleCommands: () => simpleCommands,
  transcriptLines: () => transcriptLines,
  weightOf: () => weightOf,
  withSubagents: () => withSubagents,
  withoutAssignments: () => withoutAssignments,
  withoutPaste: () => withoutPaste
});
module.exports = __toCommonJS(read_session_exports);

// handover/tools/programs.ts
var WRAPPERS = new Map([
  ...[
    "sudo",
    "env",
    "nohup",
    "command",
    "exec",
    "npx",
    "bunx",
    "uvx",
    "pipx",
    "xvfb-run",
    "cross-env",
    "corepack",
    "nice"
  ].map((name) => [name, 0]),
  ...["doas", "stdbuf", "winpty", "caffeinate", "unbuffer", "dotenv", "xargs", "time", "eval", "poe"].map(
    (name) => [name, 0]
  ),
  ...["timeout", "gtimeout"].map((name) => [name, 1])
]), VALUED = /^(?:-[CFnpwPfeu]|--(?:filter|with|with-editable|extra|group|python|package|workspace|prefix|cwd|dir|directory|project|manifest-path|env|env-file|file|user|workdir|profile|node-options|scope))$/;
function programIn(words) {
  let rest = words.slice(words.findIndex((word) => !/^(?:\w+=|\$env:)/.test(word)));
  if (words.every((word) => /^\w+=/.test(word))) return null;
  for (let round = 0; round < 5; round++) {
    let name = nameOf(rest[0] ?? ""), wrapped = WRAPPERS.get(name);
    if (wrapped === void 0) return name === "" ? null : { name, path: rest[0] ?? "", args: rest.slice(1) };
    rest = withoutOptions(rest.slice(1)).slice(wrapped);
  }
  return null;
}
function withoutOptions(words) {
  return words.slice(afterOptions(words, 0));
}
function afterOptions(words, at) {
  let next = at;
  for (; next < words.length; next++) {
    let word = words[next] ?? "";
    if (word === "--") return next + 1;
    if (VALUED.test(word)) next++;
    else if (!/^-|^\w+=/.test(word)) break;
  }
  return next;
}
function withoutAssignments(line) {
  return line.replace(ASSIGNMENTS, "$1").trim();
}
var ASSIGNMENTS = /(^|[;&|\n(][ \t]*|\b(?:env|export)[ \t]+)(?:\w+=(?:"(?:[^"\\]|\\[\s\S])*(?:"|$)|'[^']*(?:'|$)|\$\([^()]*\)|\$(?!\([^()]*\))|[^\s"';&|$])*(?:[ \t]+|(?=[;&|\n)]|$)))+/g;
function nameOf(word) {
  return (word.split(/[\\/]/).at(-1) ?? "").replace(/\.(?:exe|cmd|bat|ps1)$/i, "").toLowerCase();
}
function wordSet(...lines) {
  return new Set(lines.flatMap((line) => line.split(" ")));
}
var LOOKS = wordSet(
  "ls ll dir cat bat head tail less more grep egrep fgrep rg ag find fd tree which where type wc sort uniq cut tr",
  "jq yq diff cmp stat file du df pwd cd pushd popd echo printf test [ [[ true false : sleep wait pgrep pkill",
  "kill killall taskkill ps top lsof ss netstat ping env export set source . date whoami hostname uname id",
  "history man open xdg-open ping nc dig nslookup exit return test-path stop-process resolve-path set-location",
  "fuser jobs fg bg read seq basename dirname realpath readlink md5sum sha256sum xxd od strings for done fi esac",
  "case in local declare unset trap ulimit alias nl column paste comm"
), LOOKING_CMDLETS = /^(?:get-\w+|select-\w+|write-(?:output|host)|measure-\w+)$/, LOOKING_VERBS = /* @__PURE__ */ new Map([
  [
    "git",
    /^(?:status|diff|log|show|branch|remote|rev-parse|ls-files|ls-tree|blame|describe|reflog|config|shortlog|fetch|grep|cat-file|worktree|stash|check-ignore|add|tag)$/
  ],
  ["gh", /^(?:pr|issue|run|api|repo|auth|search|workflow)$/],
  ["docker", /^(?:ps|images|logs|inspect|stats|version|info|port|top|stop|kill|rm|rmi)$/],
  ["kubectl", /^(?:get|describe|logs|top|version)$/],
  ["npm", /^(?:ls|list|view|outdated|audit|config|root|prefix|why|explain|-v|--version)$/],
  ["systemctl", /^(?:status|is-active|list-units)$/]
]);
function onlyLooks({ name, args }) {
  return LOOKS.has(name) || LOOKING_CMDLETS.test(name) || args.some((word) => word === "--version" || word === "--help") ? !0 : name === "sed" ? !args.some((word) => /^(?:-[a-zA-Z]*i|--in-place)/.test(word)) : name === "awk" || name === "curl" ? !args.some((word) => /^(?:-[sSfLk]*[oO]$|--output|-i$)/.test(word)) : LOOKING_VERBS.get(name)?.test(withoutOptions(args)[0] ?? "") ?? !1;
}

// handover/tools/surely-ran.ts
function whatIsKnown(tokens) {
  let known = /* @__PURE__ */ new Map(), root = { chains: [{ parts: [] }], shell: null }, open2 = [root], shells = 0, depth = 0, isLost = !1, last = "", unsure = /* @__PURE__ */ new Set();
  for (let token of tokens) {
    let group = open2.at(-1) ?? root, chain = group.chains.at(-1);
    if (typeof token == "number")
      (depth > 0 || isLost) && unsure.add(token), chain.parts.push({ part: token, next: "" });
    else if (token === "(" || token === "{") {
      typeof last == "number" && token === "(" && (isLost = !0);
      let inner2 = { chains: [{ parts: [] }], shell: token === "(" ? ++shells : null };
      chain.parts.push({ part: inner2, next: "" }), open2.length < MAX_DEPTH && open2.push(inner2);
    } else if (token === ")" || token === "}")
      open2.length > 1 && open2.pop();
    else if (/^(?:if|while|until|for|case|select|function)$/.test(token)) depth++;
    else if (/^(?:fi|done|esac)$/.test(token)) depth = Math.max(0, depth - 1);
    else if (/^(?:exit|return|exec|break|continue|!)$/.test(token)) isLost = !0;
    else if (OPERATOR.test(token)) {
      let before = chain.parts.at(-1);
      if (token === `
` && /^(?:&&|\|)/.test(before?.next ?? "")) continue;
      before !== void 0 && (before.next = token), !/^(?:&&|\|\||\|&?)$/.test(token) && before !== void 0 && group.chains.push({ parts: [] });
    }
    token !== `
` && (last = token);
  }
  return mark(root, "succeeded", [], (index, each) => {
    known.set(index, unsure.has(index) ? { ...each, end: "unknown" } : each);
  }), known;
}
var MAX_DEPTH = 20, OPERATOR = /^(?:&&|\|\||\|&?|&|;;?|\n)$/;
function mark({ chains, shell }, end, around, found) {
  let shells = shell === null ? around : [...around, shell], lists = chains.filter(({ parts }) => parts.length > 0);
  for (let [at, { parts }] of lists.entries()) {
    let isLast = at === lists.length - 1 && parts.at(-1)?.next !== "&", hasOr = parts.some(({ next }) => next === "||"), firstAnd = parts.findIndex(({ next }) => next === "&&" || next === "||");
    for (let [place, { part, next }] of parts.entries()) {
      let isFirst = firstAnd === -1 || place <= firstAnd, isPiped = next.startsWith("|") && next !== "||", known = endOf(end, isLast && !hasOr, isFirst && !hasOr, isPiped);
      typeof part == "number" ? found(part, { end: known, shells }) : mark(part, known, shells, found);
    }
  }
}
function endOf(whole, decides, isFirst, isPiped) {
  return whole === "unknown" ? "unknown" : decides && whole === "succeeded" ? isPiped ? "ran" : "succeeded" : isFirst ? "ran" : "unknown";
}

// handover/tools/simple-commands.ts
var MAX_CHARS = 2e4, ORDINARY = /[\w./:=,@%+^-]+/y, OPERATOR2 = /^(?:&&|\|\||\|&|;;|[|;&\n(){}])/, REDIRECTION = /^(?:\d*|&)(?:>>|>\||>&|>|<<<|<<-?|<&|<)/, KEYWORD = /^(?:if|then|do|else|elif|while|until|time|!)$/, CONDITION = /\[\[\s[^\n]*?\s\]\](?=[\s;&|)]|$)|\(\([^\n]*?\)\)/y;
function simpleCommands(line, isPowerShell = !1) {
  return new Splitter(line.slice(0, MAX_CHARS), isPowerShell).split();
}
var Splitter = class {
  #line;
  #escape;
  #at = 0;
  #commands = [];
  #tokens = [];
  #words = [];
  #outputs = [];
  #texts = [];
  /** Here-documents whose text begins on the next line. */
  #awaited = [];
  #scripts = /* @__PURE__ */ new Map();
  constructor(line, isPowerShell) {
    this.#line = line, this.#escape = isPowerShell ? "`" : "\\";
  }
  split() {
    for (; this.#at < this.#line.length; ) this.#step();
    this.#end("");
    let known = whatIsKnown(this.#tokens);
    return this.#commands.map((command, index) => ({
      ...command,
      ...known.get(index) ?? { end: "unknown", shells: [] },
      script: this.#scripts.get(index) ?? ""
    }));
  }
  #step() {
    let rest = this.#line.slice(this.#at, this.#at + 8), char = rest.charAt(0);
    if (char !== `
` && /\s/.test(char)) this.#at++;
    else if (rest.startsWith(`${this.#escape}
`)) this.#at += 2;
    else if (char === "#") this.#at = this.#lineEnd();
    else {
      if (this.#words.length === 0 && this.#condition()) return;
      if (REDIRECTION.test(rest)) this.#redirect(REDIRECTION.exec(rest)?.[0] ?? "");
      else if (OPERATOR2.test(rest) && !/^[{}]\S/.test(rest)) {
        let [operator = ""] = OPERATOR2.exec(rest) ?? [];
        this.#at += operator.length, this.#end(operator), operator === `
` && this.#readScripts();
      } else {
        let begin = this.#at, word = this.#word();
        if (this.#words.length === 0 && KEYWORD.test(word.text)) {
          this.#tokens.push(word.text);
          return;
        }
        this.#words.push(word), this.#texts.push(this.#line.slice(begin, this.#at));
      }
    }
  }
  /** Moves behind a condition, and keeps it as a command. */
  #condition() {
    CONDITION.lastIndex = this.#at;
    let [text = ""] = CONDITION.exec(this.#line) ?? [];
    return text === "" ? !1 : (this.#at += text.length, this.#words.push({ text: text.slice(0, 2), isPlain: !0 }), this.#texts.push(text), !0);
  }
  #redirect(operator) {
    for (this.#at += operator.length; this.#line.charAt(this.#at) === " "; ) this.#at++;
    if (/^[<>]?\(/.test(this.#line.slice(this.#at, this.#at + 1))) return;
    let word = this.#word();
    operator.startsWith("<<") && operator !== "<<<" ? this.#awaited.push({ end: word.text, command: this.#commands.length }) : operator.includes(">") && !operator.endsWith(">&") && !operator.startsWith("2") && this.#outputs.push({ file: word, appends: operator.endsWith(">>") });
  }
  #word() {
    let text = "", isPlain = !0;
    for (; this.#at < this.#line.length; this.#at++) {
      ORDINARY.lastIndex = this.#at;
      let [run = ""] = ORDINARY.exec(this.#line) ?? [];
      text += run, this.#at += run.length;
      let char = this.#line.charAt(this.#at);
      if (char === "" || /[\s;&|<>()]/.test(char)) break;
      let skipped = this.#quoted(char);
      skipped === null ? (text += char, isPlain &&= !/[*?[\]{}~$!…]/.test(char)) : (text += skipped.text, isPlain &&= skipped.isPlain);
    }
    return text === "" && this.#at < this.#line.length && !/\s/.test(this.#line.charAt(this.#at)) && this.#at++, { text, isPlain };
  }
  /** Reads quotes, an escaped character or a substitution up to its last character. */
  #quoted(char) {
    if (char === this.#escape) return { text: this.#line.charAt(++this.#at), isPlain: !0 };
    if (char === "'") return { text: this.#upTo("'"), isPlain: !0 };
    if (char === '"') {
      let begin2 = this.#at + 1;
      for (; ++this.#at < this.#line.length && this.#line.charAt(this.#at) !== '"'; )
        this.#line.charAt(this.#at) === this.#escape ? this.#at++ : this.#line.startsWith("$(", this.#at) && this.#substitution();
      let text = this.#line.slice(begin2, this.#at);
      return { text: text.replace(/\\(["\\$`])/g, "$1"), isPlain: !/[$`]/.test(text) };
    }
    if (char === "`") return { text: this.#upTo("`"), isPlain: !1 };
    if (char !== "$" || this.#line.charAt(this.#at + 1) !== "(") return null;
    let begin = this.#at;
    return this.#substitution(), { text: this.#line.slice(begin, this.#at + 1), isPlain: !1 };
  }
  #upTo(quote) {
    let begin = this.#at + 1, end = this.#line.indexOf(quote, begin);
    return this.#at = end === -1 ? this.#line.length : end, this.#line.slice(begin, this.#at);
  }
  /** Moves from `$(` to the bracket that closes it. */
  #substitution() {
    for (let depth = 0; this.#at < this.#line.length; this.#at++) {
      let char = this.#line.charAt(this.#at);
      if (char === "(" && depth++, char === ")" && --depth === 0) return;
    }
  }
  #readScripts() {
    for (let { end, command } of this.#awaited) {
      let lines = [];
      for (; this.#at < this.#line.length; ) {
        let lineEnd = this.#lineEnd(), line = this.#line.slice(this.#at, lineEnd);
        if (this.#at = lineEnd + 1, line.trim() === end) break;
        lines.push(line);
      }
      this.#scripts.set(command, lines.join(`
`));
    }
    this.#awaited = [];
  }
  #lineEnd() {
    let end = this.#line.indexOf(`
`, this.#at);
    return end === -1 ? this.#line.length : end;
  }
  #end(next) {
    if (this.#words.length > 0 || this.#outputs.length > 0) {
      let [words, outputs, text] = [this.#words, this.#outputs, this.#texts.join(" ")], program = programIn(words.map((word) => word.text));
      this.#tokens.push(this.#commands.length), this.#commands.push({ words, program, outputs, script: "", text, next }), program !== null && this.#tokens.push(...ofCompound(program.path));
    }
    next !== "" && this.#tokens.push(next), [this.#words, this.#outputs, this.#texts] = [[], [], []];
  }
};
function ofCompound(word) {
  return /^(?:for|case|select|function|fi|done|esac|exit|return|exec|break|continue)$/.test(word) ? [word] : [];
}

// handover/tools/check-run.ts
var TESTS = wordSet(
  "vitest jest mocha ava tap tape jasmine karma pytest py.test tox nox unittest nosetests nose2 rspec phpunit",
  "pest ctest gotestsum ginkgo bats invoke-pester behave robot cucumber testcafe nextest cypress playwright trial",
  "stestr paratest minitest busted prove bun:test"
), LINTS = wordSet(
  "eslint biome prettier ruff flake8 pylint black isort golangci-lint clippy shellcheck stylelint rubocop",
  "swiftlint ktlint hadolint markdownlint-cli2 markdownlint-cli markdownlint oxlint tslint standard xo knip",
  "clang-tidy phpcs phpstan psalm credo actionlint yamllint detekt checkstyle vale djlint staticcheck revive"
), TYPES = wordSet("tsc vue-tsc mypy pyright basedpyright pyre flow svelte-check pytype tsgo sorbet attw"), BUILDS = wordSet(
  "tsup webpack rollup esbuild cmake ninja xcodebuild msbuild javac gcc g++ clang latexmk hugo mkdocs"
), PACKAGE_MANAGERS = wordSet(
  "npm pnpm yarn bun deno hatch pdm poetry pipenv rye uv pixi bundle composer conda mamba micromamba"
), TASK_RUNNERS = wordSet(
  "mise rtx task go-task just make gmake nx turbo lerna rush moon gulp grunt rake invoke inv ant gradle gradlew",
  "mvn mvnw sbt bazel bazelisk buck2 buck pants earthly dagger mage tusk doit lein rebar3 wireit vp vite-plus ng"
), TOOLCHAINS = wordSet(
  "cargo go dotnet swift flutter dart mix zig stack cabal rails artisan manage node vite next ng crystal nim",
  "forge hardhat anchor sui elixir melos dune gleam sfdx sf"
), CONTAINERS = wordSet(
  "docker docker-compose podman podman-compose nerdctl kubectl devcontainer lxc vagrant wsl ssh nix nix-shell",
  "direnv devbox flox fly heroku distrobox toolbox"
), SHELLS = wordSet("bash sh zsh dash fish pwsh powershell cmd"), INTERPRETERS = /^(?:python[\d.]*|py|pypy3?|php|ruby|perl|elixir|tsx|ts-node|node|deno|bun)$/, BETWEEN = /^(?:run|run-script|rum|urn|exec|x|dlx|foreach|shell|affected|run-many|develop|watch|compose|-c|rum|do|tasks?)$/, NO_RUN = /^(?:--version|-v|--help|-h|--list|--listtests|--collect-only|--co|--showconfig|--init|install|show-report|codegen|open)$/i;
function checkIn(line, commands = simpleCommands(line), started) {
  if (!MAY_CHECK.test(line)) return null;
  let folders = /* @__PURE__ */ new Map([[0, ""]]), found = [];
  for (let command of commands) {
    let { program } = command;
    if (program === null) continue;
    let around = [0, ...command.shells].filter((shell) => folders.has(shell)).at(-1) ?? 0, folder = folders.get(around) ?? "";
    /^(?:cd|pushd|set-location)$/.test(program.name) ? folders.set(command.shells.at(-1) ?? 0, program.args.at(-1) ?? "~") : found.push(...checksOf(program, command, folder, started ?? { depth: 0, tries: { left: MAX_TRIES } }));
  }
  return RANKS.flatMap((kind) => found.findLast((check) => check.kind === kind) ?? [])[0] ?? null;
}
var RANKS = ["test", "types", "lint", "build"], MAY_CHECK = /test|spec|jest|pytest|tox|nox|mocha|ava|tap|lint|tsc|check|build|compile|e2e|mypy|pyright|biome|prettier|ruff|black|verify|clippy|\bt\b|make|cypress|playwright|karma|jasmine|bats|ginkgo|pester|behave|robot|cucumber|prove|rubocop|vet|package|assemble|gradle|mvn|webpack|rollup|tsup|cmake|ninja|xcodebuild|knip|validate|flake8|isort|types|phpstan|psalm|unit/i, MAX_DEPTH2 = 4, MAX_TRIES = 64;
function oneMore({ depth, tries }) {
  return depth < MAX_DEPTH2 && tries.left-- > 0 ? { depth: depth + 1, tries } : null;
}
function checksOf(program, command, folder, started) {
  let { name, args } = program, inner2 = SHELLS.has(name) ? args[args.findIndex((word) => /^-\w*c$|^-command$|^\/c$/i.test(word)) + 1] : void 0;
  if (inner2 !== void 0 && args.some((word) => /^-\w*c$|^-command$|^\/c$/i.test(word))) {
    let check = checkWithin(inner2, started);
    if (check === null) return [];
    let hasExitCode = check.hasExitCode && command.end === "succeeded";
    return [{ ...check, text: command.text, folder: folder || check.folder, hasExitCode }];
  }
  let kind = kindOf(program, started);
  return kind === null || args.some((word) => NO_RUN.test(word) && !(word === "-v" && kind.kind === "test")) ? [] : [{ ...kind, ...scopeOf(kind.rest), text: command.text, folder, hasExitCode: command.end === "succeeded" }];
}
function kindOf({ name, path, args }, started) {
  let rest = [...args], runner = (kind, more = rest) => ({ kind, runner: name, isScript: !1, rest: more });
  if (TESTS.has(name))
    return isListed(name, rest) ? runner(
      "test",
      rest.filter((word) => !/^(?:run|test)$/.test(word))
    ) : null;
  if (name === "biome" || name === "ruff")
    return /^(?:format)$/.test(rest[0] ?? "") ? null : runner("lint", rest.slice(1));
  if (/^(?:prettier|black|isort)$/.test(name))
    return rest.some((word) => /^(?:-c|--check|--check-only|-l|--list-different)$/.test(word)) ? runner("lint") : null;
  if (LINTS.has(name)) return runner("lint");
  if (TYPES.has(name)) return runner("types");
  if (name === "cmake") return rest.includes("--build") ? runner("build") : null;
  if (name === "xcodebuild") return runner(rest.some((word) => /^test/.test(word)) ? "test" : "build");
  if (BUILDS.has(name)) return runner("build");
  if (CONTAINERS.has(name)) return inContainer(name, rest, started);
  if (INTERPRETERS.test(name)) {
    let module2 = rest.indexOf("-m");
    if (module2 !== -1 && /^py/.test(name)) return inner(rest.slice(module2 + 1), started);
    if (/^node|^tsx/.test(name) && rest.includes("--test")) return { ...runner("test"), runner: "node --test" };
    if (/^(?:python|py|php|ruby|perl)/.test(name)) return fromScript(withoutOptions(rest));
    if (name !== "bun" && name !== "deno" && name !== "node") return null;
  }
  if (SHELLS.has(name)) return fromScript(withoutOptions(rest));
  if (PACKAGE_MANAGERS.has(name)) {
    let words = afterVerbs(rest), first = words[0] ?? "";
    return /^(?:test|t)$/.test(first) && /^(?:bun|deno)$/.test(name) ? { kind: "test", runner: name, isScript: !1, rest: words.slice(1) } : inner(words, started) ?? named(words, 1);
  }
  if (TASK_RUNNERS.has(name)) {
    let words = afterVerbs(rest);
    return inner(words, started) ?? named(targetsOf(rest, words), 5) ?? (/^g?make$/.test(name) && words.length === 0 ? runner("build") : null);
  }
  return TOOLCHAINS.has(name) ? ofToolchain(name, rest) : /\.(?:sh|bash|zsh|py|rb|php|pl)$/.test(name) || /^\.{0,2}\/.*test/.test(path) ? fromScript([name, ...rest]) : STARTED.some((names) => names.has(nameOf(rest[0] ?? ""))) && !onlyLooks({ name, path, args }) ? inner(rest, started) : null;
}
var STARTED = [TESTS, PACKAGE_MANAGERS, TASK_RUNNERS];
function isListed(name, words) {
  return !/^(?:cypress|playwright)$/.test(name) || /^(?:run|test)$/.test(words[0] ?? "");
}
function inner(words, started) {
  let more = oneMore(started), program = more && programIn(withoutOptions(words));
  return program && kindOf(program, more);
}
function inContainer(name, words, started) {
  let verb = words.findIndex((word) => /^(?:exec|run|-c|--command|--|develop|ssh)$/.test(word));
  if (verb === -1 && /^(?:docker|docker-compose|podman|podman-compose|nerdctl|kubectl|lxc)$/.test(name)) return null;
  let rest = words.slice(verb + 1);
  for (let at = 0; at < Math.min(rest.length, MAX_BEFORE); at++) {
    let word = rest[at] ?? "", kind = word.includes(" ") ? checkKind(word, started) : inner(rest.slice(at), started);
    if (kind !== null && !(kind.isScript && kind.runner === nameOf(word))) return kind;
  }
  return null;
}
var MAX_BEFORE = 16;
function checkWithin(line, started) {
  let more = oneMore(started);
  return more && checkIn(line, simpleCommands(line), more);
}
function checkKind(line, started) {
  let check = checkWithin(line, started);
  return check === null ? null : { ...check, rest: [...check.filters, ...check.paths] };
}
function afterVerbs(words) {
  let at = afterOptions(words, 0);
  for (; ; ) {
    let first = words[at] ?? "";
    if (first === "workspace") at = afterOptions(words, at + 2);
    else if (BETWEEN.test(first) || first === "workspaces") at = afterOptions(words, at + 1);
    else return words.slice(at);
  }
}
function targetsOf(all, words) {
  return [...all.flatMap((word, at) => {
    let [, value] = /^--targets?=(.+)$/.exec(word) ?? [];
    return value?.split(",") ?? (/^(?:-t|--targets?)$/.test(word) ? [all[at + 1] ?? ""] : []);
  }), ...words.filter((word) => !word.startsWith("-") && !word.includes("="))];
}
function named(words, count) {
  let kinds = words.slice(0, count).flatMap((word, at) => {
    let kind = kindOfName(word);
    return kind === null ? [] : [{ kind, runner: word, isScript: !0, rest: words.slice(at + 1) }];
  });
  return RANKS.flatMap((rank) => kinds.find(({ kind }) => kind === rank) ?? [])[0] ?? null;
}
function fromScript(words) {
  let [file = "", ...rest] = words, name = nameOf(file).replace(/\.(?:sh|bash|zsh|py|rb|php|pl|t)$/, "");
  return /^(?:artisan|manage|setup)$/.test(name) ? ofToolchain(name, rest) : kindOfName(name) === "test" ? { kind: "test", runner: name, isScript: !0, rest } : null;
}
var NOT_A_RUN = wordSet(
  "install deps data seed setup prepare create reset clean server db env utils util watch fixtures fixture",
  "reports report start serve update generate gen init helpers helper docs doc deploy publish up down logs log"
);
function kindOfName(name) {
  if (!/^[@\w:./+-]+$/.test(name) || name.startsWith("-")) return null;
  let parts = name.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase().split(/[:_./@+-]+/).filter(Boolean), has = (pattern) => parts.some((part) => pattern.test(part));
  return parts.some((part) => NOT_A_RUN.has(part)) ? null : has(/^(?:types?|typecheck|typings|tsc|mypy|pyright)$/) && !has(/^install$/) ? "types" : has(/^(?:lint|lints|eslint|linting|stylelint|biome|ruff|clippy|vet)$/) || /^(?:fmt|format|style|prettier)[:_-]check$/.test(name) ? "lint" : has(/^(?:build|compile|assemble|package|bundle)$/) ? "build" : has(/^(?:tests?|e2e|specs?|unit|vitest|jest|pytest|playwright|cypress|nextest|integration)$/) || parts.length === 1 && has(/^(?:t|check|verify)$/) ? "test" : parts[0] === "check" || has(/^(?:validate)$/) ? "lint" : null;
}
function ofToolchain(name, words) {
  let rest = withoutOptions(words.filter((word) => !/^\+/.test(word))), verb = rest[0] ?? "", of = (kind) => ({
    kind,
    runner: `${name} ${verb}`,
    isScript: name === "rails",
    rest: rest.slice(1)
  });
  return /^(?:.*:)?(?:test|tests|nextest|t|spec)$/.test(verb) ? { ...of("test"), runner: `${name} test` } : /^(?:clippy|vet|lint|analyze|credo|format|fmt)$/.test(verb) ? /^(?:format|fmt)$/.test(verb) && !words.some((word) => /check|verify|exit/.test(word)) ? null : of("lint") : verb === "check" ? of("types") : /^(?:build|compile|publish)$/.test(verb) ? of("build") : null;
}
var FILTER = /^(?:-t|-k|-m|-run|-g|-e|-n|-l|--testNamePattern|--run|--grep|--filter|--only|--tests|--spec|--example|--test|--package|-p|--suite|-Dtest|--case|--tag|--tags|--project|--testPathPattern|-only-testing)$/, FLAGS_WITHOUT_VALUE = /^(?:--run|--test|-e|-m|-n|-l|-p|-g)$/, EVERYTHING = /^(?:\.|\.\/|\.\/\.\.\.|tests?\/?|\.\/tests?\/?|all|src\/?|--)$/;
function scopeOf(words) {
  let filters = [], paths = [];
  for (let at = 0; at < words.length; at++) {
    let word = words[at] ?? "", [, option = "", value] = /^(-[-\w]+?)=(.*)$/.exec(word) ?? [];
    value !== void 0 && FILTER.test(option) ? filters.push(`${option} ${value}`) : FILTER.test(word) && words[at + 1] !== void 0 && !words[at + 1]?.startsWith("-") && !(FLAGS_WITHOUT_VALUE.test(word) && /[/.]/.test(words[at + 1] ?? "")) ? filters.push(`${word} ${words[++at]}`) : !word.startsWith("-") && !EVERYTHING.test(word) && !/^\d+$/.test(word) && paths.push(word.replace(/^\.\//, ""));
  }
  return { filters: filters.sort(), paths };
}
function covers(later, earlier) {
  if (later.kind !== earlier.kind || !isSameFolder(later.folder, earlier.folder)) return !1;
  let isNarrower = later.filters.some((filter) => !earlier.filters.includes(filter)), misses = later.paths.length > 0 && (earlier.paths.length === 0 || !earlier.paths.every((path) => later.paths.some((wider) => isBelow(path, wider))));
  if (isNarrower || misses) return !1;
  if (later.runner === earlier.runner) return !0;
  if (later.filters.length + later.paths.length > 0) return !1;
  let isEndToEnd = ({ runner }) => /e2e|playwright|cypress|integration/i.test(runner);
  return !later.isScript && !earlier.isScript || isEndToEnd(later) !== isEndToEnd(earlier) ? !1 : earlier.isScript && later.isScript ? earlier.runner.startsWith(`${later.runner}:`) || earlier.runner.startsWith(`${later.runner}-`) || later.runner.startsWith(`${earlier.runner}:`) : !0;
}
function isSameFolder(a, b) {
  let [later = "", earlier = ""] = [a, b].map((folder) => folder.replace(/^\.(?:\/|$)|\/+$/g, ""));
  return later === "" || isBelow(earlier, later) || earlier !== "" && isSameEnd(later, earlier);
}
function isSameEnd(a, b) {
  return a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}
function isBelow(path, folder) {
  return path === folder || path.startsWith(`${folder.replace(/\/$/, "")}/`) || path.startsWith(`${folder}::`);
}

// contract/parse-json.ts
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return;
  }
}

// client/disk/private-file.ts
function textField(value, key) {
  let field = recordOf(value)?.[key];
  return typeof field == "string" ? field : void 0;
}
function recordOf(value) {
  return isRecord(value) ? value : void 0;
}
function isRecord(value) {
  return typeof value == "object" && value !== null && !Array.isArray(value);
}

// client/text/clip.ts
function clip(text, maxChars) {
  if (text.length <= maxChars) return text;
  let cut2 = wholeCharacters(text.slice(0, Math.max(0, maxChars - MARK.length))), words = cut2.replace(/(?<!\s)\s+\S*$/, "");
  return `${words.length > cut2.length / 2 ? words : withoutPart(cut2).trimEnd()}${MARK}`.trimStart();
}
function withoutPart(cut2) {
  return cut2.replace(/(?<![!-~])[!-~]+$/, "");
}
var MARK = " \u2026";
function wholeCharacters(text) {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}

// handover/transcript/transcript-line.ts
var HEAD_BYTES = 220, KIND = /^\{"type":"(\w[\w-]*)"|"isSidechain":(true)|"attachment":\{"type":"([\w-]+)"|"type":"(user|system)"|"role":"(assistant)"/, TYPES2 = /* @__PURE__ */ new Set([
  "user",
  "assistant",
  "system",
  "cost-state",
  "queued_command",
  "ai-title",
  "pr-link"
]), MARKS = ['"type":"user"', '"role":"assistant"', '"type":"system"', '"type":"queued_command"'];
function mayHoldFacts(chunk, begin = 0, end = chunk.length) {
  let head = chunk.toString("latin1", begin, Math.min(begin + HEAD_BYTES, end)), [, type, isSidechain, attachment, user, assistant] = KIND.exec(head) ?? [], found = type ?? attachment ?? user ?? assistant;
  if (found !== void 0 && found !== "attachment") return TYPES2.has(found) || head.startsWith('{"parentUuid":null');
  let line = chunk.subarray(begin, end);
  return isSidechain === void 0 ? MARKS.some((mark2) => line.includes(mark2)) : CALLS.some((mark2) => line.includes(mark2));
}
var CALLS = ['"type":"tool_use"', '"type":"tool_result"'];
function parseLine(line) {
  return recordOf(parseJson(line.toString()));
}
function blocksOf(line) {
  let content = recordOf(line.message)?.content;
  return Array.isArray(content) ? content.map(recordOf).filter((block) => block !== void 0) : [];
}
function textOf(content) {
  return bounded(typeof content == "string" ? content : Array.isArray(content) ? content.map((block) => textField(block, "text") ?? "").join(`
`) : "");
}
var MAX_BEGINNING_CHARS = 16e3, MAX_END_CHARS = 8e3;
function bounded(text, maxBeginning = MAX_BEGINNING_CHARS, maxEnd = MAX_END_CHARS) {
  if (text.length <= maxBeginning + maxEnd) return text;
  let beginning = withoutPart(text.slice(0, maxBeginning));
  return maxEnd === 0 ? beginning : `${beginning}
\u2026
${text.slice(-maxEnd).replace(/^[!-~]+/, "")}`;
}

// handover/transcript/compaction-summary.ts
var BEGINNING = "This session is being continued from a previous conversation";
function summaryTextIn(line) {
  let content = recordOf(line.message)?.content;
  return line.isCompactSummary === !0 || typeof content == "string" && content.startsWith(BEGINNING) ? textOf(content) : void 0;
}
var TITLE = /^\*{0,3}([A-Z][^:\n*]{3,60})([*:]{0,8})[ \t]*/;
function compactionSummary(text) {
  let parts = new Map(
    text.slice(Math.max(0, text.lastIndexOf("Summary:"))).split(/^[ \t]*(?:#+ *)?\d+\.[ \t]+(?=\**[A-Z])/m).map((part2) => {
      let [head = "", title = "", marks = ""] = TITLE.exec(part2) ?? [], rest = part2.slice(head.length);
      return marks.includes(":") || rest === "" || rest.startsWith(`
`) ? [title.trim().toLowerCase(), rest.trim()] : ["", ""];
    })
  ), part = (...names) => names.flatMap((name) => [...parts].find(([title]) => title.startsWith(name))?.[1] ?? [])[0] ?? "", summary = {
    intent: paragraph(part("primary request", "user's request", "intent")),
    pending: itemsOf(part("pending task", "remaining", "todo")),
    current: paragraph(part("current work", "current state", "work in progress")),
    next: paragraph(part("optional next step", "next step"))
  };
  return summary.intent || summary.next || summary.current || summary.pending.length > 0 ? summary : null;
}
var NOTHING = /^(?:none|no (?:pending|explicit|open|remaining|outstanding)|nothing|n\/a|all (?:tasks|requested))\b/i;
function itemsOf(text) {
  return text.split(`
`).map((line) => plain(line.replace(/^[\s*•-]+(?:\[[ ~]\]\s*)?|^\s*\d+[.)]\s*/, ""))).filter((item) => item !== "" && !NOTHING.test(item) && !/:$/.test(item) && !/\bcompleted?\b[).]*$/i.test(item)).slice(0, 6);
}
function paragraph(text) {
  let joined = text.split(`
`).map((line) => plain(line.replace(/^[\s*•-]+|^\s*\d+[.)]\s*/, ""))).filter(Boolean).slice(0, 8).join(" ");
  return NOTHING.test(joined) ? "" : joined.slice(0, 900);
}
function plain(text) {
  return text.replace(/\*\*|__/g, "").trim();
}

// client/text/clean-text.ts
var TERMINAL_SEQUENCE = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g, LINE_END = /\r\n?|[\u2028\u2029\u0085]/g, VISIBLE_JOINERS = new RegExp("(?<=\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)\\u200d(?=\\p{Extended_Pictographic})", "u"), VISIBLE_SELECTOR = /(?<=[\p{Extended_Pictographic}0-9#*])[\ufe0e\ufe0f](?![\ufe00-\ufe0f])/u, INVISIBLE = new RegExp(
  `${VISIBLE_JOINERS.source}|${VISIBLE_SELECTOR.source}|([\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb])`,
  "gu"
), CONTROL = /(?![\t\n])[\p{Cc}\p{Cs}]/gu;
function cleanText(raw) {
  return cleanAndCount(raw).text;
}
function cleanAndCount(raw) {
  let changed = 0, count = (replacement) => (changed++, replacement);
  return { text: raw.replace(LINE_END, `
`).replace(TERMINAL_SEQUENCE, () => count("")).replace(INVISIBLE, (match, hidden) => hidden === void 0 ? match : count("")).replace(CONTROL, (control) => count(picture(control))), changed };
}
function picture(control) {
  let code = control.charCodeAt(0);
  return code < 32 ? String.fromCharCode(9216 + code) : code === 127 ? "\u2421" : "\uFFFD";
}
function inOneLine(raw) {
  return cleanText(raw).replace(/[\s\p{Z}]+/gu, " ").trim();
}

// handover/transcript/command-result.ts
var MAX_SUMMARY_CHARS = 200, MAX_END_CHARS2 = 4e3, MAX_LINE_CHARS = 500, COUNTS = /\b\d+ (?:\w+ )?(?:passed|failed|passing|failing|failures?|errors?|examples?)\b|\b(?:tests?|passed|failed|failures|tests run): *\d|^Ran \d+ tests?|test result:|^(?:ok|PASS)\b/gim, TAP_COUNTS = /^(?:#|ℹ) ((?:pass|fail) \d+)$/gm, FAILURES = /\b[1-9]\d* (?:\w+ )?(?:failed|failing|failures?|errors?)\b|\b(?:failed|failures|errors)[:=] *[1-9]|\bfail [1-9]/i, REPORT = /^ *Tests? +\d+ (?:passed|failed)|^Tests: +\d|^(?:=+ )?\d+ (?:passed|failed)[^\n]* in [\d.:]+ ?m?s|^ok[ \t]+\S+\s+(?:[\d.]+s|\(cached\))|^FAIL\t\S+|^test result: |^Ran \d+ tests? in|^ *\d+ passing \(|^\d+ (?:tests?|runs|examples?|scenarios), \d+ |^(?:\[[A-Z]+\] )?Tests run: \d|^# pass \d|^ℹ pass \d|\*\* TEST (?:SUCCEEDED|FAILED)|^\[ +(?:PASSED|FAILED) +\]|^\d+% tests passed|^OK \(\d+ tests?|^Tests Passed: \d|^(?:Passed|Failed)! +- Failed: |^All tests passed|^ok \| \d+ passed|Executed \d+ tests?, with/m, NO_TESTS = /\[no tests to run\]|\bno tests? (?:found|ran|files found|to run)\b|\bcollected 0 items\b/i, PROBLEMS = /\berror TS\d+:|\bFound [1-9]\d* (?:errors?|problems?)\b|✖ \d+ problems? \([1-9]|\b[1-9]\d* errors?(?: generated|, \d+ warnings?| and \d+ warnings?)|^error(?:\[E\d+\])?: |\bBUILD FAILED\b|^Failed to compile|: error: /m, FAIL = /^(?:-+ )?FAIL\b/m, BROKEN = /^npm (?:ERR!|error)|^(?:error|fatal)(?:\[E\d+\])?: |^g?make(?:\[\d+\])?: \*\*\* |: (?:command )?not found$|^\w*(?:Error|Exception): |\bELIFECYCLE\b|^Failed to compile|\bBUILD FAILED\b|\bTests? failed\b|: No such file or directory$|exited with code [1-9]|\bKilled$/m, WHOLE_COUNTS = /\d+ (?:\w+ )?(?:passed|passing|examples?)\b|\b(?:pass|passed|tests run):? *\d|^Ran \d+ tests?/i, FAILED_TEST = /^[ \t]*(?:-+ FAIL|FAIL|not ok|✗|✖|×|✕)/gm, ERROR = /error|exception|fatal|fail|cannot|can't|not found|no such|denied|refused|unexpected|invalid|missing|panic|timed out/gi, NO_ERROR = /\b(?:0|no) (?:errors?|fail)/i;
function checkOf({ check, target, needsText }, output) {
  let end = plain2(output.slice(-MAX_END_CHARS2));
  if (check?.kind === "test" && NO_TESTS.test(end)) {
    let others = end.replace(/^.*\[no tests? (?:to run|files)\].*$|^\?.*no test files.*$/gm, "");
    if (!REPORT.test(others)) return null;
  }
  if (check !== null || needsText !== "problems" || !REPORT.test(end)) return check;
  let [text = "", ...more] = simpleCommands(target).map((command) => command.text);
  return {
    kind: "test",
    text: more.length === 0 ? text : target,
    folder: "",
    hasExitCode: !0,
    runner: text,
    isScript: !1,
    filters: [],
    paths: []
  };
}
function judge(call, output, exitCode) {
  let isTest = call.check?.kind === "test", end = plain2(output.slice(-MAX_END_CHARS2)), counts = isTest ? testCounts(end) : void 0, printsOutcome = call.printsOutcome && /[1-9]\d*\s*$/.test(end.slice(-100)), isHidden = call.check?.hasExitCode === !1 && exitCode === void 0, isBroken = isHidden && counts === void 0 && BROKEN.test(end), hasProblems = call.check !== null && (isBroken || (isTest ? FAIL : PROBLEMS).test(end)), hasFailed = exitCode !== void 0 || printsOutcome || hasProblems, isProven = !isHidden || REPORT.test(end) || WHOLE_COUNTS.test(counts ?? "") || FAILURES.test(counts ?? "");
  if (counts !== void 0 && isProven && (!hasFailed || FAILURES.test(counts)))
    return { outcome: FAILURES.test(counts) ? "failed" : "passed", summary: short(counts) };
  if (!hasFailed)
    return { outcome: !isHidden || call.printsOutcome && /\b0\s*$/.test(end.slice(-100)) ? "passed" : "unknown", summary: null };
  let beginning = plain2(output), failure = isTest ? linesWith(FAILED_TEST, beginning).next().value : void 0, error = firstError(beginning), last = end.trimEnd();
  return { outcome: "failed", summary: short(failure ?? error ?? (lineAt(last, last.length) || (exitCode ?? ""))) };
}
function firstError(text) {
  for (let line of linesWith(ERROR, text)) if (!NO_ERROR.test(line)) return line;
}
function testCounts(text) {
  let tap = [...text.matchAll(TAP_COUNTS)].map((match) => match[1]);
  return tap.length < 2 ? [...linesWith(COUNTS, text)].at(-1) : tap.slice(-2).join(", ");
}
function* linesWith(pattern, text) {
  let end = -1;
  for (let { index } of text.matchAll(pattern))
    if (!(index < end) && (yield lineAt(text, index), end = text.indexOf(`
`, index), end === -1))
      return;
}
function lineAt(text, index) {
  let begin = text.lastIndexOf(`
`, index - 1) + 1, [line = ""] = text.slice(begin, begin + MAX_LINE_CHARS + 1).split(`
`, 1);
  return withoutFrame(clip(line, MAX_LINE_CHARS));
}
var FRAME = /[\s=─━│|*]/;
function withoutFrame(line) {
  let [begin, end] = [0, line.length];
  for (; begin < end && FRAME.test(line.charAt(begin)); ) begin++;
  for (; end > begin && FRAME.test(line.charAt(end - 1)); ) end--;
  return line.slice(begin, end);
}
function plain2(output) {
  return output.replace(TERMINAL_SEQUENCE, "").replace(/\r/g, `
`);
}
function short(text) {
  return clip(inOneLine(clip(text, 4 * MAX_SUMMARY_CHARS)), MAX_SUMMARY_CHARS);
}

// handover/transcript/persons-words.ts
var NOT_TYPED = /^(?:<(?:command-|local-command|task-notification|channel|cross-session|teammate-message|system-reminder|bash-|ide_)|\[Request interrupted by user|\[Image: (?:source|original)|The user wants to clarify these questions|Unknown (?:skill|command|slash command): |This session is being continued from a previous conversation|Caveat: The messages below were generated|Stop hook feedback:|\[SYSTEM NOTIFICATION|(?:PreToolUse|PostToolUse|UserPromptSubmit):?\S* hook )/, EVENT = /^<([a-z]+(?:-[a-z]+)+)(?:\s[^>]*)?>[\s\S]*<\/\1>$/, STOPPED_BY_HOOK = /^(?:Operation stopped by hook|UserPromptSubmit operation blocked by hook)\b/, REASON = /^(?:The user doesn't want to (?:proceed\b|take this action\b)|The agent proposed a plan that was rejected)[\s\S]*?(?:the user said:|reason for the rejection:)\s*([\s\S]*)$/, NOTE_AFTER_REASON = /(?<!\n)\n+(?:Note: The user's next message|<system-reminder>)[\s\S]*$/, COMMAND = /^(?:<command-message>[^<]*<\/command-message>\s*)?<command-name>\s*\/?([\w:.-]+)\s*<\/command-name>/, COMMAND_LINE = /^\/([\w:.-]+)(?:\s+([\s\S]*))?$/, NO_REQUEST = /^(?:photon|(?:add-dir|agents|allowed-tools|bashes|bug|clear|color|compact|config|context|copy|cost|doctor|effort|exit|export|extra-usage|fast|feedback|fork|help|hooks|ide|install-github-app|keybindings|login|logout|mcp|memory|mobile|model|new|output-style|permissions|plugins?|privacy-settings|quit|rate-limit-options|reload-plugins|release-notes|remote-control|remote-env|rename|resume|continue|rewind|sandbox|settings|skills|stats|status|statusline|stickers|tag|tasks|terminal-setup|theme|think-back|todos|upgrade|usage|vim|voice)$)/;
function promptOf(line, tool) {
  let queued = recordOf(line.attachment);
  return line.isMeta === !0 || line.isCompactSummary === !0 || queued?.isMeta === !0 ? null : queued !== void 0 ? queued.type === "queued_command" && (queued.commandMode ?? "prompt") === "prompt" && isOfPerson(queued.origin) ? typedText(queued.prompt) : null : line.toolUseResult !== void 0 || resultOf(line) !== void 0 ? line.userFeedback !== void 0 ? line.holdsPersonsWords === !0 ? typedText(line.userFeedback) : null : (textField(line.permissionDecision, "source")?.startsWith("user") === !0 ? typedText(blocksOf(line).filter((block) => block.type === "text")) : null) ?? reasonIn(line, tool) : line.promptSource === "system" || !isOfPerson(line.origin) ? null : typedText(recordOf(line.message)?.content);
}
function resultOf(line) {
  return blocksOf(line).find(({ type }) => type === "tool_result");
}
function reasonIn(line, tool) {
  if (tool === void 0 || tool.startsWith("mcp__")) return null;
  let result = resultOf(line), [, reason = ""] = result?.is_error === !0 && REASON.exec(textOf(result.content)) || [];
  return typedText(reason.replace(NOTE_AFTER_REASON, ""));
}
function isOfPerson(origin) {
  return (textField(origin, "kind") ?? "human") === "human";
}
function typedText(content) {
  return (Array.isArray(content) ? content : [content]).map((block) => textField(block, "type") === "image" ? "(image)" : asTyped(bounded((typeof block == "string" ? block : textField(block, "text") ?? "").trim()))).filter((text) => text !== "").join(`
`) || null;
}
function asTyped(text) {
  if (STOPPED_BY_HOOK.test(text)) return text.split(/\bOriginal prompt: ?/)[1]?.trim() ?? "";
  let [, command] = COMMAND.exec(text) ?? [];
  if (command !== void 0) return commandLine(command, argumentsIn(text));
  let [, typed, more] = COMMAND_LINE.exec(text) ?? [];
  return typed !== void 0 ? commandLine(typed, more) : NOT_TYPED.test(text) || EVENT.test(text) ? "" : text;
}
function argumentsIn(text) {
  let [, ...more] = text.split("<command-args>"), [args, end] = more.join("<command-args>").split("</command-args>", 2);
  return end === void 0 ? void 0 : args;
}
function commandLine(name, more = "") {
  return more.trim() === "" || NO_REQUEST.test(name) ? "" : `/${name} ${more.trim()}`;
}
function isExit(line) {
  let content = recordOf(line.message)?.content;
  return typeof content == "string" && /^(?:exit|quit|clear|logout)$/.test(COMMAND.exec(content)?.[1] ?? "");
}
var MAX_ANSWERS = 100;
function decisionsOf(line) {
  let { answers, annotations, plan, isAgent } = recordOf(line.toolUseResult) ?? {}, said = Object.entries(recordOf(answers) ?? {}).slice(0, MAX_ANSWERS).flatMap(([question, answer]) => {
    let notes = textField(recordOf(annotations)?.[question], "notes");
    return typeof answer == "string" && !/[?？]\s*$/.test(answer) ? [{ question, answer: notes ? `${answer} (${notes})` : answer }] : [];
  }), isApproved = isAgent !== !0 && (textField(line.permissionDecision, "source") ?? "user").startsWith("user"), [firstLine] = typeof plan == "string" && isApproved ? plan.trim().split(`
`, 1) : [];
  return firstLine ? [...said, { question: "Plan", answer: firstLine.replace(/^#+ +/, "") }] : said;
}

// handover/transcript/ending.ts
var RUNNING = { cutOff: null, isInterrupted: !1, isExited: !1, isAnswered: !0, question: null }, Ending = class {
  #state = RUNNING;
  #questionId = null;
  state() {
    return this.#state;
  }
  prompted() {
    this.#state = { ...RUNNING, cutOff: this.#state.cutOff, isAnswered: !1 };
  }
  answered() {
    this.#state = RUNNING;
  }
  asked(id, input) {
    let { questions } = recordOf(input) ?? {}, question = Array.isArray(questions) ? textField(questions[0], "question") : void 0;
    this.#questionId = id, this.#state = { ...this.#state, question: question ?? null };
  }
  settled(id) {
    id === this.#questionId && (this.#state = { ...this.#state, question: null });
  }
  /** The client's line in place of an answer. */
  failed(line) {
    let text = textOf(recordOf(line.message)?.content).trim();
    text !== "" && (this.#state = { ...this.#state, cutOff: reasonOf(text) });
  }
  /** Other lines: an interruption, an exit, a retry of a request. */
  noticed(line) {
    if (isExit(line) && (this.#state = { ...this.#state, isExited: !0 }), line.type === "system" && line.subtype === "api_error") {
      let error = recordOf(line.error), text = textField(error, "message") ?? textField(line, "error") ?? textField(line, "content") ?? `status ${typeof error?.status == "number" ? error.status : textField(error, "status") ?? "unknown"}`;
      this.#state = { ...this.#state, cutOff: this.#state.cutOff ?? short(`API error: ${text}`) };
    }
    let content = recordOf(line.message)?.content;
    (typeof content == "string" ? [content] : blocksOf(line).map((block) => textField(block, "text") ?? "")).some((text) => text.startsWith("[Request interrupted by user")) && (this.#state = { ...this.#state, isInterrupted: !0 });
  }
};
function reasonOf(text) {
  let [, words = "", seconds] = /^([^|\n]*)\|(\d{10})\b/.exec(text) ?? [];
  if (seconds === void 0) return short(text.split(`
`, 1)[0] ?? "");
  let until = new Date(Number(seconds) * 1e3).toISOString().slice(0, 16).replace("T", " ");
  return short(`${words.trim()}, resets ${until} UTC`);
}

// handover/transcript/line-start.ts
var START_BYTES = 400, START = /^\{"parentUuid":[^,]*,"isSidechain":false,(?:"message":\{"id":"[^"]*","type":"message","role":"assistant","model":"([^"]*)","content":\[\{"type":"(?:thinking"|tool_use","id":"([^"]*)","name":"([^"]*)","input":)|"promptId":"[^"]*","type":"user","message":\{"role":"user","content":\[\{"tool_use_id":"([^"]*)")/, NEXT_BLOCK = Buffer.from('},{"type":"');
function lineStart(line) {
  let [found, model, call, tool, result] = START.exec(line.toString("latin1", 0, START_BYTES)) ?? [];
  if (!(found === void 0 || model !== void 0 && tool === void 0 && line.includes(NEXT_BLOCK)))
    return { model, id: call ?? result, tool, length: found.length };
}
var STOP_REASON = Buffer.from('}],"stop_reason":'), TIMESTAMP = Buffer.from('"timestamp":"'), TIMESTAMP_BYTES = 24;
function inputIn(line, { length }) {
  let end = line.indexOf(STOP_REASON, length);
  return end === -1 ? void 0 : parseJson(line.toString("utf8", length, end));
}
var PLACE_BYTES = 500;
function folderIn(line) {
  return /"cwd":"([^"\\]+)"/.exec(line.toString("utf8", Math.max(0, line.length - PLACE_BYTES)))?.[1];
}
function timestampOfAnswer(line) {
  let begin = line.lastIndexOf(TIMESTAMP) + TIMESTAMP.length;
  return line.toString("latin1", begin, begin + TIMESTAMP_BYTES);
}
var RESULT_END = Buffer.from(']},"uuid":"'), RESULT_END_BYTES = 160, SUCCESS = /^\]\},"uuid":"[^"]*","timestamp":"([^"]*)","toolUseResult":\{"(\w+)"(?::"(\w+)")?/, NEEDS_PARSING = ['"source":"user', '"interrupted":true', '"backgroundTaskId"'], TAIL_BYTES = 1500, NOTEWORTHY = /\d+ (?:passed|passing|failed|failing)|ok {1,2}\\t|test result: |Ran \d+ tests|\d+ (?:tests?|runs|examples|assertions), \d|TEST (?:SUCC|FAIL)|(?:PASS|FAIL)ED {2}\]|Tests? (?:run|Passed|Failed)|(?:# |\xb9 )pass \d|tests (?:passed|failed)|OK \(|error TS\d|Found [1-9]\d* (?:err|prob)|problems? \(|errors? generated|BUILD FAILED|Failed to compile|error(?:\[E\d+\])?: |warnings? and|pull\/\d/i, COUNTS_BYTES = 800;
function successIn(line, { length }, mayBeNoteworthy) {
  let end = line.indexOf(RESULT_END, length), [, timestamp, first, type] = SUCCESS.exec(line.toString("latin1", end, end + RESULT_END_BYTES)) ?? [];
  if (end === -1 || timestamp === void 0 || first === "new_source" || mayBeNoteworthy && NOTEWORTHY.test(line.toString("latin1", Math.max(length, end - COUNTS_BYTES), end)))
    return;
  let tail = line.toString("latin1", line.length - TAIL_BYTES);
  return NEEDS_PARSING.some((mark2) => tail.includes(mark2)) ? void 0 : { timestamp, type: first === "type" && type || "" };
}

// handover/transcript/prompt-weight.ts
var ANSWERS = wordSet(
  "yes yep yeah y ya ok okay k sure no nope n please pls thanks thank you thx continue go on ahead proceed next do it that this",
  "done stop wait good great nice perfect cool fine lgtm looks all right correct try again retry resume keep going hi hello hey",
  "test and so well a b c d e f option both first second the one hmm agreed exactly work looks done then now",
  "ja nein weiter bitte danke mach oui non merci continuez si s\xED sim n\xE3o obrigado gracias continua contin\xFAa segue vai perfeito",
  "\u0434\u0430 \u043D\u0435\u0442 \u0434\u0430\u0432\u0430\u0439 \u043F\u0440\u043E\u0434\u043E\u043B\u0436\u0430\u0439 \u043F\u0440\u043E\u0434\u043E\u043B\u0436\u0438 \u0441\u043F\u0430\u0441\u0438\u0431\u043E \u0445\u043E\u0440\u043E\u0448\u043E \u043E\u043A \u597D \u597D\u7684 \u662F \u662F\u7684 \u5BF9 \u7EE7\u7EED \u7E7C\u7E8C \u8BF7\u7EE7\u7EED \u8ACB\u7E7C\u7E8C \u53EF\u4EE5 \u884C \u4E0D \u4E0D\u7528 \u8C22\u8C22 \u8B1D\u8B1D \u6CA1\u95EE\u9898",
  "\u3042\u308A\u304C\u3068\u3046 \u306F\u3044 \u3044\u3044\u3048 \u7D9A\u3051\u3066 \u304A\u9858\u3044\u3057\u307E\u3059 \uB124 \uC608 \uC751 \uACC4\uC18D \uACC4\uC18D\uD574 \uACC4\uC18D\uD574\uC918 \uD655\uC778 \uD655\uC778\uC880 \uC88B\uC544 \uAC10\uC0AC\uD569\uB2C8\uB2E4 c\xF3 kh\xF4ng nh\xE9 ti\u1EBFp t\u1EE5c \u0111\u01B0\u1EE3c v\xE2ng c\u1EA3m \u01A1n"
), IMAGES = /\[Image #?\d*[^\]]*\]|\(image\)|\betc\b\.?/gi, WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu, BETWEEN_WORDS = /[^\p{L}\p{N}]+/u, MAX_ANSWER_WORDS = 8;
function weightOf(prompt) {
  let text = prompt.slice(0, MAX_WEIGHED_CHARS).replace(IMAGES, "").trim(), words = text.toLowerCase().split(BETWEEN_WORDS).filter(Boolean);
  return words.length <= MAX_ANSWER_WORDS && words.every((word) => ANSWERS.has(word) || /^\d+$/.test(word)) ? 0 : (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) + 2 * (text.match(WIDE)?.length ?? 0);
}
var MAX_WEIGHED_CHARS = 400, MIN_WEIGHT = 10;
function isSubstantial(prompt) {
  return weightOf(prompt) >= MIN_WEIGHT;
}
var LONG_LINES = 5, PASTED = /^\s*(?:at \S+|\[?\d{4}[-/]\d\d|\[?\d\d:\d\d|[$>#%❯|{}<[\]*=+-]|\w*(?:Error|Exception)\b|Traceback|File "|(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE|npm|fatal|error|warning|panic|goroutine|Caused by|import|export|const|let|var|def|class|function|return|public|private|SELECT|diff|index|commit|Author)\b[ :{(!]|\S+[\\/]\S+:\d+|.*\|.*\||.*[;{}]\s*$|\d+[\s|:.)]|"[\w-]+":|[\w.-]+@[\w.-]+[:~$])/, MAX_LINE_CHARS2 = 200, MAX_LINES = 12;
function withoutPaste(prompt) {
  let lines = prompt.split(`
`).filter((line) => line.trim() !== "");
  if (lines.length < LONG_LINES) return prompt;
  let [first = "", ...more] = lines, last = more.slice(-2).filter(isProse);
  return isProse(first) ? 2 * more.slice(0, MAX_LINES).filter(isProse).length >= Math.min(more.length, MAX_LINES) ? prompt : [first, ...last].join(`
`) : last.length === 0 ? prompt : last.join(`
`);
}
function isProse(line) {
  let text = line.slice(0, MAX_LINE_CHARS2);
  return !PASTED.test(text) && (text.match(new RegExp("\\p{L}{2,}", "gu"))?.length ?? 0) + (text.match(WIDE)?.length ?? 0) >= 3;
}

// handover/transcript/recent-map.ts
var RecentMap = class {
  #min;
  #recent = /* @__PURE__ */ new Map();
  #earlier = /* @__PURE__ */ new Map();
  constructor(min) {
    this.#min = min;
  }
  get(key) {
    let value = this.#recent.get(key);
    return value === void 0 ? this.#earlier.get(key) : value;
  }
  set(key, value) {
    this.delete(key), this.#recent.set(key, value), !(this.#recent.size < this.#min) && (this.#earlier = this.#recent, this.#recent = /* @__PURE__ */ new Map());
  }
  delete(key) {
    this.#recent.delete(key), this.#earlier.delete(key);
  }
  /** In the order in which they were last set. */
  values() {
    return [...this.#earlier.values(), ...this.#recent.values()];
  }
};

// handover/tools/edited-part.ts
var DEFINED = /^[ \t]*(?:export\s+)?(?:default\s+)?(?:pub(?:\([^)\n]*\))?\s+)?(?:public\s+|private\s+|protected\s+|static\s+|abstract\s+|async\s+|override\s+)*(?:function\*?|class|def|fn|func|interface|type|struct|enum|trait|module|describe|const|let)\s+(?:\([^)\n]*\)\s*)?([A-Za-z_$][\w$]*)|^#{1,4}\s+(.{2,40})$/m;
function editedPart(input) {
  let edits = Array.isArray(input.edits) ? input.edits : [input], [added, removed, name] = [0, 0, ""];
  for (let edit of edits) {
    let before = textIn(edit, "old_string", "oldText", "old_text", "oldString"), after = textIn(edit, "new_string", "newText", "new_text", "newString", "new_source", "content", "file_text");
    if (before.length + after.length > MAX_COMPARED) return null;
    let [old, now] = [linesOf(before), linesOf(after)], same = 0;
    for (; same < old.length && same < now.length && old[same] === now[same]; ) same++;
    let tail = 0;
    for (; tail < old.length - same && tail < now.length - same && old.at(-1 - tail) === now.at(-1 - tail); ) tail++;
    if (added += now.length - same - tail, removed += old.length - same - tail, before === "" || name !== "") continue;
    let [, symbol, heading] = DEFINED.exec(after.slice(0, MAX_SEARCHED)) ?? [];
    name = symbol ?? heading?.trim() ?? "";
  }
  return added + removed === 0 ? null : { added, removed, name };
}
var MAX_SEARCHED = 2e3, MAX_COMPARED = 2e4;
function textIn(edit, ...keys) {
  if (typeof edit != "object" || edit === null) return "";
  for (let key of keys) {
    let value = edit[key];
    if (typeof value == "string") return value;
  }
  return "";
}
function linesOf(text) {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(`
`);
}

// handover/tools/file-changes.ts
var import_node_path = require("node:path");

// handover/tools/script-writes.ts
function filesWrittenBy(script) {
  if (!WRITES.test(script)) return [];
  let found = /* @__PURE__ */ new Map(), places = [...script.matchAll(PLACES)].map((groups) => groups.slice(1).find((group) => group) ?? "");
  for (let expression of [...new Set(places)].slice(0, MAX_PLACES)) {
    let names = /^['"]/.test(expression) ? [expression.slice(1, -1)] : valuesOf(expression, script), isRead = new RegExp(
      `(?:open|read_text|readFile\\w{0,9}|read)\\(?\\s{0,9}\\(?${escaped(expression)}\\s{0,9}(?:,\\s{0,9}(?:['"]r|['"]utf|encoding)[^)]{0,200})?\\)|${escaped(expression)}\\)?\\.read_(?:text|bytes)|Path\\(${escaped(expression)}\\)\\.read`
    ).test(script);
    for (let name of names) found.set(name, isRead || found.get(name) === !0);
  }
  return [...found].map(([file, wasRead]) => ({ file, wasRead }));
}
var MAX_PLACES = 20, WRITES = /['"][wax]b?\+?['"]|write_text|write_bytes|writeFile|appendFile|File\.write|\.write\(/, VALUE = `(?:'[^'\\n]+'|"[^"\\n]+"|[\\w.]+)`, PLACES = new RegExp(
  `(?:open\\(\\s*(${VALUE})\\s*,\\s*(?:mode\\s*=\\s*)?['"][wax]b?\\+?['"]|Path\\(\\s*(${VALUE})\\s*\\)\\.write_(?:text|bytes)|(?:(?:writeFile|appendFile)(?:Sync)?|File\\.write)\\(\\s*(${VALUE})\\s*,)|\\b(\\w+)\\.write_(?:text|bytes)\\(`,
  "g"
);
function valuesOf(name, script) {
  if (!/^\w+$/.test(name)) return [];
  let set = new RegExp(`\\b${name}\\s{0,99}=\\s{0,99}(?:\\w+\\.)?(?:Path\\()?\\s{0,99}(['"])([^'"\\n]+)\\1`, "g"), loop = new RegExp(
    `\\bfor\\s+(?:const\\s+|let\\s+)?\\(?(?:const\\s+|let\\s+)?${name}\\s+(?:in|of)\\s*[[(]([^\\])]{0,2000})[\\])]`,
    "g"
  );
  return [
    ...[...script.matchAll(set)].map(([, , value = ""]) => value),
    ...[...script.matchAll(loop)].flatMap(
      ([, list = ""]) => [...list.matchAll(/['"]([^'"\n]+)['"]/g)].map(([, value = ""]) => value)
    )
  ];
}
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

// handover/tools/file-changes.ts
var MAY_WRITE = />|\b(?:sed|perl|mv|cp|rm|tee|touch|rsync|dd|install|truncate|patch|python[\d.]*|py|node|ruby|curl|wget|git|unlink|ln|gsed|move|copy|del|ren|ni|sc|ac|ri|mi|ci|set-content|add-content|out-file|new-item|remove-item|move-item|rename-item|copy-item)\b/i;
function fileChangesBy(line, folder, commands = simpleCommands(line)) {
  if (!MAY_WRITE.test(line)) return [];
  let place = { folder }, places = /* @__PURE__ */ new Map();
  return commands.flatMap((command) => {
    let here = place;
    for (let shell of command.shells)
      here = places.get(shell) ?? { ...here }, places.set(shell, here);
    let changes = changesBy(command, here);
    return command.end === "unknown" ? [] : changes;
  });
}
function changesBy(command, place) {
  let { program } = command, change = (word, kind, more = {}) => {
    let path = word === void 0 ? null : pathOf(word, place);
    return path === null ? [] : [{ path, change: kind, ...more }];
  }, outputs = command.outputs.flatMap(({ file, appends }) => change(file, appends ? "edited" : "created"));
  if (program === null) return outputs;
  if (/^(?:cd|pushd|set-location)$/.test(program.name)) {
    let target = program.args.length === 0 ? void 0 : command.words.at(-1);
    return place.folder = command.end === "unknown" ? null : folderAfter(target, place), outputs;
  }
  return [...outputs, ...byProgram(program, command, place, change)];
}
function byProgram(program, { words, script }, place, change) {
  let { name } = program, rest = words.slice(words.length - program.args.length), plain3 = rest.filter(({ text }) => !/^-/.test(text)), has = (pattern) => rest.some(({ text }) => pattern.test(text)), to = (index) => plain3.at(index);
  switch (name) {
    case "git":
      return byGit(rest, change, place);
    case "mv":
    case "move":
    case "move-item":
    case "mi":
    case "rename-item":
    case "ren":
      return moved(plain3, place, name.startsWith("ren"));
    case "cp":
    case "copy":
    case "copy-item":
    case "install":
    case "ln":
      return plain3.length === 2 && !has(/^-[a-zA-Z]*[rRda]|^-recurse$/i) && !/[\\/]$|^\.{1,2}$/.test(to(1)?.text ?? "") ? change(to(1), "created") : [];
    case "rm":
    case "del":
    case "unlink":
    case "remove-item":
    case "ri":
      return has(/^-[a-qs-zA-QS-Z]*[rR]|^--recursive$|^-recurse$/) ? [] : byRemoval(plain3, change, has(/^-[a-zA-Z]*f|^--force/) && name === "rm");
    case "sed":
    case "gsed":
      return has(/^(?:-[a-zA-Z]*i|--in-place)/) ? editedBySed(rest).flatMap((word) => change(word, "edited")) : [];
    case "perl":
      if (has(/^-[a-zA-Z0-9]*i/)) return plain3.slice(1).flatMap((word) => change(word, "edited"));
      break;
    case "tee":
      return byOutput(plain3, change, has(/^(?:-a|--append)$/));
    case "touch":
    case "truncate":
      return plain3.filter(({ text }) => !/^\d/.test(text)).flatMap((word) => change(word, "created"));
    case "curl":
    case "wget": {
      let at = rest.findIndex(
        ({ text }) => (name === "curl" ? /^(?:-[sSfLk]*o|--output)$/ : /^(?:-q?O|--output-document)$/).test(text)
      );
      return at === -1 ? [] : change(rest[at + 1], "created");
    }
    case "dd": {
      let [, file] = /^of=(.+)$/.exec(rest.find(({ text }) => text.startsWith("of="))?.text ?? "") ?? [];
      return file === void 0 ? [] : change({ text: file, isPlain: !0 }, "created");
    }
    case "patch":
      return change(plain3[0], "edited");
    case "set-content":
    case "sc":
    case "out-file":
    case "add-content":
    case "ac":
    case "new-item":
    case "ni":
    case "tee-object":
      return byCmdlet(name, rest, change);
  }
  return (/^(?:python[\d.]*|py|node|ruby|perl|tsx|bun|deno|php)$/.test(name) ? [script, rest[rest.findIndex(({ text }) => /^(?:-c|-e|--eval|-p|-pe)$/.test(text)) + 1]?.text ?? ""] : []).flatMap(filesWrittenBy).flatMap(({ file, wasRead }) => change({ text: file, isPlain: !0 }, wasRead ? "edited" : "created"));
}
function byRemoval(words, change, isForced) {
  return words.flatMap((word) => change(word, "deleted", isForced ? { isUnsure: !0 } : {}));
}
function byOutput(words, change, appends) {
  return words.flatMap((word) => change(word, appends ? "edited" : "created"));
}
function byGit(words, change, place) {
  let at = 0;
  for (; /^-/.test(words[at]?.text ?? ""); ) at += /^-[Cc]$/.test(words[at]?.text ?? "") ? 2 : 1;
  let verb = words[at]?.text, rest = words.slice(at + 1), plain3 = rest.filter(({ text }) => !text.startsWith("-"));
  if (verb === "mv") return moved(plain3, place, !1);
  let keeps = rest.some(({ text }) => /^(?:--cached|-n|--dry-run|-r)$/.test(text));
  return verb === "rm" && !keeps ? plain3.flatMap((word) => change(word, "deleted")) : [];
}
function moved(words, place, isRenamed) {
  let target = words.at(-1), sources = words.slice(0, -1);
  if (target === void 0 || sources.length === 0) return [];
  let isFolder = sources.length > 1 || /[\\/]$|^\.{1,2}$/.test(target.text);
  return sources.flatMap((source) => {
    let from = pathOf(source, place), name = source.text.split(/[\\/]/).filter(Boolean).at(-1) ?? "", beside = source.text.slice(0, -name.length || void 0) + target.text, text = isFolder ? `${target.text.replace(/[\\/]$/, "")}/${name}` : isRenamed ? beside : target.text, path = pathOf({ ...target, text }, place);
    return path === null || from === null || from === path ? [] : [{ path, change: "created", from }];
  });
}
function editedBySed(words) {
  let files = [], hasScript = !1;
  for (let at = 0; at < words.length; at++) {
    let { text } = words[at] ?? { text: "" };
    text !== "" && (/^(?:-e|-f|--expression|--file)$/.test(text) ? (hasScript = !0, at++) : text.startsWith("-") ? hasScript ||= /^--expression=/.test(text) : hasScript ? files.push(words[at]) : hasScript = !0);
  }
  return files;
}
function byCmdlet(name, words, change) {
  let given = words.findIndex(({ text }) => /^-(?:path|filepath|literalpath)$/i.test(text)), isFolder = words.some(({ text }) => /^directory$/i.test(text)), first = words[given + 1];
  return isFolder || first === void 0 || first.text.startsWith("-") ? [] : change(first, /^a/.test(name) || words.some(({ text }) => /^-append$/i.test(text)) ? "edited" : "created");
}
function folderAfter(word, { folder }) {
  return word === void 0 || !word.isPlain || word.text === "-" || folder === null ? null : inFolder(word.text, folder);
}
var ELSEWHERE = /\.(?:log|pid|out)$|^(?:\/dev\/|\/tmp\/|\/var\/tmp\/|\/private\/tmp\/|\/proc\/|&|\$|nul$|[A-Za-z]:[\\/](?:Temp|Windows)[\\/])/i;
function pathOf({ text, isPlain }, { folder }) {
  if (!isPlain || text === "" || /[\\/]$|^\.{1,2}$|^-$|\n|…/.test(text) || nameOf(text) === "") return null;
  let isFixed = (0, import_node_path.isAbsolute)(text) || import_node_path.win32.isAbsolute(text);
  return ELSEWHERE.test(text) || folder === null && !isFixed ? null : inFolder(text, folder ?? void 0);
}
function inFolder(path, folder) {
  return folder === void 0 || import_node_path.win32.isAbsolute(path) ? path : (0, import_node_path.isAbsolute)(folder) ? (0, import_node_path.resolve)(folder, path) : import_node_path.win32.isAbsolute(folder) ? import_node_path.win32.resolve(folder, path) : path;
}

// handover/tools/git-outcome.ts
var VERB = /\b(?:push|cherry-pick|revert|reset|merge|am)\b/, MATTERS = /\b(?:gh|glab|hub|tea)\s+(?:pr|mr|pull-request|pulls?)\b|\bcommit\b/;
function mayChangeGit(line) {
  let afterGit = line.split(`
`).map((each) => /\bgit\b(.*)/s.exec(each)?.[1] ?? "");
  return MATTERS.test(line) || afterGit.some((words) => VERB.test(words));
}
var COMMITTED = /^\[(?:.+ )?([0-9a-f]{7,40})\] (.+)$/gm, PUSHED = /^ [ *+!=-]? ?(?:\[new (?:branch|tag)\]|[0-9a-f]+\.{2,3}[0-9a-f]+) +(\S+) -> (\S+)/gm, PULL_REQUEST = /https?:\/\/[^\s"'<>)\]]{1,300}\/(?:pull|pulls|merge_requests|pull-requests|pullrequest)\/\d+/g;
function gitOutcome(line, output, hasFailed) {
  let calls = simpleCommands(line).map((command) => gitCallOf(command, hasFailed)).filter((call2) => call2 !== null), call = (verb) => calls.find((each) => each.verb === verb), printed = calls.some(({ verb }) => COMMITS.test(verb)) ? [...output.matchAll(COMMITTED)].map(([, id = "", subject2 = ""]) => ({ id, subject: subject2.trim() })) : [], committing = call("commit"), subject = committing?.hasSucceeded ? messageOf(committing.words) : null, commits = committing?.words.includes("--dry-run") ? [] : printed.length > 0 ? printed : subject ? [{ id: null, subject }] : [], opens = /\b(?:gh|glab|hub|tea)\s+(?:pr|mr|pull-request|pulls?)\s+(?:create|new|c)\b/.test(line), reset = call("reset");
  return {
    commits,
    amends: commits.length > 0 && committing?.words.includes("--amend") === !0,
    undone: reset?.hasSucceeded ? undoneBy(reset.words) : 0,
    pushes: pushesBy(
      calls.filter(({ verb }) => verb === "push"),
      output
    ),
    pullRequests: opens ? pullRequestsIn(output).slice(-1) : []
  };
}
var COMMITS = /^(?:commit|cherry-pick|revert|merge|am|rebase|pull)$/;
function pullRequestsIn(text) {
  return [...new Set(text.match(PULL_REQUEST) ?? [])];
}
var MAX_BEFORE2 = 3;
function gitCallOf({ words, end }, hasFailed) {
  let at = words.findIndex(({ text }) => /(?:^|[\\/])git(?:\.exe)?$/.test(text));
  if (at === -1 || at > MAX_BEFORE2 || /^(?:echo|printf|grep|rg)$/.test(words[0]?.text ?? "")) return null;
  let rest = words.slice(at + 1).map(({ text }) => text);
  for (; /^-/.test(rest[0] ?? ""); ) rest.splice(0, /^-[Cc]$/.test(rest[0] ?? "") ? 2 : 1);
  return { verb: rest[0] ?? "", words: rest.slice(1), hasSucceeded: end === "succeeded" && !hasFailed };
}
var MAX_MESSAGE_CHARS = 2e3;
function messageOf(words) {
  let at = words.findIndex((word) => /^-[a-zA-Z]*m$|^--message$/.test(word)), [, joined] = /^--message=([\s\S]*)$/.exec(words.find((word) => word.startsWith("--message=")) ?? "") ?? [], text = (joined ?? (at === -1 ? "" : words[at + 1] ?? "")).slice(0, MAX_MESSAGE_CHARS), [, inner2] = /<<-?\s*['"]?\w[^\n]*\n([\s\S]*)$/.exec(text) ?? [];
  return (inner2 ?? text).trim().split(`
`, 1)[0]?.trim() || null;
}
function undoneBy(words) {
  let [, count] = words.map((word) => /^HEAD(?:~(\d*)|\^)$/.exec(word)).find(Boolean) ?? [];
  return words.some((word) => /^HEAD[~^]/.test(word)) ? Number(count || 1) : 0;
}
function pushesBy(calls, output) {
  if (/\[(?:remote )?rejected\]|^(?:fatal|error): /m.test(output)) return [];
  let reports = output.split(/^To .*$/m).slice(1);
  if (reports.length > 0) {
    let of = reports.length === calls.length ? calls : calls.slice(-1);
    return of.flatMap((call, at) => {
      let [report = ""] = (reports.at(at - of.length) ?? "").split(/^From .*$/m, 1);
      return isPush(call) ? [...report.matchAll(PUSHED)].map(([, , to = ""]) => `${remoteOf(call)}/${to}`) : [];
    });
  }
  return /Everything up-to-date/.test(output) ? [] : calls.filter((call) => call.hasSucceeded && isPush(call)).map((call) => {
    let [, branch] = withoutOptions(call.words.filter((word) => !word.startsWith("-"))), target = branch?.split(":").at(-1)?.replace(/^\+|^refs\/heads\//g, "");
    return target === void 0 || target === "HEAD" ? remoteOf(call) : `${remoteOf(call)}/${target}`;
  });
}
function isPush({ words }) {
  return !words.some((word) => /^(?:-n|--dry-run|-d|--delete|:.*)$/.test(word));
}
function remoteOf({ words }) {
  let [remote] = withoutOptions(words.filter((word) => !word.startsWith("-")));
  return remote === void 0 || /[:/]/.test(remote) ? "origin" : remote;
}

// handover/tools/other-tools.ts
var PATHS = [
  "file_path",
  "filePath",
  "path",
  "relative_path",
  "relativePath",
  "pathInProject",
  "path_in_project",
  "filepath",
  "target_file",
  "targetFile",
  "filename",
  "file_name",
  "file",
  "uri"
], TEXTS = /^(?:old_?(?:string|str|text)|new_?(?:string|str|text|content)|content|contents|text|edits|changes|patch|diff|repl|replacement|replace|body|code|file_text|insert_text|code_edit|data|lines|needle|new_source|operations)$/i, WRITES2 = /(?:^|_)(?:edit|write|create|replace|insert|update|patch|apply|append|prepend|modify|overwrite|save|put|str|rewrite|refactor)(?:_|$)/, REMOVES = /(?:^|_)(?:delete|remove|unlink|rm)(?:_|$)/, MOVES = /(?:^|_)(?:move|rename|mv)(?:_|$)/, RUNS = /(?:^|_)(?:bash|shell|execute|exec|run|command|terminal|powershell|process|cmd)(?:_|$)/, READS = /(?:^|_)(?:read|get|list|search|find|fetch|view|show|browse|browser|navigate|screenshot|snapshot|open|google|lookup|describe|check|wait|think|resolve|ask|status|info|web|console|network|hover|click|docs?)(?:_|$)/;
function otherTool(tool, input) {
  if (tool === "Agent" || tool === "Task" || tool === "Workflow") return { kind: "agent", target: "" };
  let name = (tool.split("__").at(-1) ?? tool).replace(/([a-z])([A-Z])/g, "$1_$2").replace(/[.-]/g, "_").toLowerCase(), fields = recordOf(input) ?? {}, isRemote = "owner" in fields || "repo" in fields || "repository" in fields || "page_id" in fields, field = (keys) => keys.map((key) => textField(fields, key)).find((value) => value !== void 0 && value !== ""), path = isRemote ? void 0 : field(PATHS)?.replace(/^file:\/\//, ""), from = field(["source", "from", "old_path", "oldPath", "source_path"]), to = field(["destination", "to", "new_path", "newPath", "destination_path", "target"]);
  if (MOVES.test(name) && from !== void 0 && to !== void 0 && !isRemote)
    return { kind: "edit", target: to, change: { from } };
  if (path !== void 0 && REMOVES.test(name) && !/symbol|line|memory/.test(name))
    return { kind: "edit", target: path, change: "deleted" };
  let command = field(["command", "cmd", "script"]), hasText = Object.keys(fields).some((key) => TEXTS.test(key));
  if (path !== void 0 && WRITES2.test(name) && hasText && !/^(?:view|read)$/.test(command ?? "")) {
    let isNew = /(?:^|_)(?:write|create|save|put)(?:_|$)/.test(name) || command === "create";
    return { kind: "edit", target: path, ...isNew && { change: "created" } };
  }
  return command !== void 0 && RUNS.test(name) ? { kind: "command", target: command } : { kind: READS.test(name) ? "look" : "other", target: "" };
}
function commandOutput(text) {
  let [, code] = /^(?:Exited with|Exit|exit)(?: code|_code)?:? (\d+)\b/i.exec(text) ?? [];
  return {
    output: text.replace(/^Exited with code \d+\.\s*(?:Final output:\s*)?/, ""),
    hasFailed: code !== void 0 && code !== "0"
  };
}

// handover/transcript/tool-call.ts
var KINDS = /* @__PURE__ */ new Map([
  ["Edit", "edit"],
  ["MultiEdit", "edit"],
  ["Write", "edit"],
  ["NotebookEdit", "edit"],
  ["Bash", "command"],
  ["PowerShell", "command"],
  ["TodoWrite", "todo"],
  ["TaskCreate", "todo"],
  ["TaskUpdate", "todo"],
  ["TaskList", "todo"],
  ["AskUserQuestion", "ask"],
  ["ExitPlanMode", "ask"],
  ["exit_plan_mode", "ask"]
]), LOOKS2 = /^(?:Read|NotebookRead|Grep|Glob|LS|ToolSearch|Web(?:Fetch|Search)|Skill|SlashCommand|EnterPlanMode|Task(?:Get|Output|Stop)|BashOutput|KillShell|KillBash|ListMcpResourcesTool|ReadMcpResourceTool)$/, LEFT_RUNNING = /(?:^|[^&>|])&(?![&>\d])/, MAX_READ_CHARS = 2e4, MAX_COMMAND_CHARS = 2e3;
function isLook(tool) {
  return LOOKS2.test(tool);
}
function toolCall(tool, input, { cwd }) {
  let known = KINDS.get(tool) ?? (LOOKS2.test(tool) ? "look" : void 0), other = known === void 0 ? otherTool(tool, input) : { kind: known, target: targetOf(known, input) }, { kind: meant, target } = other, kind = target === "" && (meant === "edit" || meant === "command") ? "look" : meant, folder = typeof cwd == "string" ? cwd : void 0, call = { ...NO_COMMAND, tool, kind, target, folder };
  if (kind === "command")
    return { ...call, ...commandCall(bounded(target, MAX_READ_CHARS, 0), folder, tool === "PowerShell") };
  let change = "change" in other ? other.change : void 0, changes = kind === "edit" && known === void 0 ? [changeOf(target, change)] : [], part = kind === "edit" ? editedPart(recordOf(input) ?? {}) : null;
  return {
    ...call,
    changes,
    part,
    mayChange: kind === "agent" || kind === "other",
    needsText: kind !== "edit" && kind !== "look",
    input: kind === "todo" || kind === "agent" || kind === "ask" ? input : null
  };
}
var NO_COMMAND = {
  check: null,
  changes: [],
  part: null,
  staysBehind: !1,
  mayChange: !1,
  printsOutcome: !1,
  needsText: !1,
  input: null
};
function targetOf(kind, input) {
  return kind === "edit" ? textField(input, "file_path") ?? textField(input, "notebook_path") ?? "" : kind === "command" ? textField(input, "command")?.trim() ?? "" : "";
}
function changeOf(path, change) {
  return typeof change == "object" ? { path, change: "created", from: change.from } : { path, change: change ?? "edited" };
}
var MAX_REMEMBERED = 50, remembered = new RecentMap(MAX_REMEMBERED);
function commandCall(command, folder, isPowerShell) {
  let key = `${isPowerShell} ${folder} ${command}`, known = remembered.get(key) ?? newCommandCall(command, folder, isPowerShell);
  return command.length <= MAX_COMMAND_CHARS && remembered.set(key, known), known;
}
function newCommandCall(command, folder, isPowerShell) {
  let commands = simpleCommands(command, isPowerShell), check = checkIn(command, commands), printsOutcome = endsWithOutcome(command), looks = commands.every(({ program }) => program === null || onlyLooks(program));
  return {
    target: cut(command),
    check,
    changes: fileChangesBy(command, folder, commands),
    staysBehind: LEFT_RUNNING.test(command) && commands.some(({ next, program }) => next === "&" && program !== null && !onlyLooks(program)),
    mayChange: !looks,
    printsOutcome,
    needsText: check?.kind === "test" || printsOutcome || mayChangeGit(command) || (looks ? !1 : "problems")
  };
}
function endsWithOutcome(line) {
  let begin = Math.max(...[";", "&", "|"].map((sign) => line.lastIndexOf(sign))), last = line.slice(begin + 1).trimStart();
  return begin !== -1 && /^echo\b/.test(last) && /\$(?:\?|\{?PIPESTATUS)/.test(last);
}
function cut(command) {
  return command.length > MAX_COMMAND_CHARS ? `${withoutPart(command.slice(0, MAX_COMMAND_CHARS - 1))}\u2026` : command;
}

// handover/transcript/todo-list.ts
var TodoList = class {
  /** The list from the last `TodoWrite`, which always writes the whole list. */
  #written = [];
  /** Tasks by id. */
  #tasks = /* @__PURE__ */ new Map();
  /** Tasks of all lists that are finished. */
  #finished = /* @__PURE__ */ new Set();
  /** Applies a successful call of one of the client's to-do tools. */
  apply(tool, input, result) {
    let { todos, status } = recordOf(input) ?? {}, id = textField(input, "taskId") ?? "", { task, tasks, success } = recordOf(result) ?? {};
    tool === "TodoWrite" && (this.#written = recordsOf(todos).map((todo) => todoOf(todo, "content"))), tool === "TaskCreate" && this.#add([task]), tool === "TaskList" && Array.isArray(tasks) && (this.#tasks.clear(), this.#add(tasks));
    let known = this.#tasks.get(id);
    tool === "TaskUpdate" && known !== void 0 && success !== !1 && (status === "deleted" ? this.#tasks.delete(id) : this.#tasks.set(id, todoOf(input, "subject", known)));
    for (let { text, state } of this.list())
      state === "completed" ? this.#finished.add(text) : this.#finished.delete(text);
  }
  finished() {
    return [...this.#finished];
  }
  list() {
    return [...this.#written, ...this.#tasks.values()];
  }
  #add(tasks) {
    for (let task of recordsOf(tasks)) this.#tasks.set(textField(task, "id") ?? "", todoOf(task, "subject"));
  }
};
function recordsOf(items) {
  return Array.isArray(items) ? items.map(recordOf).filter((item) => item !== void 0) : [];
}
function todoOf(item, key, before = { text: "", state: "pending" }) {
  let status = textField(item, "status"), isState = status === "pending" || status === "in_progress" || status === "completed";
  return { text: textField(item, key) ?? before.text, state: isState ? status : before.state };
}

// handover/transcript/work-done.ts
var MAX_KEPT = 1e3, MAX_BACKGROUND = 100, MAX_SUBAGENTS = 50, WROTE = /\b(?:wrote|written|created|updated|edited|saved|modified|implemented|committed|renamed|deleted|fixed)\b/i, MAX_SAID_CHARS = 1e3, PLAN = /[\\/]\.claude[\\/]plans[\\/]/, EXIT_CODE = /^Exit code \d+/, TAG = /<\/?tool_use_error>/g, REJECTED_CALL = /^<tool_use_error>/, DENIED = /^(?:The user doesn't want to|Permission to use|Claude requested permission)/, ENDINGS = /* @__PURE__ */ new Map([
  ["completed", "passed"],
  ["failed", "failed"],
  ["killed", "interrupted"],
  ["stopped", "interrupted"]
]), WorkDone = class {
  #decisions = [];
  #files = /* @__PURE__ */ new Map();
  #edits = 0;
  #mayHaveChanged = !1;
  #commits = [];
  #pushes = /* @__PURE__ */ new Set();
  #pullRequests = /* @__PURE__ */ new Set();
  #plans = /* @__PURE__ */ new Set();
  /** By the id of the call. */
  #subagents = new RecentMap(MAX_SUBAGENTS);
  #commands = new RecentMap(MAX_KEPT);
  /** By the id of the call. */
  #background = new RecentMap(MAX_BACKGROUND);
  #todos = new TodoList();
  #promptsBeforeTodos = 0;
  #hasWorkedSinceTodos = !1;
  /** By {@link keyOf} the call that would resolve it. */
  #errors = new RecentMap(MAX_KEPT);
  /** The last denied call, until the session continues. */
  #denials = [];
  /** @param prompts - of the person */
  facts(prompts) {
    let since = this.#hasWorkedSinceTodos ? prompts.slice(this.#promptsBeforeTodos) : [];
    return {
      decisions: this.#decisions,
      files: [...this.#files].flatMap(changeOf2),
      edits: this.#edits,
      mayHaveChanged: this.#mayHaveChanged,
      commits: this.#commits,
      pushes: [...this.#pushes],
      pullRequests: [...this.#pullRequests],
      plans: [...this.#plans],
      subagents: this.#subagents.values(),
      commands: this.#commands.values(),
      todos: this.#todos.list(),
      finished: this.#todos.finished(),
      promptsSinceTodos: since.filter(isSubstantial).length,
      openErrors: [...this.#errors.values(), ...this.#denials]
    };
  }
  continued() {
    this.#denials = [];
  }
  /** The client linked a pull request to the session. */
  linked(address) {
    this.#pullRequests.add(address);
  }
  /**
   * Applies the result of a call.
   *
   * @param prompts - how many the person wrote before
   */
  settle(id, call, line, block, prompts) {
    let { tool, kind } = call;
    kind === "todo" && ([this.#promptsBeforeTodos, this.#hasWorkedSinceTodos] = [prompts, !1]);
    let result = line.toolUseResult, output = textOf(block.content), isError = !tool.startsWith("mcp__") && kind !== "other" && kind !== "agent" && (typeof result == "string" || !!textField(result, "error")), hasFailed = block.is_error === !0 || isError;
    hasFailed && (line.toolDenialKind !== void 0 || DENIED.test(output)) ? this.#denied(call, line) : kind === "command" ? this.#commandEnded(id, call, result, { output, hasFailed }) : hasFailed ? this.#failed(call, output || (textField(result, "error") ?? "")) : this.#succeeded(id, call, line, output);
  }
  /** Applies the result of a subagent's call: only the files it changed are the session's. */
  settleOfSubagent(call, line, block) {
    block.is_error === !0 || typeof line.toolUseResult == "string" || (call.kind === "edit" && this.#edited(call, line.toolUseResult), call.kind === "command" && this.#changedBy(call));
  }
  #succeeded(id, call, line, output) {
    let { tool, kind, input } = call, result = line.toolUseResult;
    if (this.#errors.delete(keyOf(call)), this.#mayHaveChanged ||= call.mayChange, kind === "edit" && this.#edited(call, result), kind === "todo" && this.#todos.apply(tool, input, result), kind === "ask") {
      this.#decisions.push(...decisionsOf(line));
      let plan = textField(result, "filePath");
      plan !== void 0 && PLAN.test(plan) && this.#plan(plan);
    }
    if (kind === "agent") {
      let task = textField(input, "description") ?? "", [said = ""] = output.trim().split(`
`, 1), isRunning = /launched/.test(textField(result, "status") ?? "");
      this.#subagents.set(id, { task: short(task), answer: isRunning ? "" : short(said) }), !isRunning && WROTE.test(output.slice(0, MAX_SAID_CHARS)) && this.#edits++;
    }
    if (/(?:pull|merge)_?request|create_pr$/i.test(tool) && /create|open/i.test(tool))
      for (let address of pullRequestsIn(output).slice(0, 1)) this.linked(address);
  }
  #edited({ target, changes, part }, result) {
    if (PLAN.test(target)) {
      this.#plan(target);
      return;
    }
    let [change = { path: target, change: textField(result, "type") === "create" ? "created" : "edited" }] = changes;
    this.#edits++, this.#apply(change, part);
  }
  /** A plan is no change of the project, but it is what the session made. */
  #plan(path) {
    this.#plans.delete(path), this.#plans.add(path), this.#mayHaveChanged = !0;
  }
  /** Reads the notification that a background command ended. Ignores other texts. */
  notice(content) {
    if (typeof content != "string" || !content.startsWith("<task-notification>")) return;
    let [, id = ""] = /<tool-use-id>([^<]*)/.exec(content) ?? [], outcome = ENDINGS.get(/<status>([^<]*)/.exec(content)?.[1] ?? ""), subagent = this.#subagents.get(id);
    if (subagent !== void 0 && outcome === "passed") {
      let [, answer = ""] = /<result>\s*([^\n<]*)/.exec(content) ?? [];
      this.#subagents.set(id, { ...subagent, answer: short(answer) });
    }
    let call = this.#background.get(id);
    call === void 0 || outcome === void 0 || (this.#background.delete(id), this.#ran(call, { outcome, summary: outcome === "failed" ? /exit code \d+/.exec(content)?.[0] ?? null : null }));
  }
  /** The call was denied before it ran, or was stopped while it ran. */
  #denied(call, line) {
    let { tool, kind, target } = call;
    (line.toolDenialKind === "user-rejected" || line.toolDenialKind === "interrupted") && line.toolDenialBeforeRun !== !0 && textField(line.permissionDecision, "decision") !== "reject" ? kind === "command" && this.#ran(call, { outcome: "interrupted", summary: null }) : this.#denials = [{ tool, text: short(`Not allowed: ${withoutAssignments(target) || tool}`) }];
  }
  #commandEnded(id, call, result, end) {
    let { output: text, hasFailed: isError } = end;
    if (isError && REJECTED_CALL.test(text)) return;
    let other = call.tool.startsWith("mcp__") ? commandOutput(text) : { output: text, hasFailed: !1 }, [exitCode = other.hasFailed ? "failed" : ""] = EXIT_CODE.exec(text) ?? [], hasFailed = isError || other.hasFailed;
    if (textField(result, "backgroundTaskId") !== void 0) {
      this.#background.set(id, call), this.#ran(call, { outcome: "background", summary: null });
      return;
    }
    if (recordOf(result)?.interrupted === !0) {
      this.#ran(call, { outcome: "interrupted", summary: null });
      return;
    }
    let output = hasFailed && isError ? text.slice(EXIT_CODE.exec(text)?.[0].length ?? 0) : other.output, checked = { ...call, check: checkOf(call, output) };
    this.#ran(checked, hasFailed ? judge(checked, output, exitCode) : judge(checked, output), hasFailed), this.#git(call, output, hasFailed);
  }
  #git({ target }, output, hasFailed) {
    if (!mayChangeGit(target)) return;
    let { commits, amends, undone, pushes, pullRequests } = gitOutcome(target, output, hasFailed);
    undone > 0 && this.#commits.splice(-undone), amends && this.#commits.pop();
    for (let commit of commits) this.#commits.push(commit);
    this.#edits += commits.length;
    for (let push of pushes)
      this.#pushes.delete(push), this.#pushes.add(push);
    for (let address of pullRequests) this.linked(address);
  }
  #failed(call, output) {
    let { tool, kind, target } = call;
    if (kind !== "edit" && (kind !== "other" || REJECTED_CALL.test(output))) return;
    let text = output.replace(TAG, "");
    this.#errors.set(keyOf(call), { tool, text: short(target === "" ? text : `${target}: ${text}`) });
  }
  /** @param hasFailed - whether the client says so; the output of a success may show a failure, too */
  #ran(call, { outcome, summary }, hasFailed = outcome !== "passed") {
    let { tool, target, check } = call, command = check?.text ?? target, key = check === null ? target : `${check.folder} ${check.text}`, shown = call.staysBehind && outcome === "passed" ? "background" : outcome, isStillFailed = outcome === "unknown" && this.#commands.get(key)?.outcome === "failed", failures = (this.#commands.get(key)?.failures ?? 0) + (outcome === "failed" ? 1 : 0);
    isStillFailed || this.#commands.set(key, { command, outcome: shown, check, summary, failures }), this.#hasWorkedSinceTodos = !0, outcome === "failed" && this.#errors.set(keyOf(call), { tool, text: short(`${withoutAssignments(command)}: ${summary ?? outcome}`) }), outcome === "passed" && this.#errors.delete(keyOf(call)), hasFailed || this.#changedBy(call);
  }
  /** The files that a command changed that succeeded. */
  #changedBy({ changes, mayChange }) {
    this.#mayHaveChanged ||= mayChange;
    for (let change of changes)
      change.isUnsure || this.#edits++, this.#apply(change, null);
  }
  #apply({ path, change, from, isUnsure }, part) {
    let moved2 = from === void 0 ? void 0 : this.#files.get(from);
    from !== void 0 && this.#files.delete(from);
    let known = this.#files.get(path) ?? moved2;
    this.#files.delete(path), this.#hasWorkedSinceTodos = !0, this.#files.set(path, {
      wasThere: known?.wasThere ?? (change !== "created" || from !== void 0),
      isThere: change !== "deleted",
      from: known?.from ?? from,
      added: (known?.added ?? 0) + (part?.added ?? 0),
      removed: (known?.removed ?? 0) + (part?.removed ?? 0),
      part: part?.name || known?.part || "",
      isUnsure: isUnsure === !0 && known === void 0
    }), this.#errors.delete(`edit ${path}`);
  }
};
function keyOf({ tool, kind, target, check }) {
  return `${kind} ${check?.text ?? (target || tool)}`;
}
function changeOf2([path, state]) {
  let { wasThere, isThere, from, added, removed, part, isUnsure } = state;
  return !wasThere && !isThere ? [] : [
    {
      path,
      change: isThere ? wasThere ? "edited" : "created" : "deleted",
      ...from !== void 0 && isThere && { from },
      ...added + removed > 0 && isThere && { added, removed },
      ...part !== "" && isThere && { part },
      ...isUnsure && { isUnsure }
    }
  ];
}

// handover/transcript/facts-from-transcript.ts
var MAX_CALLS = 1e4, MAX_EARLY = 100, SHORT_BYTES = 1e3;
function factsFromTranscript(lines) {
  let reader = new ConversationReader();
  for (let line of lines) reader.read(typeof line == "string" ? Buffer.from(line) : line);
  return reader.facts();
}
var ConversationReader = class {
  /** Each with the id of the line before it, to detect prompts that the person rewound. */
  #prompts = [];
  #lastAnswer = null;
  #model = null;
  #work = new WorkDone();
  #startedAt = null;
  #endedAt = null;
  #compactions = 0;
  #resumes = 0;
  /** Whether the client recorded an end. The session may still be resumed. */
  #hasEnded = !1;
  #ending = new Ending();
  #title = null;
  /** With the number of prompts before it. */
  #recap = { text: null, prompts: 0 };
  #summary = "";
  #promptsBeforeSummary = 0;
  /** Of the last line that names one: `cli`, `sdk-ts` … */
  #entrypoint;
  /** By id; null for finished calls. */
  #calls = new RecentMap(MAX_CALLS);
  #early = new RecentMap(MAX_EARLY);
  /** Ids of the lines that must not count twice. */
  #known = /* @__PURE__ */ new Set();
  read(bytes) {
    if (this.#startedAt !== null && bytes.length > SHORT_BYTES && this.#readStart(bytes)) return;
    let line = parseLine(bytes);
    if (line === void 0) return;
    if (line.isSidechain === !0) {
      this.#readSubagent(line);
      return;
    }
    line.type === "cost-state" && (this.#hasEnded = !0), line.type === "ai-title" && (this.#title = bounded(textField(line, "aiTitle") ?? "").trim() || this.#title);
    let pullRequest = line.type === "pr-link" ? textField(line, "prUrl") : void 0;
    pullRequest !== void 0 && this.#work.linked(pullRequest), isOfConversation(line) && (this.#entrypoint = textField(line, "entrypoint") ?? this.#entrypoint, this.#startedAt ??= timeOf(line.timestamp), this.#endedAt = line.timestamp ?? this.#endedAt, line.type === "assistant" ? this.#readAnswer(line) : line.type !== "system" ? this.#readUser(line) : this.#isNew(line) && this.#readSystem(line));
  }
  facts() {
    return {
      prompts: this.#prompts.map(({ text }) => text),
      lastAnswer: this.#lastAnswer,
      title: this.#title,
      recap: this.#prompts.slice(this.#recap.prompts).some(({ text }) => isSubstantial(text)) ? null : this.#recap.text,
      summary: compactionSummary(this.#summary),
      promptsBeforeSummary: this.#promptsBeforeSummary,
      ...this.#work.facts(this.#prompts.map(({ text }) => text)),
      model: this.#model,
      startedAt: this.#startedAt,
      endedAt: timeOf(this.#endedAt) ?? this.#startedAt,
      compactions: this.#compactions,
      resumes: this.#resumes,
      ending: this.#ending.state(),
      startedBy: this.#startedBy()
    };
  }
  #startedBy() {
    let [first] = this.#prompts;
    return first !== void 0 && OBSERVER.test(first.text) ? "observer" : this.#entrypoint?.startsWith("sdk") ? "sdk" : "person";
  }
  /** @returns false if the whole line must be parsed */
  #readStart(bytes) {
    let start = lineStart(bytes);
    if (start === void 0) return !1;
    let { model, id = "", tool } = start;
    if (model !== void 0) {
      let input = tool === void 0 || isLook(tool) ? null : inputIn(bytes, start), isCommand = textField(input, "command") !== void 0, folder = isCommand ? folderIn(bytes) : void 0;
      return input === void 0 || isCommand && folder === void 0 ? !1 : (this.#continued(model), this.#ending.answered(), tool !== void 0 && this.#called(id, toolCall(tool, input, { cwd: folder }), input), this.#endedAt = timestampOfAnswer(bytes), !0);
    }
    let call = this.#calls.get(id);
    if (call === void 0 || call?.needsText === !0) return !1;
    let success = successIn(bytes, start, call?.needsText === "problems");
    return success === void 0 ? !1 : (this.#settle(id, { toolUseResult: success }, {}), this.#endedAt = success.timestamp, !0);
  }
  #readAnswer(line) {
    if (line.isApiErrorMessage === !0) {
      this.#ending.failed(line);
      return;
    }
    if (this.#continued(textField(line.message, "model")), textField(line.message, "model") !== "<synthetic>") {
      this.#ending.answered();
      for (let block of blocksOf(line)) {
        let text = block.type === "text" ? textField(block, "text")?.trim() : void 0;
        text && (this.#lastAnswer = bounded(text));
        let { id, name } = block;
        typeof id == "string" && typeof name == "string" && this.#called(id, toolCall(name, block.input, line), block.input);
      }
    }
  }
  #readUser(line) {
    let [tool] = blocksOf(line).flatMap(({ tool_use_id: id }) => this.#calls.get(id)?.tool ?? []);
    for (let block of blocksOf(line))
      typeof block.tool_use_id == "string" && this.#settle(block.tool_use_id, line, block);
    this.#work.notice(recordOf(line.attachment)?.prompt ?? recordOf(line.message)?.content), line.toolUseResult === void 0 && this.#ending.noticed(line);
    let summary = summaryTextIn(line);
    summary !== void 0 && this.#isNew(line) && (this.#summary = summary, this.#promptsBeforeSummary = this.#prompts.length);
    let text = promptOf(line, tool);
    if (text === null || !this.#isNew(line)) return;
    this.#continued(), this.#ending.prompted();
    let parent = line.parentUuid, rewound = this.#prompts.findIndex((prompt) => typeof parent == "string" && prompt.parent === parent);
    rewound !== -1 && this.#prompts.splice(rewound), this.#prompts.push({ text, parent });
  }
  #readSystem(line) {
    line.subtype === "compact_boundary" ? this.#compactions++ : line.subtype === "away_summary" ? this.#recap = { text: recapOf(line), prompts: this.#prompts.length } : this.#ending.noticed(line);
  }
  /** A subagent's calls, as older clients write them into the session's transcript. */
  #readSubagent(line) {
    for (let block of blocksOf(line)) {
      let { id, name, tool_use_id: settled } = block;
      typeof id == "string" && typeof name == "string" && this.#calls.set(id, toolCall(name, block.input, line));
      let call = typeof settled == "string" ? this.#calls.get(settled) : void 0;
      call && (this.#calls.set(settled, null), this.#work.settleOfSubagent(call, line, block));
    }
  }
  #called(id, call, input) {
    if (this.#calls.get(id) !== void 0) return;
    this.#calls.set(id, call), call.tool === "AskUserQuestion" && this.#ending.asked(id, input);
    let early = this.#early.get(id);
    early !== void 0 && this.#settle(id, early.line, early.block);
  }
  #settle(id, line, block) {
    let call = this.#calls.get(id);
    call === void 0 && this.#early.set(id, { line, block }), call && (this.#calls.set(id, null), this.#ending.settled(id), this.#work.settle(id, call, line, block, this.#prompts.length));
  }
  /** The session continues: Claude answers, or the person writes a prompt. */
  #continued(model) {
    model !== void 0 && model !== "<synthetic>" && (this.#model = model), this.#hasEnded && this.#resumes++, this.#hasEnded = !1, this.#work.continued();
  }
  #isNew({ uuid }) {
    let isNew = uuid === void 0 || !this.#known.has(uuid);
    return this.#known.add(uuid), isNew;
  }
}, OBSERVER = /^Hello,? memory agent|^You are (?:a|an|the) (?:memory|observer|observing) agent/i;
function recapOf(line) {
  return bounded(textField(line, "content") ?? "").trim().replace(/\((?:disable|turn off|configure)\b[^()]*\/config\)$/i, "").trim() || null;
}
function timeOf(timestamp) {
  let time = typeof timestamp == "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
function isOfConversation({ type, parentUuid, attachment }) {
  return type !== "attachment" ? type === "user" || type === "assistant" || type === "system" : parentUuid === null || textField(attachment, "type") === "queued_command";
}

// handover/transcript/read-transcript.ts
var import_node_fs = require("node:fs"), CHUNK_BYTES = 256 * 1024, MAX_LINE_BYTES = 16 * 1024 * 1024, LINE_FEED = 10;
function* transcriptLines(path, isWanted = () => !0, chunkBytes = CHUNK_BYTES) {
  let file = open(path);
  if (file !== null)
    try {
      let left = (0, import_node_fs.fstatSync)(file).size, chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, left)), kept = 0, isTooLong = !1;
      for (; left > 0; ) {
        let bytes = (0, import_node_fs.readSync)(file, chunk, kept, Math.min(chunk.length - kept, left), null);
        if (bytes === 0) break;
        left -= bytes;
        let end = kept + bytes, from = 0;
        for (let feed = chunk.indexOf(LINE_FEED, kept); feed !== -1 && feed < end; feed = chunk.indexOf(LINE_FEED, from))
          isTooLong ||= feed - from > MAX_LINE_BYTES, !isTooLong && isWanted(chunk, from, feed) && (yield chunk.subarray(from, feed)), isTooLong = !1, from = feed + 1;
        isTooLong ||= end - from > MAX_LINE_BYTES, kept = isTooLong ? 0 : end - from;
        let next = kept === chunk.length ? Buffer.allocUnsafeSlow(2 * kept) : chunk;
        chunk.copy(next, 0, from, from + kept), chunk = next;
      }
      kept > 0 && isWanted(chunk, 0, kept) && (yield chunk.subarray(0, kept));
    } catch {
    } finally {
      (0, import_node_fs.closeSync)(file);
    }
}
function open(path) {
  try {
    let file = (0, import_node_fs.openSync)(path, "r");
    if ((0, import_node_fs.fstatSync)(file).isFile()) return file;
    (0, import_node_fs.closeSync)(file);
  } catch {
  }
  return null;
}

// handover/transcript/subagent-files.ts
var import_node_fs2 = require("node:fs"), import_node_path2 = require("node:path");
var MAX_BYTES = 8e6, MAX_TRANSCRIPTS = 50;
function withSubagents(facts, transcriptPath) {
  if (facts.subagents.length === 0) return facts;
  let folder = (0, import_node_path2.join)(transcriptPath.replace(/\.jsonl$/, ""), "subagents"), left = MAX_BYTES, theirs = transcriptsIn(folder).flatMap(({ path, bytes }) => (left -= bytes, left < 0 ? [] : [factsFromTranscript(transcriptLines(path, mayHoldFacts))])), own = new Set(facts.files.map(({ path }) => path)), files = new Map(
    theirs.flatMap((each) => each.files.filter(({ path }) => !own.has(path)).map((file) => [file.path, file]))
  ), edits = theirs.reduce((sum, each) => sum + each.edits, facts.edits);
  return { ...facts, files: [...files.values(), ...facts.files], edits };
}
function transcriptsIn(folder) {
  try {
    return (0, import_node_fs2.readdirSync)(folder, { recursive: !0 }).map(String).filter((name) => name.endsWith(".jsonl")).slice(0, MAX_TRANSCRIPTS).map((name) => ({ path: (0, import_node_path2.join)(folder, name), stat: (0, import_node_fs2.statSync)((0, import_node_path2.join)(folder, name)) })).sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs).map(({ path, stat }) => ({ path, bytes: stat.size }));
  } catch {
    return [];
  }
}

// handover/transcript/transcript-facts.ts
var NO_FACTS = {
  prompts: [],
  lastAnswer: null,
  title: null,
  recap: null,
  summary: null,
  promptsBeforeSummary: 0,
  decisions: [],
  files: [],
  edits: 0,
  mayHaveChanged: !1,
  commits: [],
  pushes: [],
  pullRequests: [],
  plans: [],
  subagents: [],
  commands: [],
  todos: [],
  finished: [],
  promptsSinceTodos: 0,
  openErrors: [],
  model: null,
  startedAt: null,
  endedAt: null,
  compactions: 0,
  resumes: 0,
  ending: { cutOff: null, isInterrupted: !1, isExited: !1, isAnswered: !0, question: null },
  startedBy: "person"
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  NO_FACTS,
  covers,
  factsFromTranscript,
  isSubstantial,
  mayHoldFacts,
  onlyLooks,
  simpleCommands,
  transcriptLines,
  weightOf,
  withSubagents,
  withoutAssignments,
  withoutPaste
});
