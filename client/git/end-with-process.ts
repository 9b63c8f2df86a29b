/** What ends the git processes that are running. Each leads its own process group, which Ctrl-C does not reach. */
const running = new Set<() => void>();

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Calls `end` if this process exits or is ended by a signal. @returns a function that cancels it */
export function endWithProcess(end: () => void): () => void {
  if (running.size === 0) {
    process.on("exit", endAll);
    for (const signal of SIGNALS) process.on(signal, endBySignal);
  }
  running.add(end);
  return () => {
    running.delete(end);
    if (running.size === 0) stopListening();
  };
}

function endAll(): void {
  for (const end of running) end();
}

function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return; // another listener decides whether this process ends
  endAll();
  stopListening();
  process.kill(process.pid, signal);
}

function stopListening(): void {
  process.off("exit", endAll);
  for (const signal of SIGNALS) process.off(signal, endBySignal);
}
