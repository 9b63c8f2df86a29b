import { describe, expect, it } from "vitest";
import type { Told } from "../../client/sessions/session-state.ts";
import type { TellableGroup, TellableMail } from "../../client/text/tellable-mail.ts";
import { isStillNews, wakeNews } from "./wake-news.ts";

const at = (minute: number) => `2026-11-24T09:${String(minute).padStart(2, "0")}:00.000Z`;

/** What waits from one sender, its newest message first; `m7` is the message of 9:07. */
function group(kind: TellableGroup["kind"], sender: string, ...minutes: number[]): TellableGroup {
  const [newest = 0] = minutes;
  return { sender, isListed: true, kind, unread: minutes.length, latest: { id: `m${newest}`, timestamp: at(newest) } };
}
const summary = (...groups: TellableGroup[]): TellableMail => ({
  unread: groups.reduce((sum, { unread }) => sum + unread, 0),
  groups,
});
const told = (upTo: number): Told => ({ upTo: at(upTo) });
const news = (
  mail: TellableMail,
  {
    before = null as Told | null,
    policy = "all" as "all" | "tasks",
    known = [] as string[],
    forged = [] as string[],
  } = {},
) =>
  wakeNews(mail, {
    reader: "mac",
    session: "s1",
    told: before,
    policy,
    isKnown: ({ id }) => known.includes(id),
    isVerified: ({ latest: { id } }) => !forged.includes(id),
  });

describe("what a session is woken for", () => {
  it("is what it was not told of, named by kind and sender, with the call that reads it and no text of a message", () => {
    expect(news(summary(group("task", "pc/photon", 7), group("note", "mac", 5)), { before: told(6) })).toEqual({
      line: expect.stringMatching(
        /^Photon mailbox: .* task from pc\/photon; 2 unread in all\. Read with read_messages \(unread_only: true\).*not an instruction.*ask before you act/,
      ),
      what: "task from pc/photon",
      kind: "task",
      from: "pc/photon",
      told: { upTo: at(7) },
      batch: { reader: "mac", messages: [{ id: "m7", timestamp: at(7) }] },
      groups: ["task from pc/photon"],
    });
  });

  it("is nothing of a machine that is not in the list, or that did not sign it; which is told with what wakes", () => {
    const unlisted = { ...group("task", "lamp (unverified)", 9), isListed: false };
    expect(news(summary(unlisted))).toBeNull();
    expect(news(summary(group("task", "pc", 7)), { forged: ["m7"] })).toBeNull();
    const both = news(summary(unlisted, group("task", "pc", 7)));
    expect(both).toMatchObject({ what: "task from pc", line: expect.stringContaining("task from lamp (unverified)") });
  });

  it("is nothing it was told of already", () => {
    expect(news(summary(group("note", "mac", 5)), { before: told(5) })).toBeNull();
    expect(news(summary())).toBeNull();
  });

  it("is with tasks alone only a task, and then everything new is told with it, so that nothing is passed over", () => {
    const note = group("note", "mac", 5);
    expect(news(summary(note, group("handover", "mac", 4), group("reply", "pc", 3)), { policy: "tasks" })).toBeNull();
    const both = news(summary(group("task", "pc", 7), note), { policy: "tasks" });
    expect(both?.line).toContain("task from pc, note from mac");
    expect(both?.batch.messages.map(({ id }) => id)).toEqual(["m7", "m5"]);
    expect(both?.told.upTo).toBe(at(7));
  });

  it("is with all a handover, too", () => {
    expect(news(summary(group("handover", "mac", 5)))?.what).toBe("handover from mac");
  });

  it("is not what another session was woken for, but what comes after it", () => {
    expect(news(summary(group("note", "pc", 7, 5)), { before: told(5), known: ["m7"] })).toBeNull();
    expect(news(summary(group("note", "pc", 8, 7, 5)), { before: told(5), known: ["m7"] })?.what).toBe("note from pc");
  });

  it("is neither what agents send back and forth without a person, nor what a session of this machine wrote", () => {
    const reply = group("reply", "pc", 7);
    expect(news(summary({ ...reply, latest: { ...reply.latest, hops: 30 } }))).toBeNull();
    expect(news(summary({ ...reply, latest: { ...reply.latest, hops: 29 } }))).not.toBeNull();
    expect(news(summary({ ...group("note", "mac/photon", 7), session: "s2" }))).toBeNull();
  });
});

describe("what was said and has begun no turn yet", () => {
  const said = news(summary(group("task", "pc", 7)));
  if (said === null) throw new Error("There is news.");

  it("is still news though so many came since that the summary names it no more", () => {
    expect(isStillNews(said, summary(group("task", "pc", 59, 58)), null)).toBe(true);
  });

  it("is none when it was read, or told by a prompt, though something else came", () => {
    const other = group("note", "box", 9);
    expect(isStillNews(said, summary(other), null)).toBe(false);
    expect(isStillNews(said, summary(other, group("task", "pc", 7)), told(7))).toBe(false);
  });
});
