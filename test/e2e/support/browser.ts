import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";
import { type BrowserContext, chromium } from "playwright-core";
import { BASE_ENV } from "./environment.ts";

const PACKAGE = fileURLToPath(new URL("../node_modules/@sparticuz/chromium", import.meta.url));
/** 210 MB. In the folder of the package, which goes with its version. */
const UNPACKED = join(PACKAGE, "unpacked");

/** Whether there is a Chromium for this system in the npm package. Elsewhere it is the Chrome that is installed. */
const IS_IN_PACKAGE = process.platform === "linux" && process.arch === "x64";

/** Besides those of Playwright. */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
  // Nothing listens there, and no name is looked up for a proxy. Loopback goes past it: only that is ever contacted.
  "--proxy-server=127.0.0.1:1",
];

export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** A real Chromium, without a window, with a profile of its own that is gone when it closes. */
export async function openBrowser(): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), "photon-browser-"));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(join(folder, "profile"), {
      ...(IS_IN_PACKAGE ? { executablePath: await unpacked() } : { channel: "chrome" }),
      args: FLAGS,
      artifactsDir: join(folder, "artifacts"),
      chromiumSandbox: process.getuid?.() !== 0, // which Chromium refuses to root
      env: { ...BASE_ENV, HOME: folder, TMPDIR: folder },
    });
    const close = async () => {
      await context.close();
      await remove();
    };
    return { context, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The package's own code would unpack it into the temp folder, under a name that anybody can know beforehand. */
async function unpacked(): Promise<string> {
  const program = join(UNPACKED, "chromium");
  if (existsSync(program)) return program;
  await mkdir(UNPACKED, { recursive: true });
  const unfinished = join(UNPACKED, `unfinished-${process.pid}`);
  const from = createReadStream(join(PACKAGE, "bin/chromium.br"));
  await pipeline(from, createBrotliDecompress(), createWriteStream(unfinished, { mode: 0o700 }));
  await rename(unfinished, program);
  return program;
}
