// npm run bridge -- --port 8787 --data DIR [--host 0.0.0.0] [--name NAME]: runs the Worker in workerd on this machine until it is stopped.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import envPaths from "env-paths";
import { writePrivateFile } from "../client/disk/private-file.ts";

const USAGE = `Usage: npm run bridge -- [--port 8787] [--data DIR] [--host 127.0.0.1] [--name NAME]

  --port  the port to listen on; 0 chooses a free port
  --data  the folder for messages and the key; default: Photon's data folder
  --host  0.0.0.0 makes the bridge reachable from other machines in this network, by IP address or host name
  --name  another name of this computer, for example in your own DNS or a VPN; may be repeated

The key is BRIDGE_API_KEY from the environment, else the file "key" in that folder, which is created if it is missing.`;

/** The length of a SHA-256 digest, which is what the Worker compares. */
const KEY_BYTES = 32;

// Installed before the bridge starts, which then leaves the signals to them. Stopping on request is not a failure.
let isStopping = false;
let stop: () => Promise<void> = async () => undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    void stop().finally(() => process.exit(0));
  });
}

const { port, host, names, data } = readFlags();
const unusable = await whyUnusable(port, host);
if (unusable) fail(unusable, 1);
// Imported this late because loading its dependencies takes longer than everything above.
const { startBridge } = await import("./local-bridge.ts");
const key = keyOrFail(data);
const bridge = startBridge({ port, host, names, data, key: key.text });
stop = async () => (await bridge).close();
bridge.then(
  ({ url }) =>
    process.stdout.write(`Photon bridge ready on ${url}\n${key.newFile === null ? "" : firstSteps(url, key.newFile)}`),
  (error) => fail(`The bridge did not start: ${firstLine(error)}`, 1),
);

function readFlags(): { port: number; host: string; names: string[]; data: string } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "8787" },
        host: { type: "string", default: "127.0.0.1" },
        name: { type: "string", multiple: true, default: [] },
        data: { type: "string", default: join(envPaths("photon", { suffix: "" }).data, "bridge") },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      process.exit(0);
    }
    const number = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (!(number <= 65_535)) throw new Error(`${JSON.stringify(values.port)} is not a port. Use 0 to 65535.`);
    if (values.host === "" || values.data === "") throw new Error("--host and --data must not be empty.");
    return { port: number, host: values.host, names: values.name, data: resolve(values.data) };
  } catch (error) {
    fail(`${firstLine(error)}\n\n${USAGE}`, 2);
  }
}

function keyOrFail(data: string): Key {
  try {
    return bridgeKey(data);
  } catch (error) {
    fail(`The key cannot be saved in ${data}: ${firstLine(error)}. Choose another folder with --data.`, 1);
  }
}

interface Key {
  readonly text: string;
  /** The file of a key that this start created. */
  readonly newFile: string | null;
}

/** The key from the environment, else from the folder, else a new one, which is saved there and readable only by its owner. */
function bridgeKey(data: string): Key {
  const given = process.env.BRIDGE_API_KEY?.trim();
  if (given) return { text: given, newFile: null };
  const file = join(data, "key");
  const kept = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (kept) return { text: kept, newFile: null };
  const key = randomBytes(KEY_BYTES).toString("base64url");
  writePrivateFile(file, `${key}\n`);
  return { text: key, newFile: file };
}

/** What a new bridge needs next. Its invitations carry the address that the first machine uses, so others must reach it. */
function firstSteps(url: string, keyFile: string): string {
  const { port } = new URL(url);
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const reachable = host === "0.0.0.0" && addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  const address = reachable ? `http://${reachable.address}:${port}` : url;
  const setup = `To set up your first machine, run in another terminal, in this folder:\n  bin/photon setup --url ${address} --key-file "${keyFile}"\n`;
  return `${setup}${/^(127\.|localhost$|::1$)/.test(host) ? ONLY_HERE : ""}`;
}

const ONLY_HERE = `Other computers cannot reach this bridge. One that they reach: npm run bridge -- --host 0.0.0.0\n`;

/** Checked first, because workerd reports late, and in many lines, that it cannot listen. */
function whyUnusable(port: number, host: string): Promise<string | null> {
  const probe = createServer();
  return new Promise((done) => {
    probe.once("error", ({ code }: NodeJS.ErrnoException) =>
      done(
        code === "EADDRINUSE"
          ? `Port ${port} on ${host} is in use. Stop the program that listens there, or choose another port with --port.`
          : `The bridge cannot listen on port ${port} of ${host} (${code}).`,
      ),
    );
    probe.listen(port, host, () => probe.close(() => done(null)));
  });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

function fail(sentence: string, exitCode: 1 | 2): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(exitCode);
}
