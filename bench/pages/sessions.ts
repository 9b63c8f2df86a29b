import type { Answer, Step } from "../../test/e2e/support/model.ts";

/** What a person does in a terminal. */
export type Turn =
  | {
      readonly says: string;
      /** The model's answers, in order. The last one is the text that ends the turn. */
      readonly model: readonly Step[];
    }
  /** The person presses Escape while the model is silent. */
  | { readonly says: string; readonly isInterrupted: true }
  /** The model's API refuses the prompt. */
  | { readonly says: string; readonly isRefused: true };

/** A session to be played with the real client. */
export interface PlayedSession {
  readonly name: string;
  /** Files of the project before the session, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly turns: readonly Turn[];
  /** How it ends; by default with /exit. */
  readonly end?: "killed" | "exit";
}

const bash = (command: string): Answer => ({ tool: "Bash", input: { command, description: "Run a command" } });
const write = (path: string, content: string) => (folder: string) => ({
  tool: "Write",
  input: { file_path: `${folder}/${path}`, content },
});

/** A session whose answers need the project's folder. */
export type Script = (folder: string) => PlayedSession;

const PARSER = "export const fields = (line) => line.split(',');\n";
const PARSER_TEST = [
  "import test from 'node:test';",
  "import assert from 'node:assert';",
  "import { fields } from './parser.js';",
  "test('a CRLF line', () => assert.deepEqual(fields('a,b\\r\\n'), ['a', 'b']));",
  "test('a plain line', () => assert.deepEqual(fields('a,b'), ['a', 'b']));",
  "",
].join("\n");
const PACKAGE = JSON.stringify({
  type: "module",
  scripts: { test: "node --test", lint: "node lint.js", build: "node --check parser.js" },
});

/** The summary that the model writes when the client compacts a session. */
export const COMPACTION_SUMMARY = [
  "<summary>",
  "1. Primary Request and Intent:",
  "   The person wants the import of bank statements to survive broken rows: skip them, count them, and report them at the end.",
  "2. Key Technical Concepts: streaming CSV, row errors",
  "3. Files and Code Sections: src/import.js, src/report.js",
  "4. Errors and fixes: none open",
  "5. Problem Solving: rows are counted in import.js",
  "6. All user messages: see above",
  "7. Pending Tasks:",
  "   - Print the report of skipped rows after the import",
  "   - A test with a row that has too many columns",
  "8. Current Work:",
  "   src/import.js skips broken rows and counts them.",
  "9. Optional Next Step:",
  "   Write src/report.js, which prints the skipped rows with their line numbers.",
  "</summary>",
].join("\n");

