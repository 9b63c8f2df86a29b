import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PRELOAD = join(import.meta.dirname, "record-children.cjs");
/** A `photon flush` ends sooner, even if the bridge never answers. */
const PATIENCE_MS = 60_000;
const POLL_MS = 25;

/**
 * Photon's programs and the processes that they start, at every depth. Some outlive the program that started them, such as
 * the `photon flush` of a hook, and write into their folders until they end.
 */
export class StartedProcesses {
  readonly #list: string;

  /** @param list - the file for their ids, in an existing folder */
  constructor(list: string) {
    this.#list = list;
  }

  /** The environment in which a program of Node records itself and what it starts. @param nodeOptions - other options for its Node */
  env(nodeOptions = ""): Record<string, string> {
    return {
      STARTED_PROCESSES: this.#list,
      NODE_OPTIONS: `${nodeOptions} --require ${JSON.stringify(PRELOAD)}`.trimStart(),
    };
  }

  /** Adds a program itself. @param pid - null if it did not start */
  add(pid: number | null): void {
    if (pid !== null) appendFileSync(this.#list, `${pid}\n`);
  }

  /**
   * Waits until all of them have ended. Stop what starts programs first.
   *
   * @throws if one still runs after a minute
   */
  async ended(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (let running = this.#running(); running.length > 0; running = this.#running()) {
      if (performance.now() > end) throw new Error(`These processes have not ended: ${running.join(", ")}.`);
      await sleep(POLL_MS);
    }
  }

  #running(): number[] {
    if (!existsSync(this.#list)) return [];
    const ids = readFileSync(this.#list, "utf8").split("\n").filter(Boolean).map(Number);
    return ids.filter(isRunning);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

/** Whether a process has ended, but nobody asked for its exit code: in a container, maybe nobody ever does. */
function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/\(.*\)/s, ""));
  } catch {
    return false; // not Linux, or it is gone, which the next look shows
  }
}
