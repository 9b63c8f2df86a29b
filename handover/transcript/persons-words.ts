import { recordOf, textField } from "../../client/disk/private-file.ts";
import type { Decision } from "./transcript-facts.ts";
import { blocksOf, bounded, type Line, textOf } from "./transcript-line.ts";

/** Texts that the client, a hook or another program writes in the person's name or adds to a prompt. */
const NOT_TYPED =
  /^(?:<(?:command-|local-command|task-notification|channel|cross-session|teammate-message|system-reminder|bash-|ide_)|\[Request interrupted by user|\[Image: (?:source|original)|The user wants to clarify these questions|Unknown (?:skill|command|slash command): |This session is being continued from a previous conversation|Caveat: The messages below were generated|Stop hook feedback:|\[SYSTEM NOTIFICATION|(?:PreToolUse|PostToolUse|UserPromptSubmit):?\S* hook )/;
/** An event that a program wrote: one element with a hyphen in its name, such as `<ci-monitor-event>`. */
const EVENT = /^<([a-z]+(?:-[a-z]+)+)(?:\s[^>]*)?>[\s\S]*<\/\1>$/;
/** Older clients write a prompt that a hook stopped as the hook's text. */
const STOPPED_BY_HOOK = /^(?:Operation stopped by hook|UserPromptSubmit operation blocked by hook)\b/;

/** How clients give the reason that the person wrote when denying a call; only newer ones have a field for it. */
const REASON =
  /^(?:The user doesn't want to (?:proceed\b|take this action\b)|The agent proposed a plan that was rejected)[\s\S]*?(?:the user said:|reason for the rejection:)\s*([\s\S]*)$/;
const NOTE_AFTER_REASON = /(?<!\n)\n+(?:Note: The user's next message|<system-reminder>)[\s\S]*$/;

const COMMAND = /^(?:<command-message>[^<]*<\/command-message>\s*)?<command-name>\s*\/?([\w:.-]+)\s*<\/command-name>/;
const COMMAND_LINE = /^\/([\w:.-]+)(?:\s+([\s\S]*))?$/;
/** Commands that set up the client, and Photon's own. Their arguments are no wish for the work. */
const NO_REQUEST =
  /^(?:photon|(?:add-dir|agents|allowed-tools|bashes|bug|clear|color|compact|config|context|copy|cost|doctor|effort|exit|export|extra-usage|fast|feedback|fork|help|hooks|ide|install-github-app|keybindings|login|logout|mcp|memory|mobile|model|new|output-style|permissions|plugins?|privacy-settings|quit|rate-limit-options|reload-plugins|release-notes|remote-control|remote-env|rename|resume|continue|rewind|sandbox|settings|skills|stats|status|statusline|stickers|tag|tasks|terminal-setup|theme|think-back|todos|upgrade|usage|vim|voice)$)/;

/**
 * What the person typed: a prompt, perhaps while Claude was working, or a comment when allowing or denying a tool call.
 *
 * @param tool - whose result the line is, if that is known
 * @returns null if the line holds no text of the person
 */
export function promptOf(line: Line, tool?: string): string | null {
  const queued = recordOf(line.attachment);
  if (line.isMeta === true || line.isCompactSummary === true || queued?.isMeta === true) return null;
  if (queued !== undefined) {
    const isPrompt = queued.type === "queued_command" && (queued.commandMode ?? "prompt") === "prompt";
    return isPrompt && isOfPerson(queued.origin) ? typedText(queued.prompt) : null;
  }
  if (line.toolUseResult !== undefined || resultOf(line) !== undefined) {
    if (line.userFeedback !== undefined) return line.holdsPersonsWords === true ? typedText(line.userFeedback) : null;
    const wasAsked = textField(line.permissionDecision, "source")?.startsWith("user") === true;
    return (
      (wasAsked ? typedText(blocksOf(line).filter((block) => block.type === "text")) : null) ?? reasonIn(line, tool)
    );
  }
  if (line.promptSource === "system" || !isOfPerson(line.origin)) return null;
  return typedText(recordOf(line.message)?.content);
}

function resultOf(line: Line): Line | undefined {
  return blocksOf(line).find(({ type }) => type === "tool_result");
}

/** The reason in the client's text about a denied call. A server's tool could write such a text itself. */
function reasonIn(line: Line, tool: string | undefined): string | null {
  if (tool === undefined || tool.startsWith("mcp__")) return null;
  const result = resultOf(line);
  const [, reason = ""] = (result?.is_error === true && REASON.exec(textOf(result.content))) || [];
  return typedText(reason.replace(NOTE_AFTER_REASON, ""));
}

/** Older clients, and programs that prompt on behalf of the person, write no origin. */
function isOfPerson(origin: unknown): boolean {
  return (textField(origin, "kind") ?? "human") === "human";
}

/** A prompt is a string, or blocks of text and images. */
function typedText(content: unknown): string | null {
  const texts = (Array.isArray(content) ? content : [content]).map((block) => {
    if (textField(block, "type") === "image") return "(image)";
    return asTyped(bounded((typeof block === "string" ? block : (textField(block, "text") ?? "")).trim()));
  });
  return texts.filter((text) => text !== "").join("\n") || null;
}

/** @returns an empty text for what the person did not type */
function asTyped(text: string): string {
  if (STOPPED_BY_HOOK.test(text)) return text.split(/\bOriginal prompt: ?/)[1]?.trim() ?? "";
  const [, command] = COMMAND.exec(text) ?? [];
  if (command !== undefined) return commandLine(command, argumentsIn(text));
  const [, typed, more] = COMMAND_LINE.exec(text) ?? [];
  if (typed !== undefined) return commandLine(typed, more);
  return NOT_TYPED.test(text) || EVENT.test(text) ? "" : text;
}

function argumentsIn(text: string): string | undefined {
  const [, ...more] = text.split("<command-args>");
  const [args, end] = more.join("<command-args>").split("</command-args>", 2);
  return end === undefined ? undefined : args;
}

/** A slash command as it was typed, if it says what the person wants: `/plan show past events`. */
function commandLine(name: string, more = ""): string {
  return more.trim() === "" || NO_REQUEST.test(name) ? "" : `/${name} ${more.trim()}`;
}

/** The slash command of a line that ends the session or the conversation. */
export function isExit(line: Line): boolean {
  const content = recordOf(line.message)?.content;
  return typeof content === "string" && /^(?:exit|quit|clear|logout)$/.test(COMMAND.exec(content)?.[1] ?? "");
}

/** The client asks at most four questions at once. */
const MAX_ANSWERS = 100;

/** The person's decisions in a successful call: answers to questions, or an approved plan. */
export function decisionsOf(line: Line): Decision[] {
  const { answers, annotations, plan, isAgent } = recordOf(line.toolUseResult) ?? {};
  const given = Object.entries(recordOf(answers) ?? {}).slice(0, MAX_ANSWERS);
  const said = given.flatMap(([question, answer]) => {
    const notes = textField(recordOf(annotations)?.[question], "notes");
    // Asking back decides nothing.
    return typeof answer === "string" && !/[?？]\s*$/.test(answer)
      ? [{ question, answer: notes ? `${answer} (${notes})` : answer }]
      : [];
  });
  // In a session without a person the client approves plans itself; another agent may too.
  const isApproved = isAgent !== true && (textField(line.permissionDecision, "source") ?? "user").startsWith("user");
  const [firstLine] = typeof plan === "string" && isApproved ? plan.trim().split("\n", 1) : [];
  return firstLine ? [...said, { question: "Plan", answer: firstLine.replace(/^#+ +/, "") }] : said;
}
