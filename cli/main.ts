import { workingFolder } from "../client/disk/user-folders.ts";
import { runPhoton } from "./program.ts";

/** An exit code above this names the signal that ended the process. */
const SIGNAL_BASE = 128;

// The reader of the output may close the pipe early (`photon inbox | head`); that is not a failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? 0);
});
process.stderr.on("error", () => undefined);

const { env, stdout, stderr } = process;
const exitCode = await runPhoton(process.argv.slice(2), {
  env,
  folder: workingFolder(env),
  stdout,
  stderr,
  // Only a command that reads from it pays for opening it: 7 ms.
  get stdin() {
    return process.stdin;
  },
});
process.exitCode = exitCode;
// After a signal, exit without waiting for requests that are still open.
if (exitCode > SIGNAL_BASE) process.exit();
