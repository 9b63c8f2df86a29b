import { expect, it } from "vitest";
import type { MailConnection } from "../client/sessions/session-state.ts";
import { connectionText } from "./connection-text.ts";

const session = (how: MailConnection["how"]): MailConnection => ({
  how,
  since: 0,
  pid: 1,
  reader: "mac",
  workerUrl: "",
  hasMod: null,
});

it.each([
  [["live"], "1 open, notified instantly"],
  [["live", "live"], "2 open, notified instantly"],
  [
    ["live", "polling"],
    "2 open, 1 asks every 30 seconds for 1 min: no lasting connection to the bridge (WebSocket) can be opened",
  ],
  [["refused", "polling"], "2 open, 1 asks only once an hour, because the bridge refuses this machine's key"],
] as const)("describes sessions that learn of mail in these ways: %j", (ways, text) => {
  expect(connectionText(ways.map(session), 60_000, true)).toBe(text);
});

it("does not blame the WebSocket while the bridge does not answer at all", () => {
  expect(connectionText([session("polling")], 60_000, false)).toMatch(
    /^1 open, 1 asks every 30 seconds until the bridge answers again$/,
  );
});
