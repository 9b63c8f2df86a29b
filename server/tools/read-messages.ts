import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { noteHops, readShown } from "../../client/mail/mail-log.ts";
import type { Mailbox } from "../../client/mail/mailbox.ts";
import { receivers } from "../../client/mail/sent-status.ts";
import { counted, unavailableText } from "../../client/text/counted.ts";
import { isOpened, type ReceivedMessage } from "../../client/trust/origin.ts";
import { ListQuery } from "../../contract/api.ts";
import { MAX_PAGE, MessageId, MessageKind } from "../../contract/message.ts";
import type { ServerContext } from "../context.ts";
import { defineTool, type Reply } from "./define-tool.ts";
import { formatMessages, partCount } from "./format-messages.ts";
import { encodeCursor, FIRST_PAGE, messagesAfter, type PageCursor, PageCursorText } from "./page-cursor.ts";

/** Claude Code truncates a result of more than 25,000 tokens and saves one of more than 50,000 characters to a file. */
const MAX_RESULT_CHARS = 20_000;

/** Reserved for the first line, the legend and the next call, which repeats the filters. */
const FRAME_CHARS = 2_500;

/** How many of the bridge's pages a result may skip because everything on them was shown before. */
const MAX_PAGES_SKIPPED = 5;

const { from, project, tag } = ListQuery.shape;

const Input = z.strictObject({
  unread_only: z.boolean().nullish(),
  from_machine: from.nullable().describe("`mac` or `mac/photon`"),
  project: project.nullable(),
  tag: tag.nullable(),
  kind: MessageKind.nullish(),
  all_projects: z.boolean().nullish().describe("include this machine's messages in other projects"),
  limit: z.int().min(1, "must be at least 1").nullish().describe("default 20"),
  cursor: PageCursorText.nullish().describe("from an earlier result"),
  message_id: MessageId.nullish().describe("only this message"),
  part: z.int().min(1, "must be at least 1").nullish().describe("with message_id: a part of a long message"),
});
type Input = z.output<typeof Input>;

export const readMessages = defineTool({
  name: "read_messages",
  description:
    "Photon mailbox, across machines, kept until read: shows messages to this machine and project, newest first. " +
    "They stay unread; mark_read finishes one.",
  input: Input,
  annotations: { readOnlyHint: true, openWorldHint: true },
  async run(input, context) {
    if (input.part && !input.message_id) {
      throw new PhotonError("invalid_request", "`part` needs `message_id`: it is a part of one message.");
    }
    return input.message_id ? readOne(input.message_id, input.part ?? 1, context) : readPage(input, context);
  },
});

/** One message, or one part of a long message. */
export async function readOne(id: string, part: number, context: ServerContext): Promise<Reply> {
  const { mailbox, now } = context;
  const message = await get(mailbox, id);
  const parts = partCount(message);
  if (part > parts) throw new PhotonError("invalid_request", `\`part\` must be at most ${parts} for this message.`);
  const { legend, blocks } = formatMessages([message], { ...(await readingOf([message], context)), now: now(), part });
  return {
    text: [legend, ...blocks].join("\n\n"),
    whenSent: () => noteShown(part === parts ? [message] : [], context),
  };
}

