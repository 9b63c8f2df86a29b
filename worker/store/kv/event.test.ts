import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_METADATA_BYTES,
  MAX_SUFFIXES,
  MessageBody,
  metadataBytes,
  packMessage,
  StoredEvent,
  type WholeMessage,
} from "./event.ts";
import { suffixOfBytes } from "./event-key.ts";

const ID = "4b0a7f5e-8f3a-4d6e-9f58-0d6a1c5b7e10";
const SMALL: WholeMessage = { v: 1, type: "message", id: ID, from: "mac", kind: "note", content: "hi", tags: ["a"] };

/** Every field as long as the contract allows. */
const LARGEST: WholeMessage = {
  ...SMALL,
  from: `${"m".repeat(63)}/${"p".repeat(100)}`,
  to: `${"n".repeat(63)}/${"q".repeat(100)}`,
  project: "r".repeat(100),
  kind: "handover",
  replyTo: ID,
  replaces: ID,
  session: "s".repeat(64),
  expiresAt: 9_999_999_999_999,
  content: "c".repeat(256 * 1024),
  tags: Array(16).fill("t".repeat(64)),
};

describe("packMessage", () => {
  it("keeps a small message in the metadata, without a value", () => {
    expect(packMessage(SMALL)).toEqual({ event: SMALL, value: "" });
  });

  it("puts content that is too large into the value, and leaves the tags for filters", () => {
    const content = "x".repeat(1024);
    const { event, value } = packMessage({ ...SMALL, content });
    expect(event).toMatchObject({ tags: ["a"], valueBytes: value.length });
    expect(event).not.toHaveProperty("content");
    expect(JSON.parse(value)).toEqual({ content });
  });

  it("puts tags that are too large into the value as well", () => {
    const { event, value } = packMessage(LARGEST);
    expect(event).not.toHaveProperty("tags");
    expect(JSON.parse(value)).toEqual({ content: LARGEST.content, tags: LARGEST.tags });
    expect(metadataBytes(event)).toBeLessThanOrEqual(MAX_METADATA_BYTES);
  });

  it("loses nothing and never makes the metadata too large, whatever the text", () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 16 }), (content, tags) => {
        const { event, value } = packMessage({ ...SMALL, content, tags });
        expect(metadataBytes(event)).toBeLessThanOrEqual(MAX_METADATA_BYTES);
        const body = value === "" ? {} : MessageBody.parse(JSON.parse(value));
        expect({ ...body, ...StoredEvent.parse(event) }).toMatchObject({ content, tags });
      }),
    );
  });

  it("uses the metadata to the last byte", () => {
    const room = MAX_METADATA_BYTES - metadataBytes({ ...SMALL, content: "" });
    expect(packMessage({ ...SMALL, content: "x".repeat(room) }).value).toBe("");
    expect(packMessage({ ...SMALL, content: "x".repeat(room + 1) }).value).not.toBe("");
    // Two bytes of UTF-8 each, and six where JSON has to escape.
    expect(packMessage({ ...SMALL, content: "é".repeat(room / 2 + 1) }).value).not.toBe("");
    expect(packMessage({ ...SMALL, content: "\0".repeat(room / 6 + 1) }).value).not.toBe("");
  });
});

describe("StoredEvent", () => {
  const suffix = suffixOfBytes(new Uint8Array(14).fill(31));
  const suffixes = suffix.repeat(MAX_SUFFIXES);

  it("has room for the most suffixes with the longest machine name", () => {
    const receipt = { v: 1, type: "receipt", machine: "m".repeat(63), read: suffixes } as const;
    expect(metadataBytes(receipt)).toBeLessThanOrEqual(MAX_METADATA_BYTES);
    expect(StoredEvent.parse(receipt)).toMatchObject({ read: Array(MAX_SUFFIXES).fill(suffix) });
  });

  it.each([
    ["a newer version", { ...SMALL, v: 2 }],
    ["no version", { ...SMALL, v: undefined }],
    ["an unknown type", { v: 1, type: "poll" }],
    ["a message without an id", { ...SMALL, id: undefined }],
    ["a sender that is no text", { ...SMALL, from: 7 }],
    ["a receipt of half a suffix", { v: 1, type: "receipt", machine: "mac", read: `${suffix}0123` }],
    ["a tombstone of something else", { v: 1, type: "tombstone", removed: "ABCDEFGHIJKLMN" }],
    ["nothing", null],
    ["text", "event"],
  ])("does not take %s", (_, metadata) => {
    expect(StoredEvent.safeParse(metadata).success).toBe(false);
  });

  it("takes a field it does not know, and a kind it does not know as a note", () => {
    expect(StoredEvent.parse({ ...SMALL, kind: "poll", colour: "red" })).toMatchObject({ id: ID, kind: "note" });
  });
});
