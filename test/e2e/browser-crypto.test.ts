import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { judgeVectors } from "../support/judge-vectors.ts";
import { openBrowser, type TestBrowser } from "./support/browser.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const JUDGE = `
import { judgeVectors } from "./test/support/judge-vectors.ts";
document.body.textContent = JSON.stringify(judgeVectors());
`;

describe("keys and signatures in a real browser", () => {
  let server: Server;
  let browser: TestBrowser;
  let page: Page;
  let judged: ReadonlyMap<string, boolean>;

  beforeAll(async () => {
    const script = await bundled();
    server = createServer(({ url }, response) => {
      if (url === "/judge.js") response.setHeader("content-type", "text/javascript").end(script);
      else response.setHeader("content-type", "text/html").end('<body><script type="module" src="/judge.js"></script>');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    browser = await openBrowser();
    page = await browser.context.newPage();
    await page.goto(addressOf(server), { waitUntil: "load" });
    const judgements = z
      .array(z.object({ name: z.string(), isAsExpected: z.boolean() }))
      .parse(JSON.parse((await page.textContent("body")) ?? ""));
    judged = new Map(judgements.map(({ name, isAsExpected }) => [name, isAsExpected]));
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each(judgeVectors())("are judged as on other platforms: $name", ({ name }) => {
    expect(judged.get(name)).toBe(true);
  });

  it("and the browser contacts only this machine", async () => {
    await expect(page.goto("http://photon.invalid/")).rejects.toThrow("ERR_PROXY_CONNECTION_FAILED");
  });
});

async function bundled(): Promise<string> {
  const stdin = { contents: JUDGE, resolveDir: ROOT, loader: "ts" } as const;
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "esm", platform: "browser" });
  return outputFiles[0]?.text ?? "";
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server does not listen on a port.");
  return `http://127.0.0.1:${address.port}/`;
}
