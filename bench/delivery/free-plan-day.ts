import { MAX_COPIES_A_DAY } from "../../worker/object/archive-rules.ts";
import type { Counts } from "../bridge/counting.ts";
import { type LifeStep, plus } from "../bridge/message-life.ts";
import { mapCounts } from "../bridge/meter.ts";
import { table } from "../document.ts";
import type { FleetUse } from "./measure-use.ts";

/** The daily limits of Cloudflare's free plan. */
const FREE = {
  requests: 100_000,
  calls: 100_000,
  rowsRead: 5_000_000,
  rowsWritten: 100_000,
  reads: 100_000,
  /** Not a limit for messages: texts that are not copied stay in their rows. */
  writes: 1_000,
} satisfies Partial<Counts>;

const LIMITS = ["requests", "calls", "rowsRead", "rowsWritten", "reads", "writes"] as const;
type Limit = (typeof LIMITS)[number];

const MESSAGES = 500;

/** The client's interval while its socket is open. */
const PING_EVERY_SECONDS = 30;
const DAY_SECONDS = 24 * 60 * 60;
/** This many socket messages count as one request to the object. */
const SOCKET_MESSAGES_PER_CALL = 20;

/** The object's later work on a message. The first three steps are a client's requests. */
const REQUEST_STEPS = 3;

interface Measured {
  readonly many: FleetUse;
  readonly few: FleetUse;
  /** The life of a single message, and of one among 20. */
  readonly alone: readonly LifeStep[];
  readonly together: readonly LifeStep[];
}

/** A day on the free plan with {@link MESSAGES} messages, and the largest possible number, as Markdown. */
export function dayTables({ many, few, alone, together }: Measured): string {
  // Old messages are removed once an hour, in batches.
  const removal = together.slice(-1);
  const day = (fleet: FleetUse, messages: number, copies = alone) =>
    dayOf(fleet, messages, { copy: copies.slice(REQUEST_STEPS, -1), removal });
  const busy = day(many, MESSAGES);
  const used = LIMITS.map((name) => {
    const share = `${((busy[name] / FREE[name]) * 100).toFixed(1)} %`;
    return [LABELS[name], whole(busy[name]), whole(FREE[name]), share];
  });
  const title = `A day of the free plan: ${many.machines} machines, ${many.sessions} sessions each, ${MESSAGES} messages`;
  const message = [many, few].map((fleet) => {
    const { requests, calls, socketMessages, rowsRead, rowsWritten, reads } = fleet.message;
    return [nameOf(fleet), ...[requests, calls, socketMessages, rowsRead, rowsWritten, reads].map(figure)];
  });
  const most = [many, few].flatMap((fleet) =>
    [
      { steps: alone, how: "each alone" },
      { steps: together, how: "20 together" },
    ].map(({ steps, how }) => {
      const { messages, limit } = mostMessages((count) => day(fleet, count, steps));
      return [nameOf(fleet), how, whole(messages), LABELS[limit]];
    }),
  );
  const head = ["fleet", "requests", "calls of the object", "messages over sockets", "rows read", "rows written"];
  return [
    table(title, ["what", "used", "free", "share"], used),
    "Every session is open all day, each ping is counted as a charged socket message, and for each new message an old one is removed.",
    table("One message, from its send until it is read", [...head, "KV reads"], message),
    table("The most messages in a day", ["fleet", "copied to KV", "messages a day", "reached first"], most),
  ].join("\n\n");
}

const LABELS: Readonly<Record<Limit, string>> = {
  requests: "requests to the Worker",
  calls: "requests to the object",
  rowsRead: "rows read",
  rowsWritten: "rows written",
  reads: "KV reads",
  writes: "KV writes",
};

/** The object's later work on a message. */
interface Later {
  readonly copy: readonly LifeStep[];
  readonly removal: readonly LifeStep[];
}

/** What a fleet uses in a day, including the object's later work on each message. */
function dayOf({ machines, sessions, opening, message }: FleetUse, messages: number, { copy, removal }: Later): Counts {
  const open = machines * sessions;
  const times = (counts: Counts, factor: number) => mapCounts(counts, (count) => count * factor);
  const copied = Math.min(messages, MAX_COPIES_A_DAY);
  const later = [...copy.map(({ used }) => times(used, copied)), ...removal.map(({ used }) => times(used, messages))];
  // The steps include copies that ran during the measurement. Counting their rows twice errs on the safe side.
  const sum = [times({ ...message, writes: 0 }, messages), ...later].reduce(plus, times(opening, open));
  const socketMessages = sum.socketMessages + open * (DAY_SECONDS / PING_EVERY_SECONDS);
  return { ...sum, socketMessages, calls: sum.calls + socketMessages / SOCKET_MESSAGES_PER_CALL };
}

/** The largest number of messages within all limits except KV writes, and the limit that is reached first. */
function mostMessages(day: (messages: number) => Counts): { messages: number; limit: Limit } {
  const limits = LIMITS.filter((name) => name !== "writes");
  const exceeded = (messages: number) => limits.find((name) => day(messages)[name] > FREE[name]);
  let holds = 0;
  let breaks: number = FREE.rowsWritten; // each message writes more than one row
  while (breaks - holds > 1) {
    const middle = Math.floor((holds + breaks) / 2);
    if (exceeded(middle) === undefined) holds = middle;
    else breaks = middle;
  }
  return { messages: holds, limit: exceeded(breaks) ?? "rowsWritten" };
}

function nameOf({ machines, sessions }: FleetUse): string {
  return `${machines} machines, ${sessions === 1 ? "a session" : `${sessions} sessions`} each`;
}

function whole(count: number): string {
  return Math.round(count).toLocaleString("en");
}

function figure(count: number): string {
  return count.toFixed(1);
}