export const SCRIPTS: readonly Script[] = [
  // Long, with many short prompts, failing and passing tests, commits, a changed goal.
  (folder) => ({
    name: "long English session, two goals",
    files: { "parser.js": PARSER, "package.json": PACKAGE },
    turns: [
      { says: "run the app", model: [bash("node parser.js"), "It runs and prints nothing."] },
      {
        says: "what does the parser do with windows line ends?",
        model: ["It keeps the carriage return in the last field."],
      },
      {
        says: "make the parser accept CRLF line ends, with a test for it, without changing the function's name",
        model: [
          write("parser.test.js", PARSER_TEST)(folder),
          bash("npm test 2>&1 | tail -20"),
          "The new test fails, as expected: the parser keeps the carriage return.",
        ],
      },
      { says: "ok", model: ["I will change the split."] },
      {
        says: "go on",
        model: [
          bash("sed -i \"s/line.split(',')/line.trimEnd().split(',')/\" parser.js"),
          bash("npm test 2>&1 | tail -5"),
          "Both tests pass now.",
        ],
      },
      {
        says: "commit it",
        model: [bash("git add -A && git commit -q -m 'Accept CRLF line ends' && git log --oneline -1"), "Committed."],
      },
      { says: "y", model: ["All right."] },
      { says: "continue", model: ["Nothing is left of that task."] },
      {
        says: "now add a second format: the parser must also accept semicolons, because the export from Germany uses them",
        model: [
          bash("cat > parser.js <<'EOF'\nexport const fields = (line) => line.trimEnd().split(/[,;]/);\nEOF"),
          bash("node --test"),
          "Semicolons work. A field that contains a comma inside quotes is still split wrongly.",
        ],
      },
      { says: "yes", model: ["Noted."] },
      {
        says: "quotes must be respected, too; look at how the quoted fields of the German export look before you start",
        model: [
          bash("ls samples"),
          "There is no sample of the German export in the repository. Can you add one, or tell me how a quote inside a quoted field is escaped?",
        ],
      },
    ],
  }),
  (folder) => ({
    name: "compacted",
    files: { "package.json": PACKAGE },
    turns: [
      { says: "load claude.md", model: ["There is no CLAUDE.md."] },
      {
        says: "the import of bank statements stops at the first broken row; it must skip broken rows, count them and report them at the end",
        model: [
          write(
            "src/import.js",
            "export function importRows(rows) {\n  let skipped = 0;\n  for (const row of rows) if (row.length !== 3) skipped++;\n  return skipped;\n}\n",
          )(folder),
          "Broken rows are skipped and counted now.",
        ],
      },
      { says: "/compact", model: [] },
      {
        says: "ok do the next step",
        model: [
          write("src/report.js", "export const report = (skipped) => skipped + ' rows were skipped';\n")(folder),
          bash("node --check src/report.js"),
          "src/report.js prints how many rows were skipped; line numbers are still missing.",
        ],
      },
    ],
  }),
  (folder) => ({
    name: "cut off by the API",
    files: { "package.json": PACKAGE, "parser.js": PARSER },
    turns: [
      {
        says: "write a README for the parser that explains the two functions and how to run the tests",
        model: [
          write("README.md", "# Parser\n\nSplits lines. Run `npm test`.\n")(folder),
          "The README explains the parser.",
        ],
      },
      {
        says: "add an example to it",
        model: [
          {
            tool: "Bash",
            input: { command: "printf '\\n## Example\\n\\n`a,b`\\n' >> README.md", description: "Append" },
          },
          "An example is in the README.",
        ],
      },
      { says: "now translate the README into Spanish as README.es.md and link both to each other", isRefused: true },
    ],
  }),
  () => ({
    name: "Chinese, shell only",
    files: { "app.py": "print('hello')\n", "run_tests.sh": "#!/bin/sh\necho '3 passed, 1 failed'\nexit 1\n" },
    turns: [
      {
        says: "把配置从代码里分离出来，放到 config.toml，并保证旧的默认值不变",
        model: [
          bash("cat > config.toml <<'EOF'\nport = 8080\nEOF"),
          bash('printf \'import tomllib\\nprint(tomllib.load(open("config.toml","rb")))\\n\' > app.py'),
          bash("sh run_tests.sh"),
          "配置已经移到 config.toml；还有一个测试失败，因为测试里写死了端口。",
        ],
      },
      { says: "好的", model: ["我会修复这个测试。"] },
      {
        says: "继续",
        model: [
          bash("printf '#!/bin/sh\\necho \"4 passed\"\\n' > run_tests.sh"),
          bash("sh run_tests.sh"),
          "全部测试通过。",
        ],
      },
      {
        says: "把旧的 settings 目录改名为 legacy，不要删除",
        model: [bash("mkdir -p settings && touch settings/a.ini && mv settings legacy"), "已改名为 legacy。"],
      },
    ],
  }),
  (folder) => ({
    name: "Korean, ends with an open question",
    files: { "index.html": "<h1>Shop</h1>\n" },
    turns: [
      {
        says: "장바구니 페이지에 쿠폰 입력란을 추가하고 잘못된 쿠폰이면 오류를 보여줘",
        model: [
          write("cart.html", "<form><input name=coupon></form>\n")(folder),
          "쿠폰 입력란을 추가했습니다. 쿠폰은 서버에서 확인할까요, 아니면 브라우저에서만 확인할까요?",
        ],
      },
    ],
  }),
  () => ({
    name: "Russian, files moved and committed",
    files: { "docs/a.md": "а\n", "docs/b.md": "б\n", "docs/c.md": "в\n" },
    turns: [
      {
        says: "перенеси все документы из docs в handbook, сохранив историю git, и закоммить одним коммитом",
        model: [
          bash("mkdir -p handbook && git mv docs/a.md docs/b.md docs/c.md handbook/"),
          bash("git commit -q -m 'Перенести документы в handbook' && git log --oneline -1"),
          "Документы перенесены, история сохранена.",
        ],
      },
      { says: "спасибо", model: ["Пожалуйста."] },
    ],
  }),
  (folder) => ({
    name: "Portuguese, documents by a subagent",
    files: { "package.json": PACKAGE },
    turns: [
      {
        says: "escreva três documentos sobre a arquitetura: visão geral, dados e segurança, cada um com no máximo uma página",
        model: [
          {
            tool: "Agent",
            input: {
              description: "Escrever documentos",
              prompt: "Escreva os três documentos em arquitetura/.",
              subagent_type: "general-purpose",
            },
          },
          write("arquitetura/visao-geral.md", "# Visão geral\n")(folder),
          write("arquitetura/dados.md", "# Dados\n")(folder),
          write("arquitetura/seguranca.md", "# Segurança\n")(folder),
          "Os três documentos estão prontos.",
          "Os três documentos estão em arquitetura/: visão geral, dados e segurança. Falta a revisão do capítulo de segurança.",
        ],
      },
    ],
  }),
  (folder) => ({
    name: "tasks, a lint, a push",
    files: { "package.json": PACKAGE, "lint.js": "console.log('0 problems');\n", "parser.js": PARSER },
    turns: [
      {
        says: "split the parser into a reader and a formatter, one commit each, and push; keep a task list",
        model: [
          { tool: "TaskCreate", input: { subject: "Split off the reader", description: "reader.js" } },
          { tool: "TaskCreate", input: { subject: "Split off the formatter", description: "formatter.js" } },
          { tool: "TaskCreate", input: { subject: "Update the manual", description: "manual" } },
          write("reader.js", "export const read = (text) => text.split('\\n');\n")(folder),
          bash("npm run lint && git add -A && git commit -q -m 'Split off the reader' && git log --oneline -1"),
          { tool: "TaskUpdate", input: { taskId: "1", status: "completed" } },
          write("formatter.js", "export const format = (fields) => fields.join(', ');\n")(folder),
          bash("npm run lint && git add -A && git commit -q -m 'Split off the formatter' && git log --oneline -1"),
          { tool: "TaskUpdate", input: { taskId: "2", status: "completed" } },
          bash("git push -q shared HEAD && echo pushed"),
          "Both parts are split off and pushed. The manual still describes the old parser.",
        ],
      },
    ],
  }),
  (folder) => ({
    name: "only documents",
    files: { "guide.md": "# Guide\n" },
    turns: [
      {
        says: "/init-guide installation for beginners, with Windows first",
        model: [
          write("guide.md", "# Guide\n\n## Windows\n\nRun the installer.\n")(folder),
          "The guide has a chapter on Windows.",
        ],
      },
      {
        says: "add a chapter on macOS",
        model: [
          write("guide.md", "# Guide\n\n## Windows\n\nRun the installer.\n\n## macOS\n\nOpen the image.\n")(folder),
          "The guide has chapters on Windows and macOS. Linux is missing.",
        ],
      },
    ],
  }),
  () => ({
    name: "killed while a server runs",
    files: {
      "server.js":
        "import http from 'node:http';\nhttp.createServer((q, r) => r.end('ok')).listen(0, '127.0.0.1');\nsetTimeout(() => process.exit(), 20_000);\n",
      "package.json": PACKAGE,
    },
    turns: [
      {
        says: "the server must answer on /health with its uptime, and log each request",
        model: [
          bash(
            "sed -i \"s/r.end('ok')/r.end(q.url === '\\/health' ? String(process.uptime()) : 'ok')/\" server.js && node --check server.js",
          ),
          {
            tool: "Bash",
            input: { command: "node server.js", description: "Start the server", run_in_background: true },
          },
          "The server answers on /health and runs in the background. Logging is not written yet.",
        ],
      },
      { says: "then write the logging, to a file that rotates every day", isInterrupted: true },
      {
        says: "wait, log to stdout instead, the container collects it",
        model: [
          bash('sed -i "s/(q, r) =>/(q, r) => console.log(q.url) ??/" server.js && node --check server.js'),
          "Each request is logged to stdout.",
        ],
      },
    ],
    end: "killed",
  }),
  () => ({
    name: "French, work trees and two checks",
    files: {
      "package.json": PACKAGE,
      "lint.js": "console.error('2 problems'); process.exit(1);\n",
      "parser.js": PARSER,
    },
    turns: [
      {
        says: "prépare la correction du bogue d'encodage dans un arbre de travail séparé, sans toucher à main",
        model: [
          bash(
            "git worktree add -q -b encodage ../encodage && cd ../encodage && printf 'export const decode = (b) => b.toString(\"latin1\");\\n' > decode.js && git add -A && git commit -q -m 'Décoder en latin1' && git log --oneline -1",
          ),
          "La correction est dans l'arbre de travail « encodage ».",
        ],
      },
      {
        says: "lance lint et build",
        model: [
          bash("npm run lint"),
          bash("npm run build"),
          "Le build passe, mais lint signale deux problèmes dans parser.js qui existaient déjà.",
        ],
      },
    ],
  }),
  (folder) => ({
    name: "an approach given up, Japanese and English",
    files: { "package.json": PACKAGE, "cache.js": "export const cache = new Map();\n" },
    turns: [
      {
        says: "キャッシュを LRU にしてください。外部ライブラリは使わないで。",
        model: [
          write("cache.js", "export class Lru { constructor(max) { this.max = max; this.items = []; } }\n")(folder),
          bash("node -e \"import('./cache.js').then(({ cache }) => cache.get(1))\""),
          bash("git checkout -- cache.js"),
          write(
            "cache.js",
            "export class Lru {\n  #items = new Map();\n  constructor(max) { this.max = max; }\n}\nexport const cache = new Lru(100);\n",
          )(folder),
          bash("node --check cache.js"),
          "配列による実装は遅いのでやめ、Map を使う実装に変えました。テストはまだありません。",
        ],
      },
      {
        says: "Decision: the limit stays 100, do not make it configurable.",
        model: ["Understood: the limit stays 100."],
      },
      { says: "write the tests for eviction", isInterrupted: true },
    ],
  }),
];
