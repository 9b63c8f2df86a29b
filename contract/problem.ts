import * as z from "zod";

/** Every way a request can be refused. Codes are added, never renamed: clients decide by them. */
export const PROBLEM_CODES = [
  "invalid_request",
  "unauthorized",
  "not_found",
  "method_not_allowed",
  "too_large",
  "unsupported_media_type",
  "rate_limited",
  "not_configured",
  "store_unavailable",
  "internal",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** The body of every answer that is not a success. `error` is one sentence for a person. */
export const Problem = z.looseObject({
  error: z.string(),
  code: z.enum(PROBLEM_CODES).catch("internal"),
});
export type Problem = z.infer<typeof Problem>;

/**
 * One sentence about the first thing that is wrong, naming the field: "`tags`: at most 16 tags".
 *
 * @param what - what was parsed, for a problem with the whole: "the message", "the query"
 */
export function sentenceOf(error: z.ZodError, what: string): string {
  const issue = error.issues[0];
  if (!issue) return `${what} is not valid`;
  const subject = issue.path.length === 0 ? what : `\`${issue.path.map(String).join(".")}\``;
  if (issue.code === "unrecognized_keys") {
    return `${subject} has an unknown field: ${issue.keys.map((key) => `\`${key.slice(0, 64)}\``).join(", ")}`;
  }
  return `${subject} ${issue.code === "invalid_type" ? typeProblem(issue) : issue.message}`;
}

/** Zod tells a missing field from a wrong type only in its words. */
function typeProblem(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.message.endsWith("received undefined")) return "is missing";
  const article = /^[aeiou]/.test(issue.expected) ? "an" : "a";
  return `must be ${article} ${issue.expected}`;
}
