import * as z from "zod";
import type { CliContext } from "../context.ts";
import { isCi } from "../terminal/ci.ts";
import { requirePerson } from "../terminal/person-only.ts";

/** Identifies a finding of the scan for secrets. */
export const FindingCode = z.string().regex(/^[0-9a-f]{8}$/, "must be the code of a finding: 8 hexadecimal digits");

/** Only a person may decide that something that looks like a secret is not one. @throws CommandFailed */
export function allowedBy({ env }: CliContext, codes: readonly string[]): readonly string[] {
  if (codes.length > 0) requirePerson(env, "--allow");
  return codes;
}

/** Whether something that is only queued counts as done; `--queue` says so. */
export interface Queueing {
  readonly queue?: true;
}

/** For the help of a command. */
export const QUEUE_OPTION = ["--queue", "in CI: succeed even if it is only queued on this machine"] as const;

/** In CI nothing may be left to send a queued message later. */
export function isQueuedEnough({ env }: Pick<CliContext, "env">, { queue }: Queueing): boolean {
  return queue === true || !isCi(env);
}
