import type { Contestant } from "./contestants.ts";
import { loadMarks, loadSends, loadStored, type MarkLoad, type SendLoad, type StoredLoad } from "./loads.ts";
import { loadRoutes, type RouteCost } from "./loads-routes.ts";
import { type LifeStep, measureLife } from "./message-life.ts";

const AT_ONCE = [1, 8, 32, 64];
const STORED = [10, 1_000, 100_000];

/** Every load is repeated, so that a slow moment of the machine appears as a spread and not as a difference. */
export const ROUNDS = 3;

/** Stored messages when the routes are counted. */
export const STORED_FOR_ROUTES = 1_000;

/** How many messages are sent, marked, copied and removed together when a message's life is counted. */
const TOGETHER = [1, 20];

/** The results of one script under every load; arrays have one element per round. */
export interface Results {
  readonly script: string;
  readonly role: Contestant["role"];
  readonly sends: { readonly atOnce: number; readonly rounds: SendLoad[] }[];
  readonly marks: MarkLoad[];
  readonly stored: { readonly count: number; readonly rounds: StoredLoad[] }[];
  /** Like `lives`, only for ours. */
  readonly routes: RouteCost[];
  readonly lives: { readonly together: number; readonly steps: LifeStep[] }[];
  /** Loads that failed, and why. */
  readonly failures: string[];
}

/**
 * Runs every load against all scripts in turn. Each round starts with another script, so that the order varies.
 *
 * @param contestants - ours first
 */
export async function runLoads(
  contestants: readonly Contestant[],
  progress: (text: string) => void,
): Promise<Results[]> {
  const all = contestants.map((contestant): [Contestant, Results] => [
    contestant,
    {
      script: contestant.script.name,
      role: contestant.role,
      sends: AT_ONCE.map((atOnce) => ({ atOnce, rounds: [] })),
      marks: [],
      stored: STORED.map((count) => ({ count, rounds: [] })),
      routes: [],
      lives: [],
      failures: [],
    },
  ]);
  const run = async (
    what: string,
    round: number,
    load: (contestant: Contestant, results: Results) => Promise<unknown>,
  ) => {
    const first = round % all.length;
    for (const [contestant, results] of [...all.slice(first), ...all.slice(0, first)]) {
      progress(`${what}, round ${round + 1}: ${results.script}`);
      try {
        await load(contestant, results);
      } catch (error) {
        results.failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };

  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, atOnce] of AT_ONCE.entries()) {
      await run(`${atOnce} at once`, round, async (contestant, { sends }) => {
        sends[i]?.rounds.push(await loadSends(contestant, atOnce));
      });
    }
    for (const [i, count] of STORED.entries()) {
      await run(`${count} stored`, round, async (contestant, { stored }) => {
        stored[i]?.rounds.push(await loadStored(contestant, count));
      });
    }
    await run("marks and deletes", round, async (contestant, { marks }) => {
      marks.push(await loadMarks(contestant));
    });
  }
  await run("what each request uses", 0, async (contestant, { routes }) => {
    if (contestant.role === "ours") routes.push(...(await loadRoutes(contestant, STORED_FOR_ROUTES)));
  });
  await run("a message's life", 0, async (contestant, { lives }) => {
    if (contestant.role !== "ours") return;
    for (const together of TOGETHER) lives.push({ together, steps: await measureLife(contestant, together) });
  });
  return all.map(([, results]) => results);
}
