/** Writing files can take long on a slow disk and must not stop half-way. */
const WRITE_TIMEOUT_MS = 10 * 60_000;

/** Options for git commands that write the work. */
export const WRITE_OFFLINE = { timeoutMs: WRITE_TIMEOUT_MS, isOnItsOwn: true };

/** As {@link WRITE_OFFLINE}, but a partial clone may fetch the files that it lacks. */
export const WRITE = { ...WRITE_OFFLINE, network: true };

/** Signals that end a program and that it can delay. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Delays signals that would end this process until `run` is done, so that it is not interrupted half-way. */
export async function withoutInterrupts<Result>(run: () => Promise<Result>): Promise<Result> {
  let received: NodeJS.Signals | null = null;
  const remember = (signal: NodeJS.Signals) => {
    received = signal;
  };
  for (const signal of SIGNALS) process.on(signal, remember);
  try {
    return await run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, remember);
    if (received !== null && process.listenerCount(received) === 0) process.kill(process.pid, received);
  }
}

/** Quotes a word for a POSIX shell; on Windows for PowerShell and cmd, where no path contains a quotation mark. */
export function shellQuoted(text: string, platform = process.platform): string {
  if (/^[\w./@:-]+$/.test(text)) return text;
  return platform === "win32" ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
}
