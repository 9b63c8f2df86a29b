import { medianCost } from "./median-cost.ts";
import { quantile } from "./meter.ts";
import type { Results } from "./results.ts";

/** A target for the bridge, and the measured value. */
export interface Verdict {
  readonly target: string;
  readonly measured: string;
  readonly isMet: boolean;
  /** Whether a miss fails the run: correctness and operation counts do not depend on the machine. */
  readonly isEnforced: boolean;
}

const MAX_CHECK_MS = 2;
const SENDERS_FOR_SPEED = 32;
/** The target of 800 sends a second is for the machine where 0.5.0's Mailroom reaches 890. */
const MIN_SHARE_OF_MAILROOM = 800 / 890;
const MIN_SENDS_PER_SECOND = 800;
/** The median with 100,000 messages may be at most this many times the one with 10. */
const MAX_GROWTH = 1.5;

/** @param all - ours first */
export function verdicts(all: readonly Results[]): Verdict[] {
  const [ours] = all;
  if (!ours) return [];
  const mailroom = all.find(({ role }) => role === "mailroom");
  const total = (of: (load: Results["sends"][number]["rounds"][number]) => number) =>
    ours.sends.flatMap(({ rounds }) => rounds).reduce((sum, load) => sum + of(load), 0);
  const checks = ours.stored.filter(({ rounds }) => rounds.length > 0);
  const shares = checks.flatMap(({ rounds }) =>
    rounds.flatMap(({ notModified }) => [notModified.unchanged, 1 - notModified.first]),
  );
  const medians = checks.map(({ rounds }) => medianCost(rounds.map(({ unchanged }) => unchanged)).p50Ms);
  const [fewest = Number.NaN] = medians;
  const most = medians.at(-1) ?? Number.NaN;
  const used = checks.flatMap(({ rounds }) => rounds.map(({ unchanged }) => unchanged.used));
  const kvUsed = Math.max(...used.map(({ reads, writes, lists, deletes }) => reads + writes + lists + deletes));
  const calls = Math.max(...used.map((each) => each.calls));
  const perSecond = speedOf(ours);
  const share = mailroom === undefined ? Number.NaN : perSecond / speedOf(mailroom);
  const lost = total((load) => load.lost);
  const doubled = total((load) => load.doubled);
  const enforced = { isEnforced: true };
  const speed = { isEnforced: false };
  return [
    { target: "Messages lost", measured: `${lost}`, isMet: lost === 0, ...enforced },
    {
      target: "Messages duplicated",
      measured: `${doubled}`,
      isMet: doubled === 0,
      ...enforced,
    },
    {
      target: "Unchanged check: one call of the object, no KV",
      measured: `${calls} call, ${kvUsed} operations`,
      isMet: calls === 1 && kvUsed === 0,
      ...enforced,
    },
    {
      target: "Answered 304: every check with the last ETag, none without",
      measured: `${Math.min(...shares) * 100} %`,
      isMet: Math.min(...shares) === 1,
      ...enforced,
    },
    {
      target: `Unchanged check: median at most ${MAX_CHECK_MS} ms`,
      measured: `${Math.max(...medians).toFixed(1)} ms`,
      isMet: Math.max(...medians) <= MAX_CHECK_MS,
      ...speed,
    },
    {
      target: `Over 100,000 messages: at most ${MAX_GROWTH} × over 10`,
      measured: `${(most / fewest).toFixed(2)} ×`,
      isMet: most / fewest <= MAX_GROWTH,
      ...speed,
    },
    {
      target: `${SENDERS_FOR_SPEED} senders: at least ${MIN_SHARE_OF_MAILROOM.toFixed(2)} × the Mailroom`,
      measured: `${share.toFixed(2)} ×`,
      isMet: share >= MIN_SHARE_OF_MAILROOM,
      ...speed,
    },
    {
      target: `${SENDERS_FOR_SPEED} senders: at least ${MIN_SENDS_PER_SECOND} sends a second`,
      measured: `${Math.round(perSecond)}`,
      isMet: perSecond >= MIN_SENDS_PER_SECOND,
      ...speed,
    },
  ];
}

function speedOf({ sends }: Results): number {
  const rounds = sends.find(({ atOnce }) => atOnce === SENDERS_FOR_SPEED)?.rounds ?? [];
  return quantile(
    rounds.map(({ cost }) => cost.perSecond),
    0.5,
  );
}
