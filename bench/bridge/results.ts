import {
  abilitiesOf,
  loadMarks,
  loadSends,
  loadStored,
  type MarkLoad,
  type SendLoad,
  type StoredLoad,
} from "./loads.ts";
import type { Script } from "./script.ts";
import type { Abilities } from "./wire.ts";

const AT_ONCE = [1, 2, 4, 8, 16, 32, 64];
const STORED = [10, 100, 1_000, 10_000];
/** Only for the first script: an `index` of that size takes minutes. */
const STORED_FOR_THE_FIRST = 100_000;

/** What one script did under every load. */
export interface Results {
  readonly script: string;
  readonly sends: { readonly atOnce: number; readonly withIds: boolean; readonly load: SendLoad }[];
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
    const results: Results = { script: script.name, sends: [], marks: [], stored: [], failures: [] };
    contestants.push({ script, abilities: await abilitiesOf(script), results });
  }
  const [first] = contestants;
  const forEach = async (what: string, load: (contestant: Contestant) => Promise<void>) => {
    for (const contestant of contestants) {
      progress(`${what}: ${contestant.script.name}`);
      try {
        await load(contestant);
      } catch (error) {
        contestant.results.failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };

  for (const atOnce of AT_ONCE) {
    for (const withIds of [false, true]) {
      await forEach(`${atOnce} at once${withIds ? ", with ids" : ""}`, async ({ script, abilities, results }) => {
        if (withIds && !abilities.ids) return;
        results.sends.push({ atOnce, withIds, load: await loadSends(script, abilities, atOnce, withIds) });
      });
    }
  }
  await forEach("marks and deletes", async ({ script, abilities, results }) => {
    results.marks.push(await loadMarks(script, abilities));
  });
  for (const count of [...STORED, STORED_FOR_THE_FIRST]) {
    await forEach(`${count} stored`, async (contestant) => {
      if (count === STORED_FOR_THE_FIRST && contestant !== first) return;
      const { script, abilities, results } = contestant;
      results.stored.push({ count, load: await loadStored(script, abilities, count) });
    });
  }
  return contestants.map(({ results }) => results);
}
