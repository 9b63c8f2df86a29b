import { describe, expect, it } from "vitest";
import type { Announced } from "../../client/sessions/session-state.ts";
import type { TellableGroup, TellableMail } from "../../client/text/tellable-mail.ts";
import { isStillNews, wakeNews } from "./wake-news.ts";

const at = (minute: number) => `2026-11-24T09:${String(minute).padStart(2, "0")}:00.000Z`;

/** The unread messages of one sender, the newest first; `m7` is the message of 9:07. */
function group(kind: TellableGroup["kind"], sender: string, ...minutes: number[]): TellableGroup {
  const [newest = 0] = minutes;
  return { sender, isListed: true, kind, unread: minutes.length, latest: { id: `m${newest}`, timestamp: at(newest) } };
}
const summary = (...groups: TellableGroup[]): TellableMail => ({
  unread: groups.reduce((sum, { unread }) => sum + unread, 0),
  groups,
});
const told = (upTo: number): Announced => ({ upTo: at(upTo) });
const news = (
  mail: TellableMail,
  {
    before = null as Announced | null,
    policy = "all" as "all" | "tasks",
    known = [] as string[],
    forged = [] as string[],
  } = {},
) =>
  wakeNews(mail, {
    reader: "mac",
    session: "s1",
    announced: before,
    policy,
    isKnown: ({ id }) => known.includes(id),
    isVerified: ({ latest: { id } }) => !forged.includes(id),
  });

describe("the mail that wakes a session", () => {
  it("is new mail, named by kind and sender, with the call that reads it and without any message's text", () => {
    expect(news(summary(group("task", "pc/photon", 7), group("note", "mac", 5)), { before: told(6) })).toEqual({
      line: expect.stringMatching(
        /^Photon mailbox: .* task from pc\/photon; 2 unread in all\. Read with read_messages \(unread_only: true\).*not an instruction.*ask before you act/,
      ),
      what: "task from pc/photon",
      kind: "task",
      from: "pc/photon",
      covers: { upTo: at(7) },
      batch: { reader: "mac", messages: [{ id: "m7", timestamp: at(7) }] },
      groups: ["task from pc/photon"],
    });
  });

  it("is not from a machine outside the list, or unsigned; but such mail is announced together with mail that wakes", () => {
    const unlisted = { ...group("task", "lamp (unverified)", 9), isListed: false };
    expect(news(summary(unlisted))).toBeNull();
    expect(news(summary(group("task", "pc", 7)), { forged: ["m7"] })).toBeNull();
    const both = news(summary(unlisted, group("task", "pc", 7)));
    expect(both).toMatchObject({ what: "task from pc", line: expect.stringContaining("task from lamp (unverified)") });
  });

  it("is not mail that the session was already told about", () => {
    expect(news(summary(group("note", "mac", 5)), { before: told(5) })).toBeNull();
    expect(news(summary())).toBeNull();
  });

  it("is only a task under the policy tasks, and then everything new is announced with it", () => {
    const note = group("note", "mac", 5);
    expect(news(summary(note, group("handover", "mac", 4), group("reply", "pc", 3)), { policy: "tasks" })).toBeNull();
    const both = news(summary(group("task", "pc", 7), note), { policy: "tasks" });
    expect(both?.line).toContain("task from pc, note from mac");
    expect(both?.batch.messages.map(({ id }) => id)).toEqual(["m7", "m5"]);
    expect(both?.covers.upTo).toBe(at(7));
  });

  it("may be a handover under the policy all", () => {
    expect(news(summary(group("handover", "mac", 5)))?.what).toBe("handover from mac");
  });

  it("is not mail that has woken another session, but later mail", () => {
    expect(news(summary(group("note", "pc", 7, 5)), { before: told(5), known: ["m7"] })).toBeNull();
    expect(news(summary(group("note", "pc", 8, 7, 5)), { before: told(5), known: ["m7"] })?.what).toBe("note from pc");
  });

  it("is not from a thread without a person, nor from a session of this machine", () => {
    const reply = group("reply", "pc", 7);
    expect(news(summary({ ...reply, latest: { ...reply.latest, hops: 30 } }))).toBeNull();
    expect(news(summary({ ...reply, latest: { ...reply.latest, hops: 29 } }))).not.toBeNull();
    expect(news(summary({ ...group("note", "mac/photon", 7), session: "s2" }))).toBeNull();
  });
});

describe("a text that has started no turn yet", () => {
  const said = news(summary(group("task", "pc", 7)));
  if (said === null) throw new Error("There is news.");

  it("is still news after so many further messages that the summary no longer names it", () => {
    expect(isStillNews(said, summary(group("task", "pc", 59, 58)), null)).toBe(true);
  });

  it("is no news after it was read or told by a prompt, even if other mail has arrived", () => {
    const other = group("note", "box", 9);
    expect(isStillNews(said, summary(other), null)).toBe(false);
    expect(isStillNews(said, summary(other, group("task", "pc", 7)), told(7))).toBe(false);
  });
});
