import { describe, expect, it } from "vitest";
import { checkIn } from "./check-run.ts";

const kindOf = (command: string) => checkIn(command)?.kind ?? null;

describe("a test run", () => {
  it.each([
    "npm test",
    "npm t",
    "npm run test:unit -- --run",
    "npm --silent run e2e",
    "npm.cmd test",
    "npm --prefix web test",
    "npm run -w web test",
    "npm exec -- vitest run",
    "pnpm -r test",
    "pnpm vitest",
    "pnpm --filter web test",
    "pnpm -C web test",
    "corepack pnpm test",
    "yarn unit-tests",
    "yarn jest",
    "yarn vitest run",
    "yarn workspace web test",
    "yarn workspaces foreach -A run test",
    "bun test",
    "bun vitest",
    "deno task test",
    "npx vitest run src",
    "./node_modules/.bin/jest --ci",
    "CI=1 FORCE_COLOR=0 pytest -q tests/",
    "python3 -m pytest",
    "./venv/bin/python -m pytest",
    "py -m pytest",
    "python manage.py test",
    "uv run pytest",
    "uv run --with x pytest",
    "pipenv run pytest",
    "poetry run python -m pytest -q",
    "hatch test",
    "pdm run test",
    "tox -e py312",
    "conda run -n x pytest",
    "cd src && go test ./... 2>&1 | tail -5",
    "gotestsum",
    "cargo nextest run",
    "cargo test --all",
    "dotnet test",
    "swift test",
    "flutter test",
    "./gradlew :app:test",
    "./gradlew testDebugUnitTest",
    "mvn -q verify",
    "make -j4 check",
    "make -C sub test",
    "mise run test",
    "mise run test:ci 2>&1 | tail -30",
    "mise exec -- go test ./...",
    "task test",
    "just test",
    "nx test web",
    "npx nx run web:test",
    "nx affected -t test",
    "npx turbo run build test",
    "bundle exec rspec",
    "bin/rails test",
    "vendor/bin/phpunit",
    "composer test",
    "php artisan test",
    "bats tests",
    "Invoke-Pester",
    "node --experimental-strip-types --test src/",
    "timeout 60 npx playwright test",
    "time npm test",
    "git stash; npm test",
    "docker compose exec app pytest",
    "docker compose run --rm web npm test",
    "docker run --rm -v x:/y node:20 npm test",
    'docker exec -it app bash -lc "npm test"',
    "kubectl exec pod/x -- pytest",
    "bash -c 'cd web && npm test'",
    "ssh host 'cd x && npm test'",
    "nix develop -c cargo test",
    "wrapped npm test",
    "bash run_tests.sh",
    "./test.sh",
    "./scripts/run-tests --all",
  ])("is %s", (command) => {
    expect(kindOf(command)).toBe("test");
  });

  it.each([
    "npm install",
    "npm run latest",
    "npm run dev",
    "npm run db:test:prepare",
    "npm i -D vitest",
    "cat vitest.config.ts",
    "ls test",
    "git commit -m 'go test'",
    "git checkout test",
    "grep -rn jest package.json",
    "test -f package.json",
    "node test.js",
    "npx vitest.config",
    "npx playwright install",
    "npx playwright test --list",
    "make testing",
    "go build ./test",
    "docker build -t test .",
    "docker compose up test-db",
    "pip install pytest",
    "mkdir tests",
    "echo npm test",
    "cat <<'E' > notes.md\nnpm test\nE",
    "",
  ])("is not %j", (command) => {
    expect(kindOf(command)).not.toBe("test");
  });

  it.each([
    ["types", "npx tsc --noEmit"],
    ["types", "yarn typecheck 2>&1 | tail -5"],
    ["types", "pnpm -r type-check"],
    ["types", "cargo check"],
    ["types", "uv run mypy ."],
    ["lint", "npm run lint"],
    ["lint", "mise run fmt && mise run lint 2>&1"],
    ["lint", "npx biome check ."],
    ["lint", "npx prettier --check ."],
    ["lint", "cargo clippy"],
    ["lint", "go vet ./..."],
    ["lint", "docker compose exec web npm run lint"],
    ["build", "npm run build"],
    ["build", "npx next build"],
    ["build", "cargo build"],
    ["build", "./gradlew assembleDebug"],
    [null, "npx prettier --write ."],
    [null, "cargo fmt"],
    [null, "npx vite"],
  ])("is another check, or none: %s, %s", (kind, command) => {
    expect(kindOf(command)).toBe(kind);
  });

  it("is shown without what surrounds it, and says what limits it", () => {
    expect(checkIn("cd /home/dev/demo && CI=1 npx vitest run -t 'a b' src/x.test.ts 2>&1 | tail -20")).toMatchObject({
      text: "CI=1 npx vitest run -t 'a b' src/x.test.ts",
      runner: "vitest",
      filters: ["-t a b"],
      paths: ["src/x.test.ts"],
    });
    expect(checkIn("cd web && npm test")).toMatchObject({ text: "npm test", folder: "web" });
  });

  it("is found quickly in any command", () => {
    for (const beginning of ["", "npm ", "npm run ", "go ", "A=1 ", "docker exec ", "bash -c '"]) {
      for (const part of ["a=", "x ", "npm ", "--", "- ", "a-", "a:", "-a ", "a/", "a= ", "$(", "'", "<<E "]) {
        expect(kindOf(`${beginning}${part.repeat(2_000 / part.length)}!`)).toBe(null);
      }
    }
  });
});

describe("the folder of a check", () => {
  it.each([
    ["cd web && npm test", "web"],
    ["(cd web && npm test)", "web"],
    ["(cd web && npm i) && npm test", ""],
    ["cd api; (cd web && npm i); npm test", "api"],
    ["(cd web; (cd sub; ls); npm test)", "web"],
    ["cd && npm test", "~"],
  ])("is that in which it runs: %s", (command, folder) => {
    expect(checkIn(command)?.folder).toBe(folder);
  });
});
