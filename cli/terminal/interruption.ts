import { constants } from "node:os";

/** The person, or the system, ended the command. Nothing is said about it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** As a shell has it: 130 for Ctrl-C. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`Ended by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs what goes on until somebody ends it. A second Ctrl-C ends the process in any case.
 *
 * @throws Interrupted, which is also the reason of the signal that the work gets
 */
export async function untilInterrupted<Result>(work: (interruption: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => controller.abort(new Interrupted(signal));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    return await orAborted(work(controller.signal), controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

/** Does not wait on for something that cannot be stopped, such as an answer that may never come. */
function orAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([result, aborted]);
}
