import * as z from "zod";
import { seenMachine } from "../../client/text/names.ts";
import { MachineAddress, MessageDraft, MessageKind, Tag } from "../../contract/message.ts";
import { sentenceOf } from "../../contract/problem.ts";
import type { Answer } from "../../screens/answer.ts";
import { UsageError } from "../../screens/failure.ts";
import { handoversScreen } from "../../screens/handovers.ts";
import { type InboxRequest, inboxScreen } from "../../screens/inbox.ts";
import { allDoneScreen, doneScreen, readScreen } from "../../screens/read.ts";
import { sendScreen } from "../../screens/send.ts";
import { setupScreen } from "../../screens/setup.ts";
import { statusScreen } from "../../screens/status.ts";
import type { Viewer } from "../../screens/viewer.ts";
import { handOverAsIs } from "./hand-over.ts";
import { parseSendArguments } from "./send-arguments.ts";

/** How old the list of machines may be that tells a name from an id. */
const MAX_MACHINES_AGE_MS = 10 * 60_000;

/** The messages of a page. */
const PAGE = 20;

const INBOX_USAGE =
  "Usage: /photon-inbox [all] [machine] [page 2], /photon-inbox <id> to read a message, /photon-inbox done all (or ids) to mark messages read.";

const SEND_USAGE = [
  'Usage: /photon-send <to> "text" [--kind task] [--tag name] [--reply-to id]',
  "<to> is a machine (pc), a machine in a project (pc/photon), every machine in a project (*/photon), or everyone.",
].join("\n");

/** A bare command (`/photon-inbox …`), as the mod passes it on. */
export interface BareCommand {
  readonly command: string;
  /** What was typed after it. */
  readonly args: string;
  /** Whether a person typed it, not a script. */
  readonly isTyped: boolean;
}

/**
 * Runs a bare command. Its screens are those of the `photon` command.
 *
 * @param program - what `photon` stands for in a terminal
 * @throws UsageError, PhotonError
 */
export async function runBareCommand(viewer: Viewer, bare: BareCommand, program: string | null): Promise<Answer> {
  switch (bare.command) {
    case "photon-inbox":
      return inbox(viewer, bare.args);
    case "photon-resume":
      return handovers(viewer, bare.args);
    case "photon-handover":
      return handOverAsIs(viewer, bare.args, bare.isTyped);
    case "photon-send":
      return send(viewer, bare);
    case "photon-status":
      return statusScreen(viewer);
    case "photon-setup":
      return setupScreen(viewer, program);
    default:
      throw new UsageError("Photon has no such command.");
  }
}

/** `/photon-resume --list [machine]`. Without `--list`, the mod starts a turn of Claude. */
function handovers(viewer: Viewer, args: string): Promise<Answer> {
  const [from, ...others] = args.split(/\s+/).filter((word) => word !== "" && word !== "--list");
  if (others.length > 0 || (from !== undefined && !MachineAddress.safeParse(from).success))
    throw new UsageError("Usage: /photon-resume --list [machine]");
  return handoversScreen(viewer, from);
}

async function inbox(viewer: Viewer, args: string): Promise<Answer> {
  const words = args.split(/\s+/).filter((word) => word !== "");
  const [first = "", ...others] = words;
  if (first === "done") {
    if (others.length === 1 && others[0] === "all") return allDoneScreen(viewer);
    if (others.length > 0 && others.every(isId)) return doneScreen(viewer, others);
    throw new UsageError(INBOX_USAGE);
  }
  if (words.length > 0 && words.every(isId)) return readScreen(viewer, words, false);
  if (words.length === 1 && (first === "more" || first === "next"))
    throw new UsageError(`/photon-inbox page 2 lists the next messages.\n${INBOX_USAGE}`);
  if (words.length === 1 && mayBeId(first) && !(await isMachine(viewer, first)))
    return readScreen(viewer, words, false);
  return inboxScreen(viewer, inboxRequest(words));
}

function inboxRequest(words: readonly string[]): InboxRequest {
  let all = false;
  let page = 1;
  let from: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const next = words[at + 1] ?? "";
    if (word === "all") {
      all = true;
    } else if (word === "page" && /^[1-9]\d{0,3}$/.test(next)) {
      page = Number(next);
      at++;
    } else {
      // A machine whose name looks like an id or a word of this command needs `from`.
      const name = word === "from" ? next : word;
      if (from !== undefined || !MachineAddress.safeParse(name).success) throw new UsageError(INBOX_USAGE);
      from = name;
      if (word === "from") at++;
    }
  }
  return { all, page, limit: PAGE, filter: from === undefined ? {} : { from } };
}

/** Hexadecimal letters alone are a machine's name if a machine has it, else the beginning of an id. */
function mayBeId(word: string): boolean {
  return /^[a-f]{4,8}$/i.test(word);
}

async function isMachine({ mailbox }: Viewer, name: string): Promise<boolean> {
  return seenMachine((await mailbox.bridge.machines(MAX_MACHINES_AGE_MS)).machines, name) !== undefined;
}

/** The beginning of an id, or all of it. One that has only letters could be a machine's name. */
function isId(word: string): boolean {
  return /^(?=.*\d)[0-9a-f-]{4,36}$/i.test(word);
}

const Options = z.object({ to: MessageDraft.shape.to, kind: MessageKind.optional(), tags: z.array(Tag).optional() });

function send(viewer: Viewer, { args, isTyped }: BareCommand): Promise<Answer> {
  const parsed = parseSendArguments(args);
  if (!parsed.ok) throw new UsageError(`${parsed.problem}\n${SEND_USAGE}`);
  const { content, reply_to: replyTo, ...rest } = parsed.input;
  const options = Options.safeParse({ to: null, ...rest });
  if (!options.success) throw new UsageError(`${sentenceOf(options.error, "")}.\n${SEND_USAGE}`);
  const { to, kind, tags } = options.data;
  if (kind === "handover") throw new UsageError("A handover has a command of its own: /photon-handover.");
  return sendScreen(viewer, {
    content,
    to: to ?? null,
    kind,
    tags,
    replyTo,
    isQueuedEnough: true,
    author: isTyped ? "person" : "agent",
  });
}
