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

// hooks/read-commands.ts
var read_commands_exports = {};
__export(read_commands_exports, {
  checkIn: () => checkIn,
  commandOutput: () => commandOutput,
  covers: () => covers,
  editedPart: () => editedPart,
  fileChangesBy: () => fileChangesBy,
  gitOutcome: () => gitOutcome,
  mayChangeGit: () => mayChangeGit,
  onlyLooks: () => onlyLooks,
  otherTool: () => otherTool,
  pullRequestsIn: () => pullRequestsIn,
  simpleCommands: () => simpleCommands,
  withoutAssignments: () => withoutAssignments,
  wordSet: () => wordSet
});
module.exports = __toCommonJS(read_commands_exports);

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
  let known = /* @__PURE__ */ new Map(), root = { chains: [{ parts: [] }], shell: null }, open = [root], shells = 0, depth = 0, isLost = !1, last = "", unsure = /* @__PURE__ */ new Set();
  for (let token of tokens) {
    let group = open.at(-1) ?? root, chain = group.chains.at(-1);
    if (typeof token == "number")
      (depth > 0 || isLost) && unsure.add(token), chain.parts.push({ part: token, next: "" });
    else if (token === "(" || token === "{") {
      typeof last == "number" && token === "(" && (isLost = !0);
      let inner2 = { chains: [{ parts: [] }], shell: token === "(" ? ++shells : null };
      chain.parts.push({ part: inner2, next: "" }), open.length < MAX_DEPTH && open.push(inner2);
    } else if (token === ")" || token === "}")
      open.length > 1 && open.pop();
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

// handover/tools/edited-part.ts
var DEFINED = /^[ \t]*(?:export\s+)?(?:default\s+)?(?:pub(?:\([^)\n]*\))?\s+)?(?:public\s+|private\s+|protected\s+|static\s+|abstract\s+|async\s+|override\s+)*(?:function\*?|class|def|fn|func|interface|type|struct|enum|trait|module|describe|const|let)\s+(?:\([^)\n]*\)\s*)?([A-Za-z_$][\w$]*)|^#{1,4}\s+(.{2,40})$/m;
function editedPart(input) {
  let edits = Array.isArray(input.edits) ? input.edits : [input], [added, removed, name, isWhole] = [0, 0, "", !1];
  for (let edit of edits) {
    let before = textIn(edit, "old_string", "oldText", "old_text", "oldString"), after = textIn(edit, "new_string", "newText", "new_text", "newString", "new_source", "content", "file_text");
    if (before.length + after.length > MAX_COMPARED) return null;
    isWhole ||= before === "" && textIn(edit, ...WHOLE) !== "";
    let [old, now] = [linesOf(before), linesOf(after)], same = 0;
    for (; same < old.length && same < now.length && old[same] === now[same]; ) same++;
    let tail = 0;
    for (; tail < old.length - same && tail < now.length - same && old.at(-1 - tail) === now.at(-1 - tail); ) tail++;
    if (added += now.length - same - tail, removed += old.length - same - tail, before === "" || name !== "") continue;
    let [, symbol, heading] = DEFINED.exec(after.slice(0, MAX_SEARCHED)) ?? [];
    name = symbol ?? heading?.trim() ?? "";
  }
  return added + removed === 0 ? null : { added, removed, isWhole, name };
}
var WHOLE = ["content", "file_text"], MAX_SEARCHED = 2e3, MAX_COMPARED = 2e4;
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
  let { name } = program, rest = words.slice(words.length - program.args.length), plain = rest.filter(({ text }) => !/^-/.test(text)), has = (pattern) => rest.some(({ text }) => pattern.test(text)), to = (index) => plain.at(index);
  switch (name) {
    case "git":
      return byGit(rest, change, place);
    case "mv":
    case "move":
    case "move-item":
    case "mi":
    case "rename-item":
    case "ren":
      return moved(plain, place, name.startsWith("ren"));
    case "cp":
    case "copy":
    case "copy-item":
    case "install":
    case "ln":
      return plain.length === 2 && !has(/^-[a-zA-Z]*[rRda]|^-recurse$/i) && !/[\\/]$|^\.{1,2}$/.test(to(1)?.text ?? "") ? change(to(1), "created") : [];
    case "rm":
    case "del":
    case "unlink":
    case "remove-item":
    case "ri":
      return has(/^-[a-qs-zA-QS-Z]*[rR]|^--recursive$|^-recurse$/) ? [] : byRemoval(plain, change, has(/^-[a-zA-Z]*f|^--force/) && name === "rm");
    case "sed":
    case "gsed":
      return has(/^(?:-[a-zA-Z]*i|--in-place)/) ? editedBySed(rest).flatMap((word) => change(word, "edited")) : [];
    case "perl":
      if (has(/^-[a-zA-Z0-9]*i/)) return plain.slice(1).flatMap((word) => change(word, "edited"));
      break;
    case "tee":
      return byOutput(plain, change, has(/^(?:-a|--append)$/));
    case "touch":
    case "truncate":
      return plain.filter(({ text }) => !/^\d/.test(text)).flatMap((word) => change(word, "created"));
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
      return change(plain[0], "edited");
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
  let verb = words[at]?.text, rest = words.slice(at + 1), plain = rest.filter(({ text }) => !text.startsWith("-"));
  if (verb === "mv") return moved(plain, place, !1);
  let keeps = rest.some(({ text }) => /^(?:--cached|-n|--dry-run|-r)$/.test(text));
  return verb === "rm" && !keeps ? plain.flatMap((word) => change(word, "deleted")) : [];
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
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  checkIn,
  commandOutput,
  covers,
  editedPart,
  fileChangesBy,
  gitOutcome,
  mayChangeGit,
  onlyLooks,
  otherTool,
  pullRequestsIn,
  simpleCommands,
  withoutAssignments,
  wordSet
});
