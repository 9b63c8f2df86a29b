import { type Told, toldBoth } from "../../client/sessions/session-state.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { announceNew, groupsFor, isNew, unreadFor } from "../../client/text/announcement.ts";
import { type TellableGroup, tellable } from "../../client/text/tellable-mail.ts";
import { loadWakeSettings } from "../../client/wake/wake-settings.ts";
import type { ServerContext } from "../context.ts";
import { mayWake } from "../wake/wake-news.ts";

/** A desktop notification makes a noise: what comes within this time is one, or none. */
const NOTIFY_EVERY_MS = 60_000;

/** What the mod draws: a text under the prompt (the client writes our name before it), something new for a moment, and for the desktop. Empty: nothing. */
export interface Glance {
  readonly entry: string;
  readonly toast: string;
  readonly notify: string;
}

const NOTHING: Glance = { entry: "", toast: "", notify: "" };

interface Shown {
  /** What the person was told of, at the start or since. */
  readonly seen: Told;
  /** Milliseconds since 1970; null before the first. */
  readonly notifiedAt: number | null;
}

/** By session's process, which is the mod's as well. */
const shownIn = new WeakMap<ServerContext, Shown>();

/**
 * What is new for the person at the screen, without asking the bridge. New is what came since the start of the session
 * told the person. Telling the person is not telling Claude: a prompt tells it too. Never throws.
 */
export function glance(context: ServerContext): Glance {
  try {
    const { config } = context.mailboxOfFile;
    const known = isSetUp(config) ? context.mail.last : null;
    if (known === null) return NOTHING;
    const summary = tellable(known.summary, context.paths, config);
    const unread = unreadFor(summary, context.session);
    const entry = unread > 0 ? String(unread) : "";
    const { seen: before, notifiedAt } = shownIn.get(context) ?? {
      // Not what waits now: a message may have come after the hook of the start asked.
      seen: context.told ?? BEFORE_ALL,
      notifiedAt: null,
    };
    const news = announceNew(summary, context.session, before);
    const fresh = groupsFor(summary, context.session).filter((group) => isNew(group, before));
    const isNotified = news !== null && mayNotify(fresh, notifiedAt, context);
    shownIn.set(context, {
      seen: news === null ? before : toldBoth(before, news.told),
      notifiedAt: isNotified ? context.now() : notifiedAt,
    });
    return { entry, toast: news?.line ?? "", notify: isNotified ? news.line : "" };
  } catch {
    return NOTHING; // the disk cannot be read now
  }
}

/** By what the bridge says of a sender in this machine's list: a notification wakes no Claude, so nothing is fetched for it. */
function mayNotify(fresh: readonly TellableGroup[], notifiedAt: number | null, context: ServerContext): boolean {
  const { env, paths, mailboxOfFile, now } = context;
  const { notify } = loadWakeSettings({ env, paths, project: mailboxOfFile.config.project });
  const isSoon = notifiedAt !== null && Math.abs(now() - notifiedAt) < NOTIFY_EVERY_MS;
  return !isSoon && fresh.some((group) => mayWake(group, notify));
}

const BEFORE_ALL: Told = { upTo: "" };
