// npm run bench -- start-up: measures what Photon costs a session, next to the lowest possible cost. Writes docs/benchmarks.md.
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { usersNode } from "../../scripts/users-node.ts";
import { writeTables } from "../document.ts";
import { type Case, makeCases, serverAnswers, startOutput } from "./cases.ts";
import { median } from "./measure.ts";
import { report } from "./report.ts";
import { measureTokens } from "./tokens.ts";
import { makeWorld, UNREAD } from "./world.ts";

/** Runs of each case on each Node. */
const { rounds } = parseArgs({ options: { rounds: { type: "string", default: "20" } } }).values;

const world = await makeWorld();
try {
  const nodes = [...new Set([usersNode(), process.execPath])];
  const cases = makeCases(world);
  const medians = await measureAll(cases, nodes, Number(rounds));
  const tables = report({
    rounds: Number(rounds),
    nodes: nodes.map((node) => execFileSync(node, ["--version"], { encoding: "utf8" }).trim().replace("v", "Node ")),
    cases,
    medians,
    tokens: measureTokens({
      ...(await serverAnswers(world, usersNode())),
      startEmpty: await startOutput(world, usersNode(), 0),
      startFull: await startOutput(world, usersNode(), UNREAD),
    }),
  });
  writeTables("start-up", tables);
} finally {
  await world.end();
}

/**
 * Runs each case once per round, so that a slow moment of the machine affects all alike. The first round does not count.
 *
 * @returns by case, then by Node, in milliseconds
 */
async function measureAll(cases: readonly Case[], nodes: readonly string[], rounds: number): Promise<number[][]> {
  const times = cases.map(() => nodes.map((): number[] => []));
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(`\rRound ${round} of ${rounds} `);
    for (const [c, { run }] of cases.entries()) {
      for (const [n, node] of nodes.entries()) {
        const { ms } = await run(node);
        if (round > 0) times[c]?.[n]?.push(ms);
      }
    }
  }
  process.stderr.write("\n");
  for (const { end } of cases) await end?.();
  return times.map((byNode) => byNode.map(median));
}
