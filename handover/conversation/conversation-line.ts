import { recordOf, textField } from "../../client/disk/private-file.ts";
import type { Line } from "../transcript/transcript-line.ts";
import { carriedContent } from "./conversation-content.ts";

/** Ids of lines and agents, in every version of the client. Agents' ids are also file names. */
const LINE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]{5,15}Z$/;
const VERSION = /^\d[\w.+-]{0,39}$/;

/** Without controls, as the client shows them. */
const MAX_TITLE_CHARS = 200;
const MAX_BRANCH_CHARS = 255;

/** A path may have other invisible characters: joiners in an emoji, and those of a neutral path. */
const IN_NO_PATH = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** What is the same in all lines of a file. */
export interface LinesOf {
  readonly session: string;
  /** The form of a line's working directory. */
  readonly folderOf: (cwd: string) => string;
}

/**
 * Chooses what a conversation consists of: what the person, Claude and the tools said. Everything else that a client keeps
 * in a transcript stays, because it could grant something where the conversation is resumed (permission modes, allowed
 * tools, an agent's settings, a worktree to enter) or belongs to one machine (snapshots of files, hooks, system prompts).
 * Fields are chosen, too: only known ones of a known form go along. Used by the sender and, because the sender may be
 * hostile, again by the receiver. Lines are given in the order of the file.
 */
export class ConversationLines {
  /** How many lines had a kind that Photon does not know. */
  unknown = 0;
  /** How many prompts and answers there were so far. */
  messages = 0;
  /** The client that wrote the newest line; null if no line says so. */
  version: string | null = null;
  /** Lines that stay, each with the newest one before it that goes along. */
  readonly #gone = new Map<string, string | null>();
  readonly #about: LinesOf;

  constructor(about: LinesOf) {
    this.#about = about;
  }

  /** @returns null if the line stays */
  carry(line: Line): Line | null {
    const uuid = matching(line.uuid, LINE_ID);
    if (uuid === null) return this.#title(line);
    const parentUuid = this.#present(line.parentUuid);
    const body = this.#body(line);
    if (body === null) {
      this.#gone.set(uuid, parentUuid);
      return null;
    }
    const agentId = matching(line.agentId, LINE_ID);
    const version = matching(line.version, VERSION);
    if (line.type !== "system" && line.isMeta !== true) this.messages++;
    this.version = version ?? this.version;
    return {
      parentUuid,
      ...(line.logicalParentUuid !== undefined && { logicalParentUuid: this.#present(line.logicalParentUuid) }),
      isSidechain: line.isSidechain === true,
      ...(agentId !== null && { agentId }),
      ...body,
      uuid,
      ...field("timestamp", matching(line.timestamp, TIME)),
      userType: "external",
      cwd: this.#about.folderOf((textField(line, "cwd") ?? "").replace(IN_NO_PATH, " ")),
      sessionId: this.#about.session,
      ...field("version", version),
      gitBranch: withoutControls(textField(line, "gitBranch") ?? "").slice(0, MAX_BRANCH_CHARS),
    };
  }

  /** The id of the line, or of the newest one before it that goes along. */
  #present(id: unknown): string | null {
    const known = matching(id, LINE_ID);
    if (known === null) return null;
    return this.#gone.get(known) ?? (this.#gone.has(known) ? null : known);
  }

  #body(line: Line): Line | null {
    switch (line.type) {
      case "user":
        return userBody(line);
      case "assistant":
        return assistantBody(line);
      case "system":
        return this.#systemBody(line);
      case "attachment":
        return attachmentBody(line);
      default:
        this.unknown++;
        return null;
    }
  }

