// `photon statusline`, for a user's own status line. Claude Code starts it very often, so it is a separate bundle that loads
// only Node's modules, reads one small file, and never fails.
import { readFileSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { photonPaths } from "../../client/disk/paths.ts";
import { textField } from "../../client/disk/private-file.ts";
import { readSession } from "../../client/sessions/session-state.ts";
import { entryText } from "../../client/text/entry-text.ts";
import { STATUSLINE_USE } from "../../client/text/statusline-use.ts";
import { parseJson } from "../../contract/parse-json.ts";

const STDIN = 0;
const STDOUT = 1;

try {
  const text = statusline();
  if (text !== "") writeSync(STDOUT, `${text}\n`);
} catch {
  // stdout is closed
}

function statusline(): string {
  try {
    // At a terminal there is no input to wait for, and a person to talk to.
    if (isatty(STDIN)) return STATUSLINE_USE;
    // File descriptors instead of streams: `process.stdin` alone takes 7 ms.
    const stdin = readFileSync(STDIN, "utf8");
    const session = textField(parseJson(stdin), "session_id") ?? "";
    const { unread } = readSession(photonPaths(process.env), session);
    return unread === null ? "" : entryText(unread);
  } catch {
    return ""; // no session, or no readable state: show nothing
  }
}
