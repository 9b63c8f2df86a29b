import * as z from "zod";
import type { CliContext } from "../context.ts";
import { requirePerson } from "../terminal/person-only.ts";

/** Identifies a finding of the scan for secrets. */
export const FindingCode = z.string().regex(/^[0-9a-f]{8}$/, "must be the code of a finding: 8 hexadecimal digits");

/** Only a person may decide that something that looks like a secret is not one. @throws CommandFailed */
export function allowedBy({ env }: CliContext, codes: readonly string[]): readonly string[] {
  if (codes.length > 0) requirePerson(env, "--allow");
  return codes;
}
