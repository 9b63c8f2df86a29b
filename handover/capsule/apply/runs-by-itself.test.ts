import { describe, expect, it } from "vitest";
import { useWorld } from "../../../test/support/capsule/world.ts";
import { buildCapsule } from "../build/build-capsule.ts";
import { applyInWorktree } from "./apply-capsule.ts";
import { runsByItself } from "./runs-by-itself.ts";

const world = useWorld();

const RUN = `
  CLAUDE.md sub/CLAUDE.local.md AGENTS.md GEMINI.md .claude/settings.json .mcp.json .cursor/rules/x.mdc .cursorrules
  .windsurfrules .clinerules .clinerules/x.md .roo/rules.md .aider.conf.yml opencode.json .opencode/agent/x.md .junie/guidelines.md
  .github/copilot-instructions.md .github/workflows/ci.yml .gitlab-ci.yml .circleci/config.yml Jenkinsfile wrangler.jsonc
  .githooks/pre-commit sub/.husky/pre-push .pre-commit-config.yaml lefthook.yml .lintstagedrc.js .gitattributes .gitconfig .lfsconfig
  .vscode/tasks.json .idea/workspace.xml x.code-workspace .nvim.lua .vimrc .exrc .dir-locals.el .lldbinit .gdbinit .devcontainer/devcontainer.json
  .envrc .env .env.local mise.toml .tool-versions devbox.json flake.nix shell.nix docker-compose.yml Dockerfile Vagrantfile Tiltfile
  package.json sub/package.json .npmrc .yarnrc.yml .pnp.cjs .pnpmfile.cjs pnpm-workspace.yaml .eslintrc.js .eslintrc.cjs .prettierrc.js
  .babelrc.js .mocharc.cjs vite.config.ts gulpfile.js Gruntfile.js deno.json bunfig.toml
  setup.py setup.cfg pyproject.toml conftest.py noxfile.py tox.ini usercustomize.py x.pth .pylintrc tasks.py Pipfile
  Gemfile Rakefile x.gemspec .pryrc .rubocop.yml composer.json
  build.rs Cargo.toml .cargo/config.toml build.gradle settings.gradle.kts gradlew gradle/wrapper/gradle-wrapper.properties pom.xml .mvn/jvm.config
  build.sbt mix.exs Package.swift Podfile x.csproj Directory.Build.props x.targets x.sln
  Makefile GNUmakefile x.mk justfile Taskfile.yml CMakeLists.txt x.cmake configure meson.build .bazelrc BUILD.bazel defs.bzl
`;
const RUN_NOT = `
  README.md docs/make.md src/index.ts src/hooks/use-thing.ts src/config/index.ts LICENSE CHANGELOG.md data.json tsconfig.json
  src/makefile-parser.ts claude.md.txt test/fixtures/package.json.txt .gitignore .editorconfig .nvmrc notes/agents-of-change.md
  src/environment.ts src/build.ts styles/main.css images/x.png docs/dockerfile-guide.md src/setup.ts
`;
const words = (text: string) => text.trim().split(/\s+/);

describe("files that tools run or obey on their own", () => {
  it("are those that agents, editors, shells, hooks, services and builds look for", () => {
    expect(words(RUN).filter((path) => !runsByItself(path))).toEqual([]);
    expect(words(RUN).filter((path) => !runsByItself(path.toUpperCase()))).toEqual([]);
    expect(words(RUN_NOT).filter((path) => runsByItself(path))).toEqual([]);
  });

  it("are listed when a capsule is applied, as are files in git's hooks folder", async () => {
    const pc = world.clone();
    world.git(pc, "config", "core.hooksPath", "tools/run on commit");
    for (const path of ["tools/run on commit/pre-commit", "tools/other", "sub/.cursorrules", "package.json"])
      world.write(path, "{}");
    world.remove("README.md");
    const { content } = await buildCapsule(world.mac);
    const { runsByItself: named } = await applyInWorktree(pc, content, world.target());
    expect(named).toEqual(["package.json", "sub/.cursorrules", "tools/run on commit/pre-commit"]);
  });
});
