import * as z from "zod";
import { failureLine, unreportedFailures } from "../../client/mail/failure-line.ts";
import { noteFailureTold } from "../../client/mail/outbox-folder.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { type Announcement, announceNew } from "../../client/text/announcement.ts";
import { tellable } from "../../client/text/tellable-mail.ts";
import type { ServerContext } from "../context.ts";
import { isWakeLine } from "../wake/wake-news.ts";
import type { Waker } from "../wake/waker.ts";
import type { MailWatch } from "../watch/mail-watch.ts";
import { defineTool, type Reply, type Tool } from "./define-tool.ts";

/** An empty result for the client. With an empty text, Claude would get a line about a completed hook at every prompt. */
const NOTHING = "{}";

/** Without a socket, an older summary may list mail that was read long ago. This prompt makes the server ask again. */
const MAX_KNOWN_AGE_MS = 10 * 60_000;

/** The prompt of a turn that a notification of the client started, not a person. */
const WAKE = /^\s*<(?:task-notification|channel)\b/;

/** A client that does not know the field sends its placeholder instead. */
const MODE = /^[A-Za-z]{1,40}$/;

/**
 * The UserPromptSubmit hook. It is a tool because that takes 5 ms, and a process 50 ms. The client parses the text as a
 * hook's output, shows a failure to the person at every prompt, and holds the prompt back until it has the result. So this
 * answers only from memory, and any error gives an empty result.
 */
export function promptHook(watch: MailWatch, waker: Waker): Tool {
  return defineTool({
    name: "prompt_hook",
    description: "For the client's UserPromptSubmit hook.",
    input: z.looseObject({
      session_id: z.string().catch(""),
      prompt: z.string().catch(""),
      permission_mode: z.string().catch(""),
    }),
    isHidden: true,
    run({ session_id, prompt, permission_mode }, context) {
      try {
        context.enterSession(session_id);
        context.permissionMode = MODE.test(permission_mode) ? permission_mode : context.permissionMode;
        return WAKE.test(prompt) || isWakeLine(prompt) ? wakeTurn(waker.refusal(prompt)) : news(context, watch);
      } catch {
        return NOTHING;
      }
    },
  });
}

/** A refused turn does not start. Its prompt is hidden, because it means nothing to a person. */
function wakeTurn(refusal: string | null): string {
  if (refusal === null) return NOTHING;
  return JSON.stringify({
    decision: "block",
    reason: `Photon: ${refusal}`,
    hookSpecificOutput: { hookEventName: "UserPromptSubmit", suppressOriginalPrompt: true },
  });
}

function news(context: ServerContext, watch: MailWatch): string | Reply {
  const { config } = context.mailboxOfFile;
  if (!isSetUp(config)) return NOTHING;
  watch.promptCame();
  const announcement = newMail(context);
  const failed = unreportedFailures(context.paths);
  const lines = [
    ...(announcement ? [announcement.line] : []),
    ...(failed.length > 0 ? [failureLine(failed, config.project)] : []),
  ];
  if (lines.length === 0) return NOTHING;
  return {
    text: JSON.stringify({
      systemMessage: lines.join("\n"),
      ...(announcement && {
        hookSpecificOutput: { hookEventName: "UserPromptSubmit", additionalContext: announcement.text },
      }),
    }),
    whenSent() {
      if (announcement) context.noteAnnounced(announcement.covers);
      for (const failure of failed) noteFailureTold(failure, context.now());
    },
  };
}

function newMail({ mail, paths, mailboxOfFile, session, announced }: ServerContext): Announcement | null {
  const summary = mail.within(MAX_KNOWN_AGE_MS);
  return summary && announceNew(tellable(summary, paths, mailboxOfFile.config), session, announced);
}
