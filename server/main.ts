import "./less-memory.ts";
import { WakeLedger } from "../client/wake/wake-ledger.ts";
import { ServerContext } from "./context.ts";
import { photonServer } from "./server.ts";
import { StdioTransport } from "./stdio-transport.ts";
import { promptHook } from "./tools/prompt-hook.ts";
import { TOOLS } from "./tools/tools.ts";
import { Channel } from "./wake/channel.ts";
import { WakeSpool } from "./wake/spool.ts";
import { Waker } from "./wake/waker.ts";
import { MailWatch } from "./watch/mail-watch.ts";

/** A client that is gone gets the answers under way, if it still reads; a bridge that hangs holds up nothing longer. */
const LAST_ANSWERS_MS = 1_000;

/** Long enough for the client to have asked for the tools, short enough to be over before a person has typed. */
const WARM_UP_MS = 250;

const context = new ServerContext({ env: process.env, folder: process.env.CLAUDE_PROJECT_DIR || process.cwd() });
const watch = new MailWatch(context);
const waker = new Waker(context, {
  ledger: new WakeLedger(context.paths, "wakes"),
  spool: WakeSpool.of(process.env, process.ppid),
  channel: new Channel(new WakeLedger(context.paths, "channel"), (line, meta) => context.sayInChannel(line, meta)),
});
const transport = new StdioTransport();
const server = photonServer([...TOOLS, promptHook(watch, waker)], context, {
  whenSent: (request, callback) => transport.whenSent(request, callback),
  afterCall: () => watch.start(),
});

context.mail.listen(() => waker.arrived());

// The client does not restart a server that died, and complains at every prompt: only the client ends this process.
process.on("uncaughtException", note);
process.on("unhandledRejection", note);
process.stdout.on("error", note);
process.stderr.on("error", () => undefined);
server.onerror = note;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
process.stdin.on("close", () => setTimeout(end, LAST_ANSWERS_MS).unref());

// Loading the settings runs git three times, which would cost the first prompt its budget.
server.oninitialized = () => setTimeout(() => context.mailboxOfFile, WARM_UP_MS).unref();
watch.start();
startWaking();

await server.connect(transport);

/** A disk that takes nothing only means that nobody is woken. */
function startWaking(): void {
  try {
    waker.start();
  } catch (error) {
    note(error);
  }
}

function end(): void {
  waker.stop();
  void watch.stop(); // what is under way ends with the process
  process.exit(0);
}

/** Without the message: a parser's error quotes what it could not parse, and that may be another machine's text. */
function note(error: unknown): void {
  process.stderr.write(`photon: ${error instanceof Error ? error.name : "error"}\n`);
}
