/** What `photon statusline` says to a person who runs it in a terminal. Plain strings: the status line loads nothing for it. */
export const STATUSLINE_USE = [
  "`photon statusline` prints the unread count of a session, for Claude Code's own status line. Claude Code runs it; here is no session.",
  'To use it, add this to ~/.claude/settings.json: "statusLine": {"type": "command", "command": "photon statusline"}',
  "`photon status` shows your unread messages.",
].join("\n");
