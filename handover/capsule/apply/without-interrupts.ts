/** What a person or a system sends to end a program, and what it can put off. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs what must not be left half-way; whoever wants this process to end waits for a moment. */
export async function withoutInterrupts<Result>(run: () => Promise<Result>): Promise<Result> {
  let wanted: NodeJS.Signals | null = null;
  const remember = (signal: NodeJS.Signals) => {
    wanted = signal;
  };
  for (const signal of SIGNALS) process.on(signal, remember);
  try {
    return await run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, remember);
    if (wanted !== null && process.listenerCount(wanted) === 0) process.kill(process.pid, wanted);
  }
}
