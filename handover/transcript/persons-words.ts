import { recordOf, textField } from "../../client/disk/private-file.ts";
import type { Decision } from "./transcript-facts.ts";
import { blocksOf, type Line } from "./transcript-line.ts";

/** Texts that the client writes in the person's name or adds to a prompt, and slash commands. */
const NOT_TYPED =
  /^(?:<(?:command-|local-command|task-notification|channel|cross-session|teammate-message|system-reminder|bash-|ide_)|\[Request interrupted by user|\[Image: source|The user wants to clarify these questions|\/[\w:.-]+(?:\s|$))/;

/**
 * What the person typed: a prompt, perhaps while Claude was working, or a comment when allowing or denying a tool call.
 *
 * @returns null if the line holds no text of the person
 */
export function promptOf(line: Line): string | null {
  const queued = recordOf(line.attachment);
  if (line.isMeta === true || line.isCompactSummary === true || queued?.isMeta === true) return null;
  if (queued !== undefined) {
    const isPrompt = queued.type === "queued_command" && (queued.commandMode ?? "prompt") === "prompt";
    return isPrompt && isOfPerson(queued.origin) ? typedText(queued.prompt) : null;
  }
  if (line.toolUseResult !== undefined) {
    if (line.userFeedback !== undefined) return line.holdsPersonsWords === true ? typedText(line.userFeedback) : null;
    const wasAsked = textField(line.permissionDecision, "source")?.startsWith("user") === true;
    return wasAsked ? typedText(blocksOf(line).filter((block) => block.type === "text")) : null;
  }
  if (line.promptSource === "system" || !isOfPerson(line.origin)) return null;
  return typedText(recordOf(line.message)?.content);
}

/** Older clients, and programs that prompt on behalf of the person, write no origin. */
function isOfPerson(origin: unknown): boolean {
  return (textField(origin, "kind") ?? "human") === "human";
}

/** A prompt is a string, or blocks of text and images. */
function typedText(content: unknown): string | null {
  const texts = (Array.isArray(content) ? content : [content]).map((block) => {
    if (textField(block, "type") === "image") return "(image)";
    return (typeof block === "string" ? block : (textField(block, "text") ?? "")).trim();
  });
  return texts.filter((text) => text !== "" && !NOT_TYPED.test(text)).join("\n") || null;
}

/** The person's decisions in a successful call: answers to questions, or an approved plan. */
export function decisionsOf(line: Line): Decision[] {
  const { answers, annotations, plan, isAgent } = recordOf(line.toolUseResult) ?? {};
  const said = Object.entries(recordOf(answers) ?? {}).flatMap(([question, answer]) => {
    const notes = textField(recordOf(annotations)?.[question], "notes");
    return typeof answer === "string" ? [{ question, answer: notes ? `${answer} (${notes})` : answer }] : [];
  });
  // In a session without a person the client approves plans itself; another agent may too.
  const isApproved = isAgent !== true && (textField(line.permissionDecision, "source") ?? "user").startsWith("user");
  const [firstLine] = typeof plan === "string" && isApproved ? plan.trim().split("\n", 1) : [];
  return firstLine ? [...said, { question: "Plan", answer: firstLine.replace(/^#+ +/, "") }] : said;
}
