// npm run bench -- encryption: measures what encryption and signing add to a send, to reading, and to a check without news,
// compared with the same operation without them. Writes docs/benchmarks.md. Takes about a minute.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { usersNode } from "../../scripts/users-node.ts";
import { RealBridge, type TestMachine } from "../../test/support/real-bridge.ts";
import { occasion, table, writeTables } from "../document.ts";
import { median } from "../start-up/measure.ts";

const ROUNDS = 60;
const PROCESS_ROUNDS = 12;
const READ = 50;

const PHOTON = fileURLToPath(new URL("../../dist/photon.mjs", import.meta.url));
const CONTENT = "The build is red since the last merge; can you look at the parser?";

/** An operation that is measured with and without encryption. */
interface Case {
  readonly what: string;
  readonly target: string;
  readonly plain: () => unknown;
  readonly encrypted: () => unknown;
  readonly rounds: number;
}

const pair = await fleet(2);
const five = await fleet(5);
try {
  const rows = [];
  for (const each of [
    sends("a send, for 1 other machine", pair, "pc"),
    sends("a send, for 4 others", five, null),
    checks(),
    reads(),
    processes(),
  ]) {
    rows.push(await row(each));
  }
  const head = ["what", "plain, ms", "encrypted, ms", "more, ms", "ratio", "target, more"];
  const said = `${occasion()}. Medians.`;
  writeTables(
    "encryption",
    [said, "", table("What encryption adds to the same text with the shared key", head, rows)].join("\n"),
  );
} finally {
  await pair.bridge.stop();
  await five.bridge.stop();
}

interface Fleet {
  readonly bridge: RealBridge;
  /** With the shared key. */
  readonly plain: TestMachine;
  readonly plainReader: TestMachine;
  readonly encrypted: TestMachine;
  readonly encryptedReader: TestMachine;
}

async function fleet(size: number): Promise<Fleet> {
  const bridge = await RealBridge.start();
  const encrypted = await bridge.member("mac");
  const names = ["pc", "box", "mini", "work"].slice(0, size - 1);
  const others: TestMachine[] = [];
  for (const name of names) others.push(await bridge.member(name, { by: encrypted }));
  await encrypted.mailbox.membership?.machineList(0);
  const [encryptedReader] = others;
  if (!encryptedReader) throw new Error("A fleet needs more than one machine.");
  return { bridge, encrypted, encryptedReader, plain: bridge.machine("lamp"), plainReader: bridge.machine("shade") };
}

function sends(what: string, { plain, encrypted }: Fleet, to: string | null): Case {
  return {
    what,
    target: "15",
    rounds: ROUNDS,
    plain: () => plain.mailbox.outbox.send({ to: to === null ? null : "shade", content: CONTENT }),
    encrypted: () => encrypted.mailbox.outbox.send({ to, content: CONTENT }),
  };
}

function checks(): Case {
  return {
    what: "a check without news",
    target: "0",
    rounds: ROUNDS,
    plain: () => pair.plainReader.mailbox.unread.check(),
    encrypted: () => pair.encryptedReader.mailbox.unread.check(),
  };
}

function reads(): Case {
  return {
    what: `reading ${READ} messages`,
    target: "–",
    rounds: 20,
    plain: () => pair.plainReader.mailbox.inbox.list({ limit: String(READ) }),
    encrypted: () => pair.encryptedReader.mailbox.inbox.list({ limit: String(READ) }),
  };
}

/** A complete process each time: Node, the program, the connection, the libraries. */
function processes(): Case {
  const send = ({ env }: TestMachine, to: string) =>
    execFileSync(usersNode(), [PHOTON, "send", to, CONTENT], {
      env: { ...env, PATH: process.env.PATH ?? "", LANG: "C.UTF-8" },
      stdio: "ignore",
    });
  return {
    what: "`photon send` as a process",
    target: "–",
    rounds: PROCESS_ROUNDS,
    plain: () => send(pair.plain, "shade"),
    encrypted: () => send(pair.encrypted, "pc"),
  };
}

async function row({ what, target, plain, encrypted, rounds }: Case): Promise<string[]> {
  await timed(plain); // loads what the first call loads
  await timed(encrypted);
  const times: { plain: number; encrypted: number }[] = [];
  for (let round = 0; round < rounds; round++)
    times.push({ plain: await timed(plain), encrypted: await timed(encrypted) });
  const [without, withEncryption] = [
    median(times.map((each) => each.plain)),
    median(times.map((each) => each.encrypted)),
  ];
  const ratio = (withEncryption / without).toFixed(2);
  return [what, without.toFixed(1), withEncryption.toFixed(1), (withEncryption - without).toFixed(1), ratio, target];
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