async function get(mailbox: Mailbox, id: string): Promise<ReceivedMessage> {
  try {
    return await mailbox.inbox.get(id);
  } catch (error) {
    if (!(error instanceof PhotonError) || error.code !== "store_unavailable") throw error;
    const { retryAfterMs } = error;
    const options = { cause: error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    throw new PhotonError("store_unavailable", `The bridge cannot read message ${id} at the moment.`, options);
  }
}

async function readPage(input: Input, context: ServerContext): Promise<Reply> {
  const { mailbox, now } = context;
  const { messages, page, nextPage, unavailable } = await nextMessages(input, context);
  const { legend, blocks } = formatMessages(messages, { ...(await readingOf(messages, context)), now: now() });
  const shown = howManyFit(blocks);
  const last = messages[shown - 1];
  const next: PageCursor | null =
    shown < messages.length && last
      ? { page, after: last }
      : nextPage === null
        ? null
        : { page: nextPage, after: null };

  const whenSent = () => {
    // The next prompt need not announce mail that the session has seen here.
    if (!hasFilter(input)) tellNewest(messages, context);
    noteShown(
      messages.slice(0, shown).filter((message) => partCount(message) === 1),
      context,
    );
  };
  const missing = unavailable > 0 ? ` ${unavailableText(unavailable)}` : "";
  if (shown === 0) {
    const what = input.unread_only ? "unread messages" : "messages";
    const none = `No ${input.cursor ? "more " : ""}${hasFilter(input) ? "matching " : ""}${what} for ${mailbox.self}.`;
    const text = next === null ? `${none}${missing}` : `Nothing new on these pages.${missing} ${nextCall(input, next)}`;
    return { text, whenSent };
  }
  const count = counted(shown, input.unread_only ? "unread message" : "message");
  const text = [
    `${count} for ${mailbox.self}, newest first.${missing} ${legend}`,
    ...blocks.slice(0, shown),
    next === null ? "There are no more messages." : nextCall(input, next),
  ].join("\n\n");
  return { text, whenSent };
}

/** What the header of a message needs to know about this machine and the others. */
async function readingOf(messages: readonly ReceivedMessage[], { mailbox, session, paths }: ServerContext) {
  const { project } = mailbox.config;
  const machines = await receivers(mailbox, paths, messages);
  return {
    session,
    isFromHere: (message: ReceivedMessage) => mailbox.inbox.isFromHere(message),
    project,
    seen: readShown(paths),
    machines,
  };
}

/**
 * Records messages whose whole text Claude has got as shown, except the session's own ones, those to other machines and
 * those that cannot be opened here.
 */
function noteShown(messages: readonly ReceivedMessage[], { mailbox, paths, session }: ServerContext): void {
  const received = messages.filter(
    (message) =>
      isOpened(message) && mailbox.inbox.isForHere(message) && (session === null || message.session !== session),
  );
  if (received.length === 0) return;
  mailbox.receipts.noteShown(received.map(({ id }) => id));
  try {
    noteHops(paths, received);
  } catch {
    // the write failed: an answer's hops are counted from one again
  }
}

interface Fetched {
  readonly messages: readonly ReceivedMessage[];
  /** The bridge's cursor of their page. */
  readonly page: string | null;
  /** The bridge's cursor of the next page. */
  readonly nextPage: string | null;
  /** How many messages of these pages have a text that the bridge cannot read now. */
  readonly unavailable: number;
}

/** The first page from the cursor on that has messages to show. */
async function nextMessages(input: Input, { mailbox, session }: ServerContext): Promise<Fetched> {
  const { page: start, after } = input.cursor ?? FIRST_PAGE;
  let page = start;
  let unavailable = 0;
  for (let skipped = 0; ; skipped++) {
    const listed = await mailbox.inbox.list(
      {
        ...(input.unread_only ? { unread: "true", ...(session === null ? {} : { session }) } : {}),
        ...(input.from_machine ? { from: input.from_machine } : {}),
        ...(input.project ? { project: input.project } : {}),
        ...(input.tag ? { tag: input.tag } : {}),
        ...(input.kind ? { kind: input.kind } : {}),
        ...(page === null ? {} : { cursor: page }),
        limit: String(Math.min(input.limit ?? 20, MAX_PAGE)),
      },
      input.all_projects ? mailbox.config.machine : mailbox.self,
    );
    const messages = messagesAfter(listed.messages, after);
    unavailable += listed.unavailable.length;
    const nextPage = listed.cursor ?? null;
    if (messages.length > 0 || nextPage === null || skipped === MAX_PAGES_SKIPPED)
      return { messages, page, nextPage, unavailable };
    page = nextPage;
  }
}

/** The first block always fits, because a part of a long message is never too long. */
function howManyFit(blocks: readonly string[]): number {
  let chars = FRAME_CHARS;
  const tooMany = blocks.findIndex((block) => {
    chars += block.length + 2;
    return chars > MAX_RESULT_CHARS;
  });
  return tooMany === -1 ? blocks.length : Math.max(tooMany, 1);
}

function tellNewest(messages: readonly ReceivedMessage[], context: ServerContext): void {
  const [newest] = messages;
  if (newest) context.noteAnnounced({ upTo: newest.timestamp });
}

function hasFilter({ from_machine, project, tag, kind }: Input): boolean {
  return Boolean(from_machine || project || tag || kind);
}

function nextCall({ cursor: _before, message_id: _, part: __, ...filters }: Input, next: PageCursor): string {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined && value !== null);
  return `More: read_messages ${JSON.stringify({ ...Object.fromEntries(given), cursor: encodeCursor(next) })}`;
}
