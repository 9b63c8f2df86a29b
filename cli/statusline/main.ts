// `photon statusline`, for a user's own status line: the client starts it again and again, so it is a bundle of its own that
// loads nothing but Node, reads three small files, and never fails.
import { readFileSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { unreadFor } from "../../client/announcement.ts";
import { entryText } from "../../client/entry-text.ts";
import { photonPaths } from "../../client/paths.ts";
import { textField } from "../../client/private-file.ts";
import { readSessionReader } from "../../client/session-reader.ts";
import { readUnread } from "../../client/unread-cache.ts";

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
    const paths = photonPaths(process.env);
    const reader = readSessionReader(paths, session);
    const known = reader === null ? null : readUnread(paths, reader);
    return known === null ? "" : entryText(unreadFor(known.summary, session));
  } catch {
    return ""; // no session, or nothing that can be read: nothing to say
  }
}
