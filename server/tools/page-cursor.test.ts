import { describe, expect, it } from "vitest";
import { Message } from "../../contract/message.ts";
import { encodeCursor, messagesAfter, PageCursorText } from "./page-cursor.ts";

const message = (id: string, second: number) =>
  Message.parse({
    id,
    from: "pc",
    to: null,
    project: null,
    timestamp: `2026-11-23T09:00:${String(second).padStart(2, "0")}.000Z`,
    content: id,
    tags: [],
    read: false,
  });
const page = [message("d", 4), message("c", 3), message("b", 2), message("a", 1)];
const idsAfter = (id: string, second: number) =>
  messagesAfter(page, { id, timestamp: message(id, second).timestamp }).map((each) => each.id);

describe("a cursor", () => {
  it.each([
    { page: null, after: { id: "c", timestamp: "2026-11-23T09:00:03.000Z" } },
    { page: 'the bridge\'s "own" 💥', after: null },
    { page: "p", after: { id: "c", timestamp: "2026-11-23T09:00:03.000Z" } },
  ])("comes back as it went out, in plain characters: %o", (cursor) => {
    expect(encodeCursor(cursor)).toMatch(/^[\w-]+$/);
    expect(PageCursorText.parse(encodeCursor(cursor))).toEqual(cursor);
  });

  it.each(["", "nonsense", "WzEsMl0", encodeCursor({ page: "p".repeat(201), after: null })])(
    "is refused when no result gave it: %s",
    (text) => {
      expect(PageCursorText.safeParse(text).success).toBe(false);
    },
  );
});

describe("messagesAfter", () => {
  it("goes on after the last message shown", () => {
    expect(idsAfter("c", 3)).toEqual(["b", "a"]);
    expect(messagesAfter(page, null)).toBe(page);
  });

  it("goes on by time when that message is gone, and rather repeats one of the same millisecond than loses it", () => {
    expect(idsAfter("gone", 3)).toEqual(["c", "b", "a"]);
    expect(idsAfter("gone", 0)).toEqual([]);
  });
});
