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
import { MAX_METADATA_BYTES, MAX_SUFFIXES, StoredEvent } from "../worker/store/kv/event.ts";
import { EVENT_PREFIX, eventKey, parseEventKey } from "../worker/store/kv/event-key.ts";

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
  it.each(StoredEvent.options.map((event) => [event.shape.type.value, event] as const))(
    "explains every field of a %s",
    (type, event) => {
      const text = section(storage, `### ${type}`);
      for (const field of fieldsOf(event)) expect(text).toContain(`\`${field}\``);
    },
  );

  it("shows a key as it is, and names the limits", () => {
    const example = storage.match(/`(e:[0-9]{13}[0-9a-v]{14})`/)?.[1] ?? "";
    const key = parseEventKey(example);
    expect(key && eventKey(key)).toBe(example);
    expect(storage).toContain(new Date(key?.ms ?? 0).toISOString());
    expect(example.startsWith(EVENT_PREFIX)).toBe(true);
    expect(storage).toContain(`${MAX_METADATA_BYTES} bytes`);
    expect(storage).toContain(`${MAX_SUFFIXES} messages`);
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
