import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Paths, photonPaths } from "../client/disk/paths.ts";
import { writePrivateJson } from "../client/disk/private-file.ts";
import { DeployFailed, deployBridge, deployedUrl, hasSecret, keyFileOf, type RunWrangler } from "./deploy-bridge.ts";

const OUTPUT = [
  '{"version":1,"type":"wrangler-session","command_line_args":["deploy"]}',
  '{"type":"deploy","version":1,"worker_name":"photon","targets":["https://photon.me.workers.dev"]}',
].join("\n");

const NO_WORKER = 'Worker "photon" not found.';

let home: string;
let paths: Paths;
/** A call of wrangler and the secrets passed to it. */
let calls: { args: string[]; secrets: Record<string, string> | null; mode: number | null }[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon deploy "));
  paths = photonPaths({ PHOTON_HOME: home });
  calls = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A stand-in for wrangler: the Worker has these secrets, or does not exist (null). */
const cloudflare =
  (secrets: string[] | null, deployExit = 0): RunWrangler =>
  (args, { outputFile }) => {
    const file = args[args.indexOf("--secrets-file") + 1];
    const isGiven = args.includes("--secrets-file") && file !== undefined;
    calls.push({
      args,
      secrets: isGiven ? JSON.parse(readFileSync(file, "utf8")) : null,
      mode: isGiven ? statSync(file).mode & 0o777 : null,
    });
    if (args[0] === "secret") {
      return secrets
        ? { exitCode: 0, output: JSON.stringify(secrets.map((name) => ({ name, type: "secret_text" }))) }
        : { exitCode: 1, output: NO_WORKER };
    }
    if (outputFile) writeFileSync(outputFile, OUTPUT);
    return { exitCode: deployExit, output: "" };
  };
const deploy = (wrangler: RunWrangler, env: NodeJS.ProcessEnv = {}, isNewKeyWanted = false) =>
  deployBridge({ env, paths, wrangler, isNewKeyWanted });

describe("a first deploy", () => {
  it("creates a key, saves it for its owner only, passes it to the Worker in a file, and leaves no copy", () => {
    const deployed = deploy(cloudflare(null));
    expect(deployed).toMatchObject({ url: "https://photon.me.workers.dev", key: { place: "key file", isNew: true } });
    const kept = readFileSync(keyFileOf(paths), "utf8").trim();
    expect(kept).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const call = calls.find(({ args }) => args[0] === "deploy");
    expect(call?.secrets).toEqual({ BRIDGE_API_KEY: kept });
    expect(call?.args.join(" ")).not.toContain(kept);
    expect(existsSync(call?.args.at(-1) ?? "")).toBe(false);
    if (process.platform !== "win32") {
      expect(call?.mode).toBe(0o600);
      expect(statSync(keyFileOf(paths)).mode & 0o777).toBe(0o600);
    }
  });

  it("uses the key from the environment without saving it", () => {
    expect(deploy(cloudflare(null), { BRIDGE_API_KEY: "given" }).key).toEqual({ place: "environment", isNew: false });
    expect(calls.at(-1)?.secrets).toEqual({ BRIDGE_API_KEY: "given" });
    expect(existsSync(keyFileOf(paths))).toBe(false);
  });
});

describe("a later deploy", () => {
  it("leaves the key alone and says where this machine has it", () => {
    deploy(cloudflare(null));
    expect(deploy(cloudflare(["BRIDGE_API_KEY"])).key).toEqual({ place: "key file", isNew: false });
    expect(calls.at(-1)).toMatchObject({ args: ["deploy"], secrets: null });
  });

  it("does not restore an old key that is still in the settings of this machine", () => {
    writePrivateJson(paths.config, { workerUrl: "https://photon.me.workers.dev", apiKey: "old" });
    deploy(cloudflare(["BRIDGE_API_KEY"]), {}, true);
    const made = calls.at(-1)?.secrets;
    expect(deploy(cloudflare(["BRIDGE_API_KEY"])).key.place).toBe("key file");
    expect(calls.at(-1)?.secrets).toBeNull();
    // Even if the Worker has been deleted since.
    deploy(cloudflare(null));
    expect(calls.at(-1)?.secrets).toEqual(made);
  });

  it("sets the key from this machine's settings on a bridge that has none", () => {
    writePrivateJson(paths.config, { workerUrl: "https://photon.me.workers.dev", apiKey: "configured" });
    expect(deploy(cloudflare([])).key).toEqual({ place: "config file", isNew: false });
    expect(calls.at(-1)?.secrets).toEqual({ BRIDGE_API_KEY: "configured" });
  });

  it("never uses a machine's own key as the shared key", () => {
    const own = `${"photon"}_${"k".repeat(43)}`;
    writePrivateJson(paths.config, { workerUrl: "https://photon.me.workers.dev", apiKey: own });
    expect(deploy(cloudflare(["BRIDGE_API_KEY"])).key).toEqual({ place: "bridge", isNew: false });
    expect(calls.at(-1)?.secrets).toBeNull();
    expect(deploy(cloudflare([]), { BRIDGE_API_KEY: own }).key).toEqual({ place: "key file", isNew: true });
    expect(calls.at(-1)?.secrets).not.toEqual({ BRIDGE_API_KEY: own });
  });

  it("replaces the key by the one from the environment", () => {
    deploy(cloudflare(["BRIDGE_API_KEY"]), { BRIDGE_API_KEY: "given" });
    expect(calls).toMatchObject([{ args: ["deploy", "--secrets-file", expect.any(String)] }]);
    expect(calls.at(-1)?.secrets).toEqual({ BRIDGE_API_KEY: "given" });
  });

  it("keeps the key if this machine does not have it, so that no other machine is locked out", () => {
    expect(deploy(cloudflare(["BRIDGE_API_KEY"])).key).toEqual({ place: "bridge", isNew: false });
    expect(calls.at(-1)).toMatchObject({ args: ["deploy"], secrets: null });
    expect(existsSync(keyFileOf(paths))).toBe(false);
  });

  it("creates a new key only on request", () => {
    deploy(cloudflare(null));
    const first = calls.at(-1)?.secrets?.BRIDGE_API_KEY;
    expect(deploy(cloudflare(["BRIDGE_API_KEY"]), { BRIDGE_API_KEY: "old" }, true).key).toEqual({
      place: "key file",
      isNew: true,
    });
    expect(calls.at(-1)?.secrets?.BRIDGE_API_KEY).not.toBe(first);
    expect(calls.at(-1)?.secrets?.BRIDGE_API_KEY).not.toBe("old");
  });
});

describe("a deploy that fails", () => {
  it("fails with an error and keeps the new key for the next try", () => {
    expect(() => deploy(cloudflare(null, 1))).toThrow(DeployFailed);
    const kept = readFileSync(keyFileOf(paths), "utf8").trim();
    deploy(cloudflare(null));
    expect(calls.at(-1)?.secrets).toEqual({ BRIDGE_API_KEY: kept });
  });
});

describe("the output of wrangler", () => {
  it.each([
    [OUTPUT, "https://photon.me.workers.dev"],
    ['{"type":"deploy","targets":["schedule: * * * * *","photon.example.com/"]}', "https://photon.example.com"],
    ['{"type":"deploy"}', null],
    ["not json\n{", null],
    ["", null],
  ])("%j is deployed at %j", (output, url) => expect(deployedUrl(output)).toBe(url));

  it("shows the secret if the list contains it, and no secret if the Worker does not exist", () => {
    expect(hasSecret({ exitCode: 0, output: '\n ⛅️ wrangler\n[{"name":"BRIDGE_API_KEY"}]\n' })).toBe(true);
    expect(hasSecret({ exitCode: 0, output: '[{"name":"OTHER"}]' })).toBe(false);
    expect(hasSecret({ exitCode: 1, output: NO_WORKER })).toBe(false);
  });

  it.each([
    ["no login", { exitCode: 1, output: "You are not authenticated. Please run `wrangler login`." }],
    ["no answer", { exitCode: 1, output: "fetch failed" }],
    ["no list", { exitCode: 0, output: "something else" }],
  ])("fails on %s, because a guess could replace the key that every machine uses", (_, result) => {
    expect(() => hasSecret(result)).toThrow(DeployFailed);
    expect(() => deploy((args) => (args[0] === "secret" ? result : { exitCode: 0, output: "" }))).toThrow(
      /Nothing was deployed/,
    );
    expect(existsSync(keyFileOf(paths))).toBe(false);
  });
});

describe("the reason why wrangler cannot tell whether the bridge has a key", () => {
  const failing = (output: string) => () => deploy((args) => ({ exitCode: args[0] === "secret" ? 1 : 0, output }));
  const said = (output: string): string => {
    try {
      failing(output)();
    } catch (error) {
      return error instanceof DeployFailed ? error.message : "";
    }
    return "";
  };
  const ACCOUNTS = `
\u001b[31m✘ \u001b[41;31m[\u001b[41;97mERROR\u001b[41;31m]\u001b[0m \u001b[1mMore than one account available but unable to select one in non-interactive mode.\u001b[0m

  Please set the appropriate \`account_id\` in your Wrangler configuration file or assign it to the \`CLOUDFLARE_ACCOUNT_ID\` environment variable.
  Available accounts are (\`<name>\`: \`<account_id>\`):
    \`Work\`: \`aaaa\`


🪵  Logs were written to "/home/me/.config/.wrangler/logs/wrangler.log"
`;

  it("is shown in wrangler's words: with several accounts, which there are and how to choose", () => {
    expect(said(ACCOUNTS)).toBe(
      [
        "Nothing was deployed, because wrangler could not ask whether the bridge already has a key:",
        "",
        "  More than one account available but unable to select one in non-interactive mode.",
        "",
        "    Please set the appropriate `account_id` in your Wrangler configuration file or assign it to the `CLOUDFLARE_ACCOUNT_ID` environment variable.",
        "    Available accounts are (`<name>`: `<account_id>`):",
        "      `Work`: `aaaa`",
        "",
        "Set CLOUDFLARE_ACCOUNT_ID to the account of your bridge, then run this again: CLOUDFLARE_ACCOUNT_ID=… npm run deploy",
      ].join("\n"),
    );
  });

  it.each([
    [
      "✘ [ERROR] In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN environment variable\n\n  To continue, rerun this command with `--temporary`.\n",
      "In a non-interactive environment",
      "Run `npx wrangler login`",
    ],
    ["✘ [ERROR] Authentication error [code: 10000]", "Authentication error [code: 10000]", "Run `npx wrangler login`"],
    ["✘ [ERROR] fetch failed", "  fetch failed", "npx wrangler whoami"],
    ["Segmentation fault", "  Segmentation fault", "npx wrangler whoami"],
    ["", "(wrangler gave no reason)", "npx wrangler whoami"],
  ])("%j is shown, with advice that changes no key", (output, reason, advice) => {
    const message = said(output);
    expect(message).toContain(reason);
    expect(message).toContain(advice);
    expect(message).not.toMatch(/BRIDGE_API_KEY|--new-key|--temporary/);
  });
});

describe("npm run deploy -- --dry-run", () => {
  it("bundles the real Worker with its bindings, without login or network", { timeout: 60_000 }, () => {
    const script = fileURLToPath(new URL("deploy.ts", import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [script, "--dry-run"], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: home, CI: "1" },
    });
    expect(stdout).toContain("env.MESSAGES");
    expect(stdout).toContain("env.FAILED_KEYS");
    expect(stdout).toContain("--dry-run: exiting now.");
    // For its banner wrangler would query the registry.
    expect(stdout).not.toMatch(/wrangler \d/);
    expect(status).toBe(0);
  });

  it("answers an unknown flag with its usage", () => {
    const script = fileURLToPath(new URL("deploy.ts", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, "--now"], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: home },
    });
    expect(status).toBe(2);
    expect(stderr).toContain("Usage: npm run deploy");
  });
});
