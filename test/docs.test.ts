import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { MAX_UNREAD_GROUPS, ROUTES, type Route } from "../contract/api.ts";
import {
  DEFAULT_PAGE,
  MAX_AGE_SECONDS,
  MAX_CONTENT_BYTES,
  MAX_IDS_PER_REQUEST,
  MAX_PAGE,
  MAX_REQUEST_BYTES,
  MAX_TAG_CHARS,
  MAX_TAGS,
  MESSAGE_KINDS,
  Message,
  MIN_AGE_SECONDS,
  Receipt,
} from "../contract/message.ts";
import { PROBLEM_CODES } from "../contract/problem.ts";
import { textKey } from "../worker/kv/text-keys.ts";
import { ARCHIVE_RULES, COPY_AFTER_MS } from "../worker/object/archive-rules.ts";
import { SCHEMA } from "../worker/object/schema.ts";

const api = readDocument("api.md");
const storage = readDocument("storage.md");
const routes: [string, Route][] = Object.values(ROUTES).map((route) => [`${route.method} ${route.path}`, route]);

describe("docs/api.md", () => {
  it("has one table of routes, which is the contract's", () => {
    const rows = routes.map(([, { method, path, summary }]) => `| \`${method}\` | \`${path}\` | ${summary} |`);
    expect(
      section(api, "# The bridge's API")
        .match(/^\| `[A-Z]+` \| `\/.*$/gm)
        ?.sort(),
    ).toEqual(rows.sort());
  });

  it.each(routes)("explains %s: every field of its query and body, and how to call it", (name, route) => {
    const text = section(api, `### ${name}`);
    for (const field of [...fieldsOf(route.query), ...fieldsOf(route.body)]) {
      expect(text).toMatch(new RegExp(`\`${field}[\`=]`));
    }
    const path = route.path
      .replace(":id", "[0-9a-f-]{36}")
      .replace(":sha256", "\\$SHA")
      .replace(":invite", "\\$INVITE");
    expect(text).toMatch(new RegExp(`^curl (-X ${route.method} )?"?\\$BRIDGE${path}[?" \\n]`, "m"));
  });

  it("explains no route that the contract has not", () => {
    expect(api.match(/^### .*$/gm)?.sort()).toEqual(routes.map(([name]) => `### ${name}`).sort());
  });

  it("explains every field of a message and every kind", () => {
    const text = section(api, "## A message");
    const names = text.match(/(?<=^\| `)[A-Za-z]+(?=`)/gm);
    expect(names?.sort()).toEqual(fieldsOf(Message).sort());
    for (const word of MESSAGE_KINDS) expect(text).toContain(`\`${word}\``);
    for (const word of fieldsOf(Receipt)) expect(text).toContain(word);
  });

  it("lists every error code, and no other", () => {
    const codes = section(api, "## Errors").match(/(?<=^\| `)[a-z_]+(?=`)/gm);
    expect(codes?.sort()).toEqual([...PROBLEM_CODES].sort());
  });

  it("names the limits as they are", () => {
    const text = section(api, "## Limits");
    for (const limit of [
      `${MAX_CONTENT_BYTES} bytes`,
      `${MAX_REQUEST_BYTES} bytes`,
      `${MAX_TAGS}, each of 1 to ${MAX_TAG_CHARS} characters`,
      `| \`ids\` in one mark | ${MAX_IDS_PER_REQUEST} |`,
      `${MAX_PAGE}, default ${DEFAULT_PAGE}`,
      `| groups in \`/unread\` | ${MAX_UNREAD_GROUPS} |`,
      `${MIN_AGE_SECONDS} to ${MAX_AGE_SECONDS}`,
    ]) {
      expect(text).toContain(limit);
    }
  });
});

describe("docs/storage.md", () => {
  it("names every table of the object, and no other", () => {
    const tables = [...SCHEMA.matchAll(/CREATE TABLE IF NOT EXISTS ([a-z_]+)/g)].map(([, name]) => name);
    const named = section(storage, "## Tables of the object")
      .match(/^\| .*? \|/gm)
      ?.flatMap((cell) => cell.match(/(?<=`)[a-z_]+(?=`)/g) ?? []);
    expect(named?.sort()).toEqual(tables.sort());
  });

  it("names the keys in KV, and the times, as they are", () => {
    expect(storage).toContain(`\`${textKey("<id>")}\``);
    expect(ARCHIVE_RULES.keptAfterCopyMs).toBe(2 * 60_000);
    expect(COPY_AFTER_MS).toBe(30_000);
  });
});

function readDocument(name: string): string {
  return readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8");
}

/** The text under a heading, to the next one of any level. */
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
