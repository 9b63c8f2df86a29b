import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { updateSession } from "../../client/sessions/session-state.ts";
import type { UnreadGroup } from "../../contract/api.ts";
import { macEnv } from "../../test/support/server-process.ts";
import { ServerContext } from "../context.ts";
import { glance } from "./glance.ts";

let home: string;
let time: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon glance "));
  time = Date.parse("2026-11-24T09:00:00.000Z");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const BRIDGE = "http://127.0.0.1:1";
const session = (env: Record<string, string> = {}) =>
  new ServerContext({ env: { ...macEnv(home, BRIDGE), ...env }, folder: home, now: () => time });

/** These machines have joined the bridge, and this one. */
function joined(...names: string[]): void {
  const machines = names.map((name) => ({ name, formerNames: [], revokedAt: null }));
  writeFileSync(join(home, "machine-list.json"), JSON.stringify({ v: 1, workerUrl: BRIDGE, machines }));
}

let sent = 0;
/** A message that came just now. */
function one(from: string, kind: UnreadGroup["kind"] = "note", unread = 1): UnreadGroup {
  const id = `10000000-0000-4000-8000-${String(++sent).padStart(12, "0")}`;
  return { from, kind, unread, latest: { id, timestamp: new Date(time + sent * 1000).toISOString() } };
}
function waits(context: ServerContext, ...groups: UnreadGroup[]): void {
  const unread = groups.reduce((sum, group) => sum + group.unread, 0);
  context.mail.learn({ unread, handovers: 0, groups });
}

/** As the hook of the session's start notes it. */
function toldAtStart({ paths }: ServerContext, newest: UnreadGroup): void {
  updateSession(paths, "session-1", { told: { upTo: newest.latest.timestamp } });
}

describe("a glance", () => {
  it("shows the unread count, and toasts only mail that arrived since the start of the session", () => {
    const context = session();
    expect(glance(context)).toEqual({ entry: "", toast: "", notify: "" });
    const [old, task] = [one("pc"), one("pc", "task")];
    toldAtStart(context, old);
    waits(context, old);
    expect(glance(context)).toEqual({ entry: "1", toast: "", notify: "" });
    waits(context, task, old);
    expect(glance(context)).toEqual({ entry: "2", toast: "Photon: new task from pc", notify: "" });
    expect(glance(context)).toEqual({ entry: "2", toast: "", notify: "" });
    waits(context, old);
    expect(glance(context)).toEqual({ entry: "1", toast: "", notify: "" });
    waits(context);
    expect(glance(context)).toEqual({ entry: "", toast: "", notify: "" });
  });

  it("toasts mail that arrived after the SessionStart hook asked, or that the hook could not ask for", () => {
    const late = session();
    const [old, task] = [one("pc"), one("pc", "task")];
    toldAtStart(late, old);
    waits(late, task, old);
    expect(glance(late)).toMatchObject({ entry: "2", toast: "Photon: new task from pc" });
    const untold = session({ CLAUDE_CODE_SESSION_ID: "session-2" });
    waits(untold, task, old);
    expect(glance(untold).toast).toBe("Photon: new task from pc, note from pc");
    expect(glance(untold).toast).toBe("");
  });

  it("shows one toast for several messages, and none twice", () => {
    const context = session();
    const first = one("pc");
    toldAtStart(context, first);
    waits(context, first);
    glance(context);
    const [a, b] = [one("box"), one("nas", "reply")];
    waits(context, b, a, first);
    expect(glance(context).toast).toBe("Photon: new reply from nas, note from box");
    const c = one("pc", "task");
    waits(context, c, b, a, first);
    expect(glance(context).toast).toBe("Photon: new task from pc");
  });

  it("does not count as telling Claude: the next prompt announces the mail too", () => {
    const context = session();
    waits(context, one("pc"));
    glance(context);
    expect(context.announced).toBeNull();
  });

  it("sends desktop notifications if the person wants them, at most once a minute", () => {
    joined("mac", "pc", "box", "nas");
    const context = session({ PHOTON_NOTIFY: "tasks" });
    const start = one("pc");
    const all = [start];
    toldAtStart(context, start);
    waits(context, ...all);
    glance(context);
    const comes = (group: UnreadGroup) => {
      all.unshift(group);
      waits(context, ...all);
      return glance(context).notify;
    };
    expect(comes(one("pc", "task"))).toBe("Photon: new task from pc");
    time += 59_000;
    expect(comes(one("box", "task"))).toBe("");
    time += 1_000;
    expect(comes(one("nas", "note"))).toBe(""); // the task is still unread, but not new
    expect(comes(one("nas", "task"))).toBe("Photon: new task from nas");
  });

  it("sends no desktop notification for a machine that is not in the list, or without a list", () => {
    for (const names of [["mac", "pc"], null]) {
      if (names !== null) joined(...names);
      else rmSync(join(home, "machine-list.json"));
      const context = session({ PHOTON_NOTIFY: "all" });
      waits(context);
      glance(context);
      waits(context, one("lamp", "task"));
      expect(glance(context)).toMatchObject({ toast: expect.stringContaining("new task from lamp"), notify: "" });
    }
  });

  it("sends no desktop notification for other mail if only tasks are wanted, nor if it is off", () => {
    joined("mac", "pc");
    for (const env of [{ PHOTON_NOTIFY: "tasks" }, {}]) {
      const context = session(env);
      waits(context);
      glance(context);
      waits(context, one("pc", "note"));
      expect(glance(context)).toMatchObject({ entry: "1", notify: "" });
    }
  });

  it("shows nothing on a machine that is not set up", () => {
    const context = session({ BRIDGE_API_KEY: "" });
    waits(context, one("pc"));
    expect(glance(context)).toEqual({ entry: "", toast: "", notify: "" });
  });
});
