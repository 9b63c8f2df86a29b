import { runPhoton } from "./program.ts";

// Whoever read the output may have seen enough (`photon inbox | head`); that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? 0);
});
process.stderr.on("error", () => undefined);

process.exitCode = await runPhoton(process.argv.slice(2));
