import { InvalidArgumentError } from "commander";
import * as z from "zod";
import { MAX_AGE_SECONDS, MIN_AGE_SECONDS } from "../../contract/message.ts";
import { sentenceOf } from "../../contract/problem.ts";

/** A parser for commander that accepts what a schema of the contract accepts, and fails with the contract's sentence. */
export function argumentOf<Value>(schema: z.ZodType<Value, string>): (text: string) => Value {
  return (text) => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`It ${sentenceOf(parsed.error, "").trim()}.`);
  };
}

/** The same for an option that may be repeated. */
export function argumentsOf<Value>(schema: z.ZodType<Value, string>): (text: string, earlier?: Value[]) => Value[] {
  const parse = argumentOf(schema);
  return (text, earlier = []) => [...earlier, parse(text)];
}

/** `90s`, `30m`, `2h` or `7d`, in seconds, within the bridge's limits for an expiry. */
export function durationSeconds(text: string): number {
  const seconds = secondsOf(text);
  if (!(seconds >= MIN_AGE_SECONDS && seconds <= MAX_AGE_SECONDS)) {
    throw new InvalidArgumentError("It must be a time like 30m, 2h or 7d, from 1 minute to 30 days.");
  }
  return seconds;
}

/** Below the longest delay of a Node timer (24.8 days). */
const MAX_TIMEOUT_SECONDS = 7 * 24 * 60 * 60;

/** The same within the limits of `photon wait --timeout`. */
export function timeoutSeconds(text: string): number {
  const seconds = secondsOf(text);
  if (!(seconds <= MAX_TIMEOUT_SECONDS)) {
    throw new InvalidArgumentError("It must be a time like 30s, 10m or 2h, from 1 second to 7 days.");
  }
  return seconds;
}

/** NaN if the text is not a time. */
function secondsOf(text: string): number {
  const [, number, unit = ""] = /^([1-9][0-9]{0,7})([smhd])$/.exec(text.trim()) ?? [];
  return Number(number) * (SECONDS_PER[unit] ?? Number.NaN);
}

const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A whole number from 1. */
export const CountText = z
  .string()
  .regex(/^[1-9][0-9]{0,5}$/, "must be a whole number from 1")
  .transform(Number);
