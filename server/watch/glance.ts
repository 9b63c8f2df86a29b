import { type Announced, laterAnnounced } from "../../client/sessions/session-state.ts";
import { isSetUp } from "../../client/settings/config.ts";
import { announceNew, groupsFor, isNew, unreadFor } from "../../client/text/announcement.ts";
import { type TellableGroup, tellable } from "../../client/text/tellable-mail.ts";
import { loadWakeSettings } from "../../client/wake/wake-settings.ts";
import type { ServerContext } from "../context.ts";
import { mayWake } from "../wake/wake-news.ts";

/** A desktop notification makes a sound, so there is at most one in this time. */
const NOTIFY_EVERY_MS = 60_000;

/**
 * What the mod displays: the entry under the prompt (the client adds Photon's name), a toast for new mail, and a desktop
 * notification. Empty texts display nothing.
 */
export interface Glance {
  readonly entry: string;
  readonly toast: string;
  readonly notify: string;
}

const NOTHING: Glance = { entry: "", toast: "", notify: "" };

interface Shown {
  /** The mail that the person was told about, at the start or since. */
  readonly seen: Announced;
  /** Milliseconds since 1970; null before the first. */
  readonly notifiedAt: number | null;
}

/** By server process. A session has one, which its mod calls too. */
const shownIn = new WeakMap<ServerContext, Shown>();

/**
 * What is new for the person at the screen, without asking the bridge: the mail that arrived since the start of the session.
 * Showing it to the person does not count as telling Claude, who is told at the next prompt. Never throws.
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
      // Not the present mail: a message may have arrived since the SessionStart hook asked.
      seen: context.announced ?? BEFORE_ALL,
      notifiedAt: null,
    };
    const news = announceNew(summary, context.session, before);
    const fresh = groupsFor(summary, context.session).filter((group) => isNew(group, before));
    const isNotified = news !== null && mayNotify(fresh, notifiedAt, context);
    shownIn.set(context, {
      seen: news === null ? before : laterAnnounced(before, news.covers),
      notifiedAt: isNotified ? context.now() : notifiedAt,
    });
    return { entry, toast: news?.line ?? "", notify: isNotified ? news.line : "" };
  } catch {
    return NOTHING; // the disk cannot be read now
  }
}

/** Relies on the sender that the bridge names. Unlike a wake, a notification is not worth a request that verifies it. */
function mayNotify(fresh: readonly TellableGroup[], notifiedAt: number | null, context: ServerContext): boolean {
  const { env, paths, mailboxOfFile, now } = context;
  const { notify } = loadWakeSettings({ env, paths, project: mailboxOfFile.config.project });
  const isSoon = notifiedAt !== null && Math.abs(now() - notifiedAt) < NOTIFY_EVERY_MS;
  return !isSoon && fresh.some((group) => mayWake(group, notify));
}

const BEFORE_ALL: Announced = { upTo: "" };
