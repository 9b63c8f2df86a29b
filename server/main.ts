import "./less-memory.ts";
import { workingFolder } from "../client/disk/user-folders.ts";
import { WakeLedger } from "../client/wake/wake-ledger.ts";
import { ServerContext } from "./context.ts";
import { photonServer } from "./server.ts";
import { StdioTransport } from "./stdio-transport.ts";
import { promptHook } from "./tools/prompt-hook.ts";
import { TOOLS } from "./tools/tools.ts";
import { Channel } from "./wake/channel.ts";
import { Waker } from "./wake/waker.ts";
import { MailWatch } from "./watch/mail-watch.ts";

/** Time for the last answers after the client has closed stdin; after it, requests that hang are abandoned. */
const LAST_ANSWERS_MS = 1_000;

/** Late enough that the client has listed the tools, early enough to finish before a person has typed a prompt. */
const WARM_UP_MS = 250;

const context = new ServerContext({
  env: process.env,
  folder: process.env.CLAUDE_PROJECT_DIR || workingFolder(process.env),
});
const watch = new MailWatch(context);
const waker = new Waker(context, {
  ledger: new WakeLedger(context.paths, "wakes"),
  channel: new Channel(new WakeLedger(context.paths, "channel"), (line, meta) => context.sayInChannel(line, meta)),
});
const transport = new StdioTransport();
const server = photonServer([...TOOLS, promptHook(watch, waker)], context, {
  whenSent: (request, callback) => transport.whenSent(request, callback),
  afterCall: () => watch.start(),
});

context.mail.listen(() => waker.arrived());
context.textThatWakes = (isIdle) => waker.lookedAt(isIdle);

// The client does not restart a server that died, and complains at every prompt. So only the client ends this process.
process.on("uncaughtException", logName);
process.on("unhandledRejection", logName);
process.stdout.on("error", logName);
process.stderr.on("error", () => undefined);
server.onerror = logName;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
process.stdin.on("close", () => setTimeout(end, LAST_ANSWERS_MS).unref());

// Loading the settings may start git, which would use up the first prompt's time limit.
server.oninitialized = () => setTimeout(() => context.mailboxOfFile, WARM_UP_MS).unref();
watch.start();
waker.start();

await server.connect(transport);

function end(): void {
  waker.stop();
  void watch.stop(); // open requests end with the process
  process.exit(0);
}

/** Logs no message: a parser's error quotes its input, which may be another machine's text. */
function logName(error: unknown): void {
  process.stderr.write(`photon: ${error instanceof Error ? error.name : "error"}\n`);
}
