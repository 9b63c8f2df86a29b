// `photon statusline`, for a user's own status line: the client starts it again and again, so it is a bundle of its own that
// loads nothing but Node, reads one small file, and never fails.
import { readFileSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { photonPaths } from "../../client/disk/paths.ts";
import { textField } from "../../client/disk/private-file.ts";
import { readSession } from "../../client/sessions/session-state.ts";
import { entryText } from "../../client/text/entry-text.ts";

const STDIN = 0;
const STDOUT = 1;

try {
  const text = statusline();
  if (text !== "") writeSync(STDOUT, `${text}\n`);
} catch {
  // nobody reads it any more
}

function statusline(): string {
  try {
    // The files of the process, not its streams: `process.stdin` alone takes 7 ms. In a terminal nobody says anything.
    const stdin = isatty(STDIN) ? "" : readFileSync(STDIN, "utf8");
    const session = textField(JSON.parse(stdin), "session_id") ?? "";
    const { unread } = readSession(photonPaths(process.env), session);
    return unread === null ? "" : entryText(unread);
  } catch {
    return ""; // no session, or nothing that can be read: nothing to say
  }
}
