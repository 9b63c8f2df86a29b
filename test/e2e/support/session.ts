import * as z from "zod";
import type { ModelRequest } from "./model.ts";
import type { Finished } from "./process.ts";

/** The lines of `--output-format stream-json` that the tests use. Others are ignored. */
const Line = z.looseObject({
  type: z.string().optional(),
  subtype: z.string().optional(),
  hook_event: z.string().optional(),
  outcome: z.string().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  result: z.string().optional(),
  mcp_servers: z.array(z.looseObject({ name: z.string(), status: z.string() })).optional(),
});

export interface HookRun {
  readonly event: string;
  readonly outcome: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A finished headless session (`claude -p`). */
export interface Session {
  readonly code: number | null;
  readonly stderr: string;
  /** The final text for the person. */
  readonly result: string;
  readonly servers: readonly { readonly name: string; readonly status: string }[];
  readonly hooks: readonly HookRun[];
  readonly requests: readonly ModelRequest[];
}

/** The line that a session's start showed to the person, or null. */
export function lineAtStart({ hooks }: Session): string | null {
  const output = hooks.find(({ event }) => event === "SessionStart")?.stdout.trim();
  if (!output) return null;
  return z.looseObject({ systemMessage: z.string() }).parse(JSON.parse(output)).systemMessage;
}

export function readSession({ code, stdout, stderr }: Finished, requests: readonly ModelRequest[]): Session {
  const lines = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => Line.parse(JSON.parse(line)));
  return {
    code,
    stderr,
    result: lines.find((line) => line.type === "result")?.result ?? "",
    servers: lines.find((line) => line.subtype === "init")?.mcp_servers ?? [],
    hooks: lines
      .filter((line) => line.subtype === "hook_response")
      .map(({ hook_event = "", outcome = "", stdout: out = "", stderr: err = "" }) => {
        return { event: hook_event, outcome, stdout: out, stderr: err };
      }),
    requests,
  };
}
