// `photon statusline`, for a user's own status line: the client starts it again and again, so it is a bundle of its own that
// loads nothing but Node, reads three small files, and never fails.
import { unreadFor } from "../../client/announcement.ts";
import { entryText } from "../../client/entry-text.ts";
import { photonPaths } from "../../client/paths.ts";
import { textField } from "../../client/private-file.ts";
import { readSessionReader } from "../../client/session-reader.ts";
import { readUnread } from "../../client/unread-cache.ts";

/** What the client says of the session; more is no status line's. */
const MAX_STDIN_BYTES = 1024 * 1024;

let stdin = "";
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  if (stdin.length < MAX_STDIN_BYTES) stdin += text;
});
process.stdin.on("end", () => {
  const text = statusline(stdin);
  if (text !== "") process.stdout.write(`${text}\n`);
});
process.stdin.on("error", () => {});
process.stdout.on("error", () => {});

function statusline(stdin: string): string {
  try {
    const session = textField(JSON.parse(stdin), "session_id") ?? "";
    const paths = photonPaths(process.env);
    const reader = readSessionReader(paths, session);
    const known = reader === null ? null : readUnread(paths, reader);
    return known === null ? "" : entryText(unreadFor(known.summary, session));
  } catch {
    return ""; // no session, or nothing that can be read: nothing to say
  }
}
