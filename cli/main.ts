import { runPhoton } from "./program.ts";

/** An exit code above it says which signal ended a process. */
const SIGNAL_BASE = 128;

// Whoever read the output may have seen enough (`photon inbox | head`); that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? 0);
});
process.stderr.on("error", () => undefined);

const exitCode = await runPhoton(process.argv.slice(2));
process.exitCode = exitCode;
// Whoever ended it does not wait for an answer that is still under way.
if (exitCode > SIGNAL_BASE) process.exit();
