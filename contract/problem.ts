import * as z from "zod";
import { PROBLEM_CODES } from "./own-answer.ts";

/** The body of every failed request's answer. `error` is one sentence for a person. */
export const Problem = z.looseObject({
  error: z.string(),
  code: z.enum(PROBLEM_CODES).catch("internal"),
});
export type Problem = z.infer<typeof Problem>;

/** Schemas attach this code to a problem of size, so that the Worker answers 413. */
export const TOO_LARGE = { code: "too_large" } as const;

/**
 * The first problem as a sentence that names the field: "`tags` must hold at most 16 tags".
 *
 * @param what - names the parsed input where a problem has no field: "the message", "the query"
 */
export function sentenceOf(error: z.ZodError, what: string): string {
  const issue = error.issues[0];
  if (!issue) return `${what} is not valid`;
  const subject = issue.path.length === 0 ? what : `\`${issue.path.map(String).join(".")}\``;
  if (issue.code === "unrecognized_keys") return `${subject} has ${unknownFields(issue.keys)}`;
  return `${subject} ${issue.code === "invalid_type" ? typeProblem(issue) : ownWords(issue.message)}`;
}

/** Names only the first few, shortened: the sender chose their number and length. */
function unknownFields(names: readonly string[]): string {
  const named = names.slice(0, MAX_NAMED_FIELDS).map((name) => `\`${name.slice(0, MAX_NAME_CHARS)}\``);
  const more = names.length - named.length;
  const list = named.join(", ") + (more > 0 ? ` and ${more} more` : "");
  return names.length === 1 ? `an unknown field: ${list}` : `unknown fields: ${list}`;
}

const MAX_NAMED_FIELDS = 3;
const MAX_NAME_CHARS = 64;

/** Our schemas' messages continue a sentence that starts with the field. Zod's own do not, so these are replaced. */
function ownWords(message: string): string {
  if (message.startsWith("Too big:")) return "is too large";
  return message.startsWith("Too small:") ? "is too small" : message;
}

/** Zod tells a missing field from a wrong type only in its message. */
function typeProblem(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.message.endsWith("received undefined")) return "is missing";
  if (issue.expected === "int") return "must be a whole number";
  const article = /^[aeiou]/.test(issue.expected) ? "an" : "a";
  return `must be ${article} ${issue.expected}`;
}
