import { constants } from "node:os";

/** The person or the system ended the command. Nothing is printed about it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** 128 plus the signal's number, as in a shell: 130 for Ctrl-C. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`Ended by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that a signal may end. A second Ctrl-C ends the process immediately.
 *
 * @throws Interrupted, which is also the reason of the AbortSignal that the work gets
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

/** Stops waiting when aborted, even for work that cannot be stopped, such as a request that is never answered. */
function orAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([result, aborted]);
}
