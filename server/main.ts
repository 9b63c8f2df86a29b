import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { ServerContext } from "./context.ts";
import { photonServer } from "./server.ts";
import { TOOLS } from "./tools.ts";

const context = new ServerContext({
  env: process.env,
  folder: process.env.CLAUDE_PROJECT_DIR || process.cwd(),
});
const server = photonServer(TOOLS, context, () => undefined);

// The client does not restart a server that died, and complains at every prompt: only the client ends this process.
process.on("uncaughtException", (error) => note(error));
process.on("unhandledRejection", (error) => note(error));
process.stdout.on("error", (error) => note(error));
process.stderr.on("error", () => undefined);
server.onerror = note;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(0));

/** A client that is gone gets the answers under way, if it can still read them; a bridge that hangs holds up nothing. */
const LAST_ANSWERS_MS = 1_000;
process.stdin.on("end", () => setTimeout(() => process.exit(0), LAST_ANSWERS_MS).unref());
process.stdin.on("close", () => setTimeout(() => process.exit(0), LAST_ANSWERS_MS).unref());

await server.connect(new StdioServerTransport());

/** Without the message: a parser's error quotes what it could not parse, and that may be another machine's text. */
function note(error: unknown): void {
  try {
    process.stderr.write(`photon: ${error instanceof Error ? error.name : "error"}\n`);
  } catch {
    // nobody listens there either
  }
}
