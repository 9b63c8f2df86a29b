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
/** Unpacked size 210 MB. In the package's folder, so that it is removed with the package. */
const UNPACKED = join(PACKAGE, "unpacked");

/** Whether the npm package has a Chromium for this system. Other systems use the installed Chrome. */
const IS_IN_PACKAGE = process.platform === "linux" && process.arch === "x64";

/** In addition to Playwright's arguments. */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
  // Nothing listens there, and a proxy needs no name lookups. Loopback bypasses it, so only loopback is contacted.
  "--proxy-server=127.0.0.1:1",
];

export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** A real headless Chromium with its own profile, which is deleted when it closes. */
export async function openBrowser(): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), "photon-browser-"));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(join(folder, "profile"), {
      ...(IS_IN_PACKAGE ? { executablePath: await unpacked() } : { channel: "chrome" }),
      args: FLAGS,
      artifactsDir: join(folder, "artifacts"),
      chromiumSandbox: process.getuid?.() !== 0, // Chromium refuses its sandbox to root
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

/** Replaces the package's own code, which would unpack into the temp folder under a predictable name. */
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
