import {
  abilitiesOf,
  loadKvAlone,
  loadMarks,
  loadSends,
  loadStored,
  type MarkLoad,
  type SendLoad,
  type StoredLoad,
} from "./loads.ts";
import type { Cost } from "./meter.ts";
import type { Script } from "./script.ts";
import type { Abilities } from "./wire.ts";

const AT_ONCE = [1, 2, 4, 8, 16, 32, 64];
const STORED = [10, 100, 1_000, 10_000];
/** Where KV alone is measured: the least, and what the target names. */
const KV_ALONE_AT_ONCE = [1, 32];
/** Only for ours: an `index` of that size takes minutes. */
const STORED_FOR_OURS = 100_000;

/** What one script did under every load. */
export interface Results {
  readonly script: string;
  readonly sends: { readonly atOnce: number; readonly withIds: boolean; readonly load: SendLoad }[];
  /** What a send asks of KV, without the script; only of ours. */
  readonly kvAlone: { readonly atOnce: number; readonly cost: Cost }[];
  readonly marks: MarkLoad[];
  readonly stored: { readonly count: number; readonly load: StoredLoad }[];
  /** Loads that it could not take, and why. */
  readonly failures: string[];
}

interface Contestant {
  readonly script: Script;
  readonly abilities: Abilities;
  readonly results: Results;
}

/**
 * Every load, each for all scripts one after another, so that a slow moment of the machine hits them alike.
 *
 * @param scripts - ours first
 */
export async function runLoads(scripts: readonly Script[], progress: (text: string) => void): Promise<Results[]> {
  const contestants: Contestant[] = [];
  for (const script of scripts) {
    const results: Results = { script: script.name, sends: [], kvAlone: [], marks: [], stored: [], failures: [] };
    contestants.push({ script, abilities: await abilitiesOf(script), results });
  }
  const ours = contestants.slice(0, 1);
  const run = async (what: string, who: readonly Contestant[], load: (contestant: Contestant) => Promise<void>) => {
    for (const contestant of who) {
      progress(`${what}: ${contestant.script.name}`);
      try {
        await load(contestant);
      } catch (error) {
        contestant.results.failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };

  for (const atOnce of AT_ONCE) {
    const send =
      (withIds: boolean) =>
      async ({ script, abilities, results }: Contestant) => {
        results.sends.push({ atOnce, withIds, load: await loadSends(script, abilities, atOnce, withIds) });
      };
    const withIds = contestants.filter(({ abilities }) => abilities.ids);
    await run(`${atOnce} at once`, contestants, send(false));
    await run(`${atOnce} at once, with ids`, withIds, send(true));
    await run(
      `${atOnce} at once, KV alone`,
      KV_ALONE_AT_ONCE.includes(atOnce) ? ours : [],
      async ({ script, results }) => {
        results.kvAlone.push({ atOnce, cost: await loadKvAlone(script, atOnce) });
      },
    );
  }
  await run("marks and deletes", contestants, async ({ script, abilities, results }) => {
    results.marks.push(await loadMarks(script, abilities));
  });
  for (const count of [...STORED, STORED_FOR_OURS]) {
    await run(`${count} stored`, count === STORED_FOR_OURS ? ours : contestants, async (contestant) => {
      const { script, abilities, results } = contestant;
      const isOurs = ours.includes(contestant);
      results.stored.push({ count, load: await loadStored(script, abilities, count, isOurs) });
    });
  }
  return contestants.map(({ results }) => results);
}
