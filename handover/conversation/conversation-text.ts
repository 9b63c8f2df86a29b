import { counted } from "../../client/text/counted.ts";
import { formatBytes } from "../../client/text/handover-offer.ts";
import type { ConversationOutcome } from "./build-conversation.ts";
import { type ConversationPlan, type PlacedConversation, resumeCommand } from "./place-conversation.ts";

/** What goes along, or why nothing does, in sentences for the sender; also the section of the handover's text. */
export function conversationText(outcome: ConversationOutcome): string {
  if (outcome.built === null) return outcome.why;
  const { messages, agents, unpackedBytes, bytes, masked, callsLeftOut, resultsLeftOut, linesLeftOut } = outcome.built;
  const notes = [
    ...(masked.length === 0 ? [] : [`${counted(masked.length, "secret")} masked`]),
    ...(callsLeftOut === 0 ? [] : [`${counted(callsLeftOut, "tool call")} on files with secrets left out`]),
    ...(resultsLeftOut === 0 ? [] : [`the results of the oldest ${counted(resultsLeftOut, "tool call")} had no room`]),
    ...(linesLeftOut === 0 ? [] : [`${counted(linesLeftOut, "line")} that Photon cannot read left out`]),
  ];
  const size = `${formatBytes(unpackedBytes)}, ${formatBytes(bytes.length)} compressed`;
  return `${amount(messages, agents)}, ${size}${notes.length === 0 ? "" : `; ${notes.join("; ")}`}.`;
}

/** The conversation in a dry run: what the person's yes covers. */
export function planText({ messages, agents, bytes, session, isNewId, client }: ConversationPlan): string {
  const origin = client === null ? "" : `, written by Claude Code ${client}`;
  const id = isNewId ? ` (a new id: this machine has a session with the sender's)` : "";
  return `Conversation: ${amount(messages, agents)}, ${formatBytes(bytes)}${origin}. It will be placed as session ${session}${id}. Claude reads it as its own history.`;
}

function amount(messages: number, agents: number): string {
  return `${counted(messages, "message")}${agents === 0 ? "" : `, ${counted(agents, "subagent")}`}`;
}

/** On a line of its own, so that it is easy to copy. */
export function continueText(placed: PlacedConversation): string {
  return `Next, continue the conversation:\n  ${resumeCommand(placed)}`;
}

/** For the question that a person answers: `, and place its conversation (412 messages)`. */
export function inQuestion(conversation: ConversationPlan | string | null): string {
  if (conversation === null || typeof conversation === "string") return "";
  return `, and place its conversation (${counted(conversation.messages, "message")}) as session ${conversation.session}`;
}
