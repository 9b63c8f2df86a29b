// npm run bridge -- --port 8787 --data DIR [--host 0.0.0.0]: the Worker in workerd on this machine, until it is stopped.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import envPaths from "env-paths";
import { type RunningBridge, startBridge } from "./local-bridge.ts";

const USAGE = "Usage: npm run bridge -- [--port 8787] [--data DIR] [--host 127.0.0.1]";

function fail(sentence: string, exitCode: 1 | 2): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(exitCode);
}

function readFlags(): { port: number; host: string; data: string } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "8787" },
        host: { type: "string", default: "127.0.0.1" },
        data: { type: "string", default: join(envPaths("photon", { suffix: "" }).data, "bridge") },
      },
    });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (!(port <= 65_535)) throw new Error(`${JSON.stringify(values.port)} is not a port.`);
    return { port, host: values.host, data: resolve(values.data) };
  } catch (error) {
    fail(`${error instanceof Error ? error.message : error}\n${USAGE}`, 2);
  }
}

/** The key of the environment, else the one kept in the folder, else a new one that is kept there for its owner alone. */
function bridgeKey(data: string): string {
  const given = process.env.BRIDGE_API_KEY?.trim();
  if (given) return given;
  const file = join(data, "key");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const key = randomBytes(32).toString("base64url");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return key;
}

/** workerd says only late, and in many lines, that a port is taken. */
async function isTaken(port: number, host: string): Promise<boolean> {
  const probe = createServer();
  return new Promise((done) => {
    probe.once("error", () => done(true));
    probe.listen(port, host, () => probe.close(() => done(false)));
  });
}

const { port, host, data } = readFlags();
if (await isTaken(port, host)) fail(`Port ${port} on ${host} is taken or may not be used.`, 1);

let bridge: RunningBridge;
try {
  bridge = await startBridge({ port, host, data, key: bridgeKey(data) });
} catch (error) {
  fail(`The bridge did not start: ${error instanceof Error ? error.message.split("\n")[0] : error}`, 1);
}

let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    void bridge.close().finally(() => process.exit(0));
  });
}
process.stdout.write(`Photon bridge ready on ${bridge.url}\n`);
