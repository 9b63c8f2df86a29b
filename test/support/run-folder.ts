import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

/** Node and npm keep compiled code here, in whatever folder is the temporary one. */
const NOT_OURS = ["node-compile-cache"];

/**
 * Gives a run of a suite a temporary folder of its own, for the tests and for every process they start, and removes it at
 * the end, also when tests failed. A run whose tests left anything in it fails.
 */
export default function useRunFolder({ vitest }: TestProject): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "photon-test-")));
  process.env.TMPDIR = folder;
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.once("exit", remove); // an interrupted run closes nothing
  // Not a teardown: the workers, and workerd with its folders, are gone only now.
  vitest.onClose(() => {
    const left = readdirSync(folder).filter((name) => !NOT_OURS.includes(name));
    remove();
    // A test that failed may not have come to its end.
    if (left.length === 0 || vitest.state.getCountOfFailedTests() > 0) return;
    throw new Error(`The tests left in the temporary folder: ${left.join(", ")}`);
  });
}
