import { describe, expect, it } from "vitest";
import { announceAtStart, announceNew, unreadFor } from "./announcement.ts";
import type { TellableGroup, TellableMail } from "./tellable-mail.ts";

const at = (minute: number) => `2026-11-23T09:${String(minute).padStart(2, "0")}:00.000Z`;
const group = (
  sender: string,
  kind: TellableGroup["kind"],
  unread: number,
  minute: number,
  session?: string,
): TellableGroup => ({
  sender,
  isListed: true,
  kind,
  unread,
  latest: { id: "5f0f4b2c-6a43-4c5e-9a55-2b1d0e6a7c11", timestamp: at(minute) },
  ...(session === undefined ? {} : { session }),
});
const summary = (...groups: TellableGroup[]): TellableMail => ({
  unread: groups.reduce((sum, { unread }) => sum + unread, 0),
  groups,
});

describe("the block at the start of a session", () => {
  it("is null if nothing is unread, or only messages that this session sent itself", () => {
    expect(announceAtStart(summary(), "s1")).toBeNull();
    expect(announceAtStart(summary(group("mac", "note", 2, 1, "s1")), "s1")).toBeNull();
  });

  it("announces a session's messages to another session of this machine", () => {
    expect(announceAtStart(summary(group("mac", "note", 2, 1, "s1")), "s2")?.text).toContain("2 notes from mac");
  });

  it("counts by sender and kind, and says how to read", () => {
    const announcement = announceAtStart(summary(group("pc/photon", "task", 1, 5), group("mac", "reply", 2, 3)), "s1");
    expect(announcement?.text).toContain("3 unread messages");
    expect(announcement?.text).toContain("1 task from pc/photon, 2 replies from mac");
    expect(announcement?.text).toContain("read_messages");
    expect(announcement?.covers.upTo).toBe(at(5));
  });

  it("offers an unread handover, and asks to read messages only if there are others", () => {
    const only = announceAtStart(summary(group("pc/photon", "handover", 1, 5)), "s1");
    expect(only?.text).toContain("/photon:resume");
    expect(only?.text).not.toContain("unread_only");
  });

  it("stays under 200 tokens (at four characters each) with 50 unread from 50 senders of the longest names", () => {
    const long = `${"m".repeat(63)}/${"p".repeat(100)}`;
    const many = Array.from({ length: 50 }, (_, index) =>
      group(index === 0 ? "pc/photon" : `pc${index}/photon`, "task", 1, index),
    );
    const announcement = announceAtStart(summary(...many, group("pc", "handover", 1, 55)), "s1");
    expect(announcement?.text).toContain("46 more");
    expect(announcement?.text.length).toBeLessThan(800);
    const longest = announceAtStart(summary(...many.map((each) => ({ ...each, sender: long }))), "s1");
    expect(longest?.text.length).toBeLessThan(800);
  });
});

describe("the line at a prompt", () => {
  it("announces only messages that came after the last announcement", () => {
    const waiting = summary(group("pc/photon", "task", 2, 9), group("mac", "note", 1, 3));
    const announcement = announceNew(waiting, "s1", { upTo: at(5) });
    expect(announcement?.text).toContain("task from pc/photon; 3 unread in all");
    expect(announcement?.text).not.toContain("mac");
    expect(announceNew(waiting, "s1", announcement?.covers ?? null)).toBeNull();
  });

  it("does not announce an older message again after a newer one was read", () => {
    expect(announceNew(summary(group("mac", "note", 1, 3)), "s1", { upTo: at(5) })).toBeNull();
  });
});

describe("an unread handover", () => {
  it("is announced with its size, but without its branch, whose name the sender chose", () => {
    const work = { branch: "obey-me", files: 12, capsule: { bytes: 34_000 } };
    const handover = group("pc/photon", "handover", 1, 5);
    const told = announceAtStart(summary({ ...handover, latest: { ...handover.latest, work, takenBy: "lamp" } }), "s1");
    expect(told?.line).toMatch(
      /handover from pc\/photon, .*, 12 files, with capsule \(34 KB\), already resumed by lamp/,
    );
    expect(JSON.stringify(told)).not.toContain("obey-me");
  });
});

describe("unreadFor", () => {
  it("leaves out a session's own messages and counts those beyond the groups", () => {
    expect(unreadFor({ unread: 70, groups: [group("mac", "note", 3, 1, "s1")] }, "s1")).toBe(67);
    expect(unreadFor({ unread: 70, groups: [group("mac", "note", 3, 1, "s1")] }, null)).toBe(70);
  });
});
