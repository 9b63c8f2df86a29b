// npm run bench -- sealing: what sealing and signing add to a send, to reading, and to a check that finds nothing new, beside the
// same without them in the same run. Into docs/benchmarks.md. About a minute.
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

/** One thing that is measured with and without sealing. */
interface Case {
  readonly what: string;
  readonly target: string;
  readonly plain: () => unknown;
  readonly sealed: () => unknown;
  readonly rounds: number;
}

const pair = await fleet(2);
const five = await fleet(5);
try {
  const rows = [];
  for (const each of [
    sends("a send in a session, for 1 other machine", pair, "pc"),
    sends("a send in a session, for 4 others", five, null),
    checks(),
    reads(),
    processes(),
  ]) {
    rows.push(await row(each));
  }
  const head = ["what", "plain, ms", "sealed, ms", "more, ms", "ratio", "target, more"];
  const said = `${occasion()}. Medians; each round has both, one after the other. The bridge is on the same machine.`;
  writeTables("sealing", [said, "", table("What sealing adds", head, rows)].join("\n"));
} finally {
  await pair.bridge.stop();
  await five.bridge.stop();
}

interface Fleet {
  readonly bridge: RealBridge;
  /** With the shared key. */
  readonly plain: TestMachine;
  readonly plainReader: TestMachine;
  readonly sealed: TestMachine;
  readonly sealedReader: TestMachine;
}

async function fleet(size: number): Promise<Fleet> {
  const bridge = await RealBridge.start();
  const sealed = await bridge.member("mac");
  const names = ["pc", "box", "mini", "work"].slice(0, size - 1);
  const others: TestMachine[] = [];
  for (const name of names) others.push(await bridge.member(name, { by: sealed }));
  await sealed.mailbox.membership?.roster(0);
  const [sealedReader] = others;
  if (!sealedReader) throw new Error("A fleet has more than one machine.");
  return { bridge, sealed, sealedReader, plain: bridge.machine("lamp"), plainReader: bridge.machine("shade") };
}

function sends(what: string, { plain, sealed }: Fleet, to: string | null): Case {
  return {
    ...{ what, target: "15", rounds: ROUNDS },
    plain: () => plain.mailbox.send({ to: to === null ? null : "shade", content: CONTENT }),
    sealed: () => sealed.mailbox.send({ to, content: CONTENT }),
  };
}

function checks(): Case {
  return {
    ...{ what: "a check that finds nothing new", target: "0", rounds: ROUNDS },
    plain: () => pair.plainReader.mailbox.check(),
    sealed: () => pair.sealedReader.mailbox.check(),
  };
}

function reads(): Case {
  return {
    ...{ what: `reading ${READ} messages`, target: "–", rounds: 20 },
    plain: () => pair.plainReader.mailbox.list({ limit: String(READ) }),
    sealed: () => pair.sealedReader.mailbox.list({ limit: String(READ) }),
  };
}

/** Everything starts anew: Node, the program, the connection, the libraries. */
function processes(): Case {
  const send = ({ env }: TestMachine, to: string) =>
    execFileSync(usersNode(), [PHOTON, "send", to, CONTENT], {
      env: { ...env, PATH: process.env.PATH ?? "", LANG: "C.UTF-8" },
      stdio: "ignore",
    });
  return {
    ...{ what: "`photon send` as a process", target: "–", rounds: PROCESS_ROUNDS },
    plain: () => send(pair.plain, "shade"),
    sealed: () => send(pair.sealed, "pc"),
  };
}

async function row({ what, target, plain, sealed, rounds }: Case): Promise<string[]> {
  await timed(plain); // what loads with the first is loaded
  await timed(sealed);
  const times: { plain: number; sealed: number }[] = [];
  for (let round = 0; round < rounds; round++) times.push({ plain: await timed(plain), sealed: await timed(sealed) });
  const [without, withSeal] = [median(times.map((each) => each.plain)), median(times.map((each) => each.sealed))];
  const ratio = (withSeal / without).toFixed(2);
  return [what, without.toFixed(1), withSeal.toFixed(1), (withSeal - without).toFixed(1), ratio, target];
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