  /** Of the client's own lines, those that say where the history was compacted. */
  #systemBody(line: Line): Line | null {
    if (line.subtype !== "compact_boundary") return null;
    const { trigger, preTokens, preservedSegment } = recordOf(line.compactMetadata) ?? {};
    const { headUuid, anchorUuid, tailUuid } = recordOf(preservedSegment) ?? {};
    const segment = { headUuid: this.#present(headUuid), anchorUuid: this.#present(anchorUuid) };
    return {
      type: "system",
      subtype: "compact_boundary",
      content: "Conversation compacted",
      isMeta: false,
      level: "info",
      compactMetadata: {
        trigger: trigger === "auto" ? "auto" : "manual",
        preTokens: typeof preTokens === "number" ? preTokens : 0,
        ...(preservedSegment !== undefined && {
          preservedSegment: { ...segment, tailUuid: this.#present(tailUuid) },
        }),
      },
    };
  }

  #title({ type, aiTitle, customTitle }: Line): Line | null {
    const title = (text: unknown) =>
      typeof text === "string" ? withoutControls(text).slice(0, MAX_TITLE_CHARS) : null;
    const sessionId = this.#about.session;
    if (type === "ai-title" && title(aiTitle)) return { type, aiTitle: title(aiTitle), sessionId };
    if (type === "custom-title" && title(customTitle)) return { type, customTitle: title(customTitle), sessionId };
    return null;
  }
}

function userBody({ message, isMeta, isCompactSummary, isVisibleInTranscriptOnly, origin, promptSource }: Line) {
  const content = carriedContent(recordOf(message)?.content);
  if (content === null) return null;
  const kind = matching(recordOf(origin)?.kind, WORD);
  return {
    type: "user",
    message: { role: "user", content },
    ...(isMeta === true && { isMeta }),
    ...(isCompactSummary === true && { isCompactSummary }),
    ...(isVisibleInTranscriptOnly === true && { isVisibleInTranscriptOnly }),
    ...(kind !== null && { origin: { kind } }), // whose words these are: the person's, or another program's
    ...field("promptSource", matching(promptSource, WORD)),
  };
}

const WORD = /^[a-z][a-z-]{0,39}$/;

function assistantBody({ message, requestId, isApiErrorMessage, error }: Line): Line | null {
  const answer = recordOf(message) ?? {};
  const content = carriedContent(answer.content);
  if (content === null) return null;
  const usage = Object.entries(recordOf(answer.usage) ?? {}).filter(
    ([name, value]) => USAGE.test(name) && typeof value === "number",
  );
  return {
    type: "assistant",
    message: {
      id: matching(answer.id, LINE_ID) ?? "msg_unknown",
      type: "message",
      role: "assistant",
      model: matching(answer.model, MODEL) ?? "<synthetic>",
      content,
      stop_reason: matching(answer.stop_reason, /^[a-z_]{1,40}$/),
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0, ...Object.fromEntries(usage) },
    },
    ...field("requestId", matching(requestId, LINE_ID)),
    ...(isApiErrorMessage === true && { isApiErrorMessage, ...field("error", matching(error, /^[a-z_]{1,40}$/)) }),
  };
}

const USAGE = /^[a-z][a-z0-9_]{0,59}$/;
const MODEL = /^[\w.:@/[\]<>-]{1,100}$/;

/** Attachments that show Claude a file or a folder. */
const SHOWS_FILES = /^(?:file|directory|edited_text_file|compact_file_reference|selected_lines_in_ide)$/;

/** A prompt that the person typed while Claude worked; a file that they named, as Claude read it but as a user's text. */
function attachmentBody({ attachment, rendered }: Line): Line | null {
  const { type, prompt, commandMode, isMeta } = recordOf(attachment) ?? {};
  if (typeof type === "string" && SHOWS_FILES.test(type) && Array.isArray(rendered)) {
    const shown = rendered.flatMap((each) => textField(each, "content") ?? []).join("\n");
    return userBody({ message: { content: shown }, isMeta: true });
  }
  const content = type === "queued_command" ? carriedContent(prompt) : null;
  if (content === null) return null;
  const mode = commandMode === "task-notification" ? commandMode : "prompt";
  return {
    type: "attachment",
    attachment: { type, prompt: content, commandMode: mode, ...(isMeta === true && { isMeta }) },
  };
}

function withoutControls(text: string): string {
  return text.replace(/\p{C}+/gu, " ");
}

function matching(value: unknown, pattern: RegExp): string | null {
  return typeof value === "string" && pattern.test(value) ? value : null;
}

function field(name: string, value: string | null): Line {
  return value === null ? {} : { [name]: value };
}
