import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

/**
 * Node and npm keep compiled code here, in any temporary folder. A bridge that a test kills leaves miniflare's folder: it
 * goes with the run's folder.
 */
const NOT_OURS = /^(?:node-compile-cache$|miniflare-)/;

/**
 * Gives a run its own temporary folder, for the tests and all processes they start, and removes it at the end, even if
 * tests failed. The run fails if tests left files in it.
 */
export default function useRunFolder({ vitest }: TestProject): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "photon-test-")));
  chmodSync(folder, 0o711); // a test starts the built program as another user
  process.env.TMPDIR = folder;
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.once("exit", remove); // an interrupted run does not call onClose
  // Not in a teardown, because the workers and workerd, with their folders, end only after it.
  vitest.onClose(() => {
    const left = readdirSync(folder).filter((name) => !NOT_OURS.test(name));
    remove();
    // A failed test may have skipped its own cleanup.
    if (left.length === 0 || vitest.state.getCountOfFailedTests() > 0) return;
    throw new Error(`The tests left in the temporary folder: ${left.join(", ")}`);
  });
}
