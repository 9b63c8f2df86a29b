import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { ROUTES, type Route } from "../contract/api.ts";
import { MAX_IDS_PER_REQUEST, MAX_UNREAD_GROUPS, MESSAGE_KINDS } from "../contract/constants.ts";
import {
  DEFAULT_PAGE,
  MAX_AGE_SECONDS,
  MAX_CONTENT_BYTES,
  MAX_PAGE,
  MAX_REQUEST_BYTES,
  MAX_TAG_CHARS,
  MAX_TAGS,
  Message,
  MIN_AGE_SECONDS,
  Receipt,
} from "../contract/message.ts";
import { PROBLEM_CODES } from "../contract/problem.ts";
import { textKey } from "../worker/kv/text-keys.ts";
import { ARCHIVE_RULES, COPY_AFTER_MS } from "../worker/object/archive-rules.ts";
import { SCHEMA } from "../worker/object/schema.ts";

/** Words, as `wc -w` counts them. Say each thing once; when a page has to grow, shorten another. */
const MAX_README_WORDS = 1_250;
const MAX_WORDS_TO_FIRST_MESSAGE = 600;
const MAX_DOCS_WORDS = 11_000;
const MAX_AGENTS_WORDS = 1_000;
const MAX_DECISION_WORDS = 120;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  ...["README.md", "AGENTS.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const docs = pages.filter((page) => page.startsWith("docs"));

const api = read("docs/reference/api.md");
const storage = read("docs/reference/storage.md");
const routes: [string, Route][] = Object.values(ROUTES).map((route) => [`${route.method} ${route.path}`, route]);

describe("docs/reference/api.md", () => {
  it("has one table of routes, which is the contract's", () => {
    const rows = routes.map(([, { method, path, summary }]) => `| \`${method}\` | \`${path}\` | ${summary} |`);
    expect(
      section(api, "# The bridge's API")
        .match(/^\| `[A-Z]+` \| `\/.*$/gm)
        ?.sort(),
    ).toEqual(rows.sort());
  });

  it.each(routes)("explains %s: every field of its query and body", (name, route) => {
    const text = section(api, `### ${name}`);
    for (const field of [...fieldsOf(route.query), ...fieldsOf(route.body)]) {
      expect(text).toMatch(new RegExp(`\`${field}[\`=]`));
    }
  });

  it("has an example of each kind of request, by method, body and status", () => {
    const kindOf = ({ method, body, bytes, status }: Route) => [method, body !== null, bytes, status].join();
    const shown = Object.values(ROUTES).filter(({ method, path }) => {
      const flag = method === "GET" || method === "POST" ? `(-X ${method} )?` : `-X ${method} `;
      const called = path.replace(":id", "[0-9a-f-]{36}").replace(":sha256", "\\$SHA").replace(":invite", "\\$INVITE");
      return new RegExp(`\\bcurl (-fsS )?${flag}"?\\$BRIDGE${called}[?" ]`).test(api);
    });
    expect(new Set(shown.map(kindOf))).toEqual(new Set(Object.values(ROUTES).map(kindOf)));
  });

  it("explains no route that the contract lacks", () => {
    expect(api.match(/^### .*$/gm)?.sort()).toEqual(routes.map(([name]) => `### ${name}`).sort());
  });

  it("explains every field of a message and every kind", () => {
    const text = section(api, "## A message");
    const names = text.match(/(?<=^- `)[A-Za-z]+(?=`)/gm);
    expect(names?.sort()).toEqual(fieldsOf(Message).sort());
    for (const word of MESSAGE_KINDS) expect(text).toContain(`\`${word}\``);
    for (const word of fieldsOf(Receipt)) expect(text).toContain(word);
  });

  it("lists exactly the error codes", () => {
    const codes = section(api, "## Errors").match(/(?<=^- `)[a-z_]+(?=`)/gm);
    expect(codes?.sort()).toEqual([...PROBLEM_CODES].sort());
  });

  it("states the current limits", () => {
    const text = section(api, "## Limits");
    for (const limit of [
      `${MAX_CONTENT_BYTES} bytes`,
      `${MAX_REQUEST_BYTES} bytes`,
      `${MAX_TAGS}, each of 1 to ${MAX_TAG_CHARS} characters`,
      `\`ids\` in one mark: ${MAX_IDS_PER_REQUEST}\n`,
      `${MAX_PAGE}, default ${DEFAULT_PAGE}`,
      `groups in \`/unread\`: ${MAX_UNREAD_GROUPS};`,
      `${MIN_AGE_SECONDS} to ${MAX_AGE_SECONDS}`,
    ]) {
      expect(text).toContain(limit);
    }
  });
});

describe("docs/reference/storage.md", () => {
  it("names every table of the object, and no other", () => {
    const tables = [...SCHEMA.matchAll(/CREATE TABLE IF NOT EXISTS ([a-z_]+)/g)].map(([, name]) => name);
    const named = section(storage, "## Tables of the object")
      .match(/^\| .*? \|/gm)
      ?.flatMap((cell) => cell.match(/(?<=`)[a-z_]+(?=`)/g) ?? []);
    expect(named?.sort()).toEqual(tables.sort());
  });

  it("names the keys in KV, and the times, as they are", () => {
    expect(storage).toContain(`\`${textKey("ID")}\``);
    expect(ARCHIVE_RULES.keptAfterCopyMs).toBe(2 * 60_000);
    expect(COPY_AFTER_MS).toBe(30_000);
  });
});

describe("README.md", () => {
  const readme = read("README.md");

  it(`has at most ${MAX_README_WORDS} words, and at most ${MAX_WORDS_TO_FIRST_MESSAGE} to the end of the first message`, () => {
    const firstMessage = section(readme, "## Your first message");
    const before = readme.slice(0, readme.indexOf(firstMessage));
    expect(words(before) + words(firstMessage)).toBeLessThanOrEqual(MAX_WORDS_TO_FIRST_MESSAGE);
    expect(words(readme)).toBeLessThanOrEqual(MAX_README_WORDS);
  });
});

describe("docs/benchmarks.md", () => {
  it("has a place for the tables of each benchmark that writes some", () => {
    const sources = readdirSync(join(ROOT, "bench"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const written = sources.flatMap((name) => [...read(join("bench", name)).matchAll(/writeTables\(\s*"([^"]+)"/g)]);
    const text = read("docs/benchmarks.md");
    expect(written.length).toBeGreaterThan(4);
    for (const [, name] of written)
      expect(text).toMatch(new RegExp(`^<!-- begin: written by npm run (bench -- )?${name} -->$`, "m"));
  });
});

describe("docs/architecture.md", () => {
  it("names functions that are in the files it names", () => {
    const steps = [...read("docs/architecture.md").matchAll(/\*([A-Za-z.]+)\*\s\(`([\w./-]+\/[\w-]+\.ts)`/g)];
    const wrong = steps.filter(([, name = "", file = ""]) => {
      const last = name.split(".").at(-1) ?? "";
      return !new RegExp(`\\b${last}\\b`).test(read(file));
    });
    expect(steps.length).toBeGreaterThan(30);
    expect(wrong.map(([text]) => text)).toEqual([]);
  });
});

describe("AGENTS.md, which every agent reads", () => {
  it(`has at most ${MAX_AGENTS_WORDS} words`, () => {
    expect(words(read("AGENTS.md"))).toBeLessThanOrEqual(MAX_AGENTS_WORDS);
  });
});

describe("docs/", () => {
  it(`has at most ${MAX_DOCS_WORDS} words in all`, () => {
    expect(docs.reduce((sum, page) => sum + words(read(page)), 0)).toBeLessThanOrEqual(MAX_DOCS_WORDS);
  });

  it(`explains each decision in at most ${MAX_DECISION_WORDS} words`, () => {
    const decisions = docs.filter((page) => /decisions.\d{4}-/.test(page));
    expect(decisions.filter((page) => words(read(page)) > MAX_DECISION_WORDS)).toEqual([]);
  });

  it("has no page that the index does not name", () => {
    const linked = linksOf("docs/README.md").map(({ path }) => join("docs", path));
    const unnamed = docs.filter((page) => !linked.includes(page) && !/docs.README\.md|decisions.\d/.test(page));
    expect(unnamed).toEqual([]);
  });
});

it.each([...pages, "CHANGELOG.md"])("%s links only to files and headings that exist", (page) => {
  const broken = linksOf(page).filter(({ path, anchor }) => {
    const target = path === "" ? page : join(dirname(page), path);
    return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});

describe.each(pages)("%s", (page) => {
  it("names only files of the source that exist", () => {
    const named = read(page).match(
      /(?<=`)(client|server|cli|hooks|handover|worker|contract|test|scripts|bench)\/[\w./-]+(?=`)/g,
    );
    expect(named?.filter((path) => !existsSync(join(ROOT, path))) ?? []).toEqual([]);
  });

  it("names only npm scripts that exist", () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read("package.json")));
    const named = [...read(page).matchAll(/\bnpm run ([a-z][a-z0-9-]*)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("has no placeholder that a reader would have to fill in", () => {
    expect(read(page).match(/<[a-z][\w -]*>|\bOWNER\b|\bTODO\b/g)).toBeNull();
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function words(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}

/** Links to files of this repository and to headings, pictures included. */
function linksOf(page: string): { readonly path: string; readonly anchor?: string }[] {
  const text = read(page).replace(/```.*?```/gs, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = "", anchor] = link.split("#");
      return { path, ...(anchor !== undefined && { anchor }) };
    });
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const headings =
    read(page)
      .replace(/```.*?```/gs, "")
      .match(/(?<=^#+ ).*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The text under a heading, up to the next heading of any level. */
function section(document: string, heading: string): string {
  const start = document.indexOf(`${heading}\n`);
  expect(start, `${heading} is missing`).not.toBe(-1);
  const text = document.slice(start + heading.length);
  const end = text.search(/\n#+ /);
  return end === -1 ? text : text.slice(0, end);
}

function fieldsOf(schema: z.ZodType | null): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
