import { isInside } from "../file-names.ts";

/** Files that tools run or obey when a project is opened, entered, built, tested or committed to. */
const PATTERNS: readonly RegExp[] = [
  // Agents: instructions, settings, servers, commands.
  folders(".claude|.claude-plugin|.agents|.cursor|.gemini|.codex|.windsurf|.kiro|.continue|.roo|.clinerules|.amazonq"),
  folders(".junie|.opencode|.aider|.augment|.qwen|.goose|.trae"),
  files(
    "(?:CLAUDE|AGENTS?|GEMINI|QWEN|CONVENTIONS|WARP)(?:[.]local|[.]override)?[.]md|[.]mcp[.]json|opencode[.]jsonc?",
  ),
  files("[.](?:cursor|windsurf|cline|roo|goose)rules[^/]*|[.]goosehints|[.]roomodes|[.]aider[^/]*"),
  // Editors and debuggers.
  folders(".vscode|.idea|.zed|.fleet|.devcontainer|.vs|.nvim|.vim"),
  files("[^/]*[.]code-workspace|[.]devcontainer[.]json|[.]n?vim[.]lua|[.]g?vimrc|_vimrc|[.]exrc|[.]nvimrc|[.]lvimrc"),
  files("[.]dir-locals(?:-2)?[.]el|[.](?:gdb|lldb)init|[.]sublime-project|[^/]*[.]sublime-project"),
  // Shells, environments, containers.
  files(
    "[.]envrc|[.]env(?:[.][^/]*)?|[.]?mise(?:[.][^/]*)?[.]toml|[.]tool-versions|[.]autoenv[^/]*|[.]in|devbox[.]json",
  ),
  files("(?:flake|shell|default|devenv)[.]nix|devenv[.]ya?ml|[.](?:bash|zsh|z)?(?:rc|profile|env|login)|[.]inputrc"),
  files("(?:docker-)?compose[^/]*[.]ya?ml|(?:Docker|Container|Vagrant|Proc|Tilt)file(?:[.][^/.]+)?"),
  // Git: hooks that a setting or a program installs, settings, filters.
  folders(".githooks|githooks|.git-hooks|.hooks|.husky"),
  files("[.]git(?:attributes|config|modules)|[.]lfsconfig|[.]huskyrc[^/]*|[.]pre-commit-[^/]*"),
  files(
    "[.]?lefthook[^/]*|[.]overcommit[.]yml|[.]lintstagedrc[^/]*|[.]czrc|[.]commitlintrc[^/]*|[.]simple-git-hooks[^/]*",
  ),
  // CI services.
  /^\.(?:github\/(?:workflows|actions|instructions|copilot-instructions)|circleci|buildkite|woodpecker|forgejo|gitea|gitlab)(?:\/|\.md$)/i,
  files("[.]?(?:gitlab-ci|travis|drone|cirrus|woodpecker|appveyor|azure-pipelines|bitbucket-pipelines)[.]ya?ml"),
  files(
    "Jenkinsfile[^/]*|cloudbuild[.]ya?ml|buildspec[.]ya?ml|netlify[.]toml|vercel[.]json|wrangler[.](?:toml|jsonc?)",
  ),
  // JavaScript.
  folders(".yarn"),
  files(
    "package[.](?:json|json5|yaml)|[.]npmrc|[.]yarnrc(?:[.]yml)?|[.]?pnpmfile[.][cm]?js|pnpm-workspace[.]yaml|[.]pnp[.][^/]*",
  ),
  files(
    "[^/]*[.]config[.][cm]?[jt]sx?|[.][^/]*rc[.][cm]?[jt]s|[.](?:eslint|babel|swc|nyc|mocha|prettier|stylelint)rc[^/]*",
  ),
  files("(?:gulp|Grunt|jake)file[^/]*|(?:deno|bunfig|nx|turbo|lerna)[.](?:jsonc?|toml)"),
  // Python, Ruby, PHP.
  files(
    "setup[.](?:py|cfg)|pyproject[.]toml|(?:conftest|noxfile|tasks|fabfile|dodo|(?:site|user)customize)[.]py|tox[.]ini",
  ),
  files("[^/]*[.]pth|[.]pylintrc|pylintrc|[.]flake8|pytest[.]ini|Pipfile|SConstruct|wscript"),
  folders(".bundle"),
  files(
    "Gemfile[^/]*|Rakefile|[^/]*[.]gemspec|[.](?:pry|irb)rc|[.]rubocop[^/]*|[.]rspec|Guardfile|composer[.]json|artisan",
  ),
  // Compiled languages, make and similar.
  folders(".cargo|.mvn|buildSrc|gradle"),
  files("build[.]rs|(?:Cargo|rust-toolchain)[.]toml|rust-toolchain|clippy[.]toml"),
  files("(?:build|settings|init)[.]gradle(?:[.]kts)?|gradle[.]properties|gradlew(?:[.]bat)?|mvnw(?:[.]cmd)?|pom[.]xml"),
  files(
    "build[.]sbt|build[.]sc|mix[.]exs|rebar[.]config|Package[.]swift|Podfile|Fastfile|[^/]*[.]cabal|Setup[.]hs|build[.]zig",
  ),
  files("[^/]*[.](?:cs|fs|vb|vcx)?proj|[^/]*[.](?:props|targets)|[^/]*[.]sln|nuget[.]config|global[.]json"),
  files(
    "(?:GNU)?Makefile(?:[.](?:am|in|common|inc|local|win))?|[^/]*[.]mk|[.]?justfile|Taskfile[^/]*|CMakeLists[.]txt|CMakePresets[.]json|[^/]*[.]cmake",
  ),
  files(
    "configure(?:[.]ac)?|meson[.]build|build[.]ninja|[.]bazelrc|BUILD(?:[.]bazel)?|(?:WORKSPACE|MODULE)(?:[.]bazel)?|[^/]*[.]bzl",
  ),
];

/** Everything in a folder of one of these names, anywhere in the project. */
function folders(names: string): RegExp {
  return new RegExp(`(?:^|/)(?:${names.replaceAll(".", "[.]")})/`, "i");
}

function files(names: string): RegExp {
  return new RegExp(`(?:^|/)(?:${names})$`, "i");
}

/** @param hooksFolder - where git looks for hooks, relative to the root, if that is in the project */
export function runsByItself(path: string, hooksFolder: string | null = null): boolean {
  return PATTERNS.some((pattern) => pattern.test(path)) || (hooksFolder !== null && isInside(path, hooksFolder));
}
