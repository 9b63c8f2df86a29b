import * as z from "zod";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import { cleanText } from "../../client/text/clean-text.ts";
import { parseJson } from "../../contract/parse-json.ts";
import type { Answer } from "../../screens/answer.ts";
import { failureOf } from "../../screens/failure.ts";
import { setupScreen } from "../../screens/setup.ts";
import { wrap, wrapFirst } from "../../screens/text-width.ts";
import { BARE_COMMANDS, PLAIN, type Viewer } from "../../screens/viewer.ts";
import type { ServerContext } from "../context.ts";
import { glance } from "../watch/glance.ts";
import { runBareCommand } from "./bare-command.ts";

/** The width of a terminal that does not tell it. */
const DEFAULT_COLUMNS = 80;

/** The client indents what a command prints. */
const INDENT_COLUMNS = 6;

/** The result for the mod. */
interface Shown {
  readonly text: string;
  /** Called after the text was written to the client. */
  readonly whenSent?: () => void;
}

/** What the mod asks for, as JSON. */
const Request = z.object({
  command: z.string(),
  args: z.string(),
  columns: z.number().catch(DEFAULT_COLUMNS),
  isTyped: z.boolean().catch(false),
});

/**
 * What the mod shows a person: the entry under the prompt and the text of a wake (for a session that is `idle` or `busy`), or
 * the screen of a bare command. `setup` is for Claude, too, which shows it for `/photon:setup`.
 *
 * @param isFromMod - the mod calls, not the model: a model must neither pass as a person, nor send without its permission, nor take what the mod would show
 * @throws PhotonError `invalid_request` if the model calls
 */
export async function display(wanted: string, context: ServerContext, isFromMod: boolean): Promise<Shown> {
  if (wanted === "setup")
    return { text: (await setupScreen(viewerOf(context, Number.POSITIVE_INFINITY), programOf(context))).text };
  // The first look takes what there is to show, so a model must not look in the mod's place.
  if (isFromMod && (wanted === "idle" || wanted === "busy")) {
    return { text: JSON.stringify({ ...glance(context), wake: context.textThatWakes(wanted === "idle") }) };
  }
  const request = Request.safeParse(parseJson(wanted));
  if (!isFromMod || !request.success) {
    throw new PhotonError("invalid_request", "`display` is for Photon's own commands. Leave it out.");
  }
  const { columns, ...bare } = request.data;
  const viewer = viewerOf(context, Math.max(columns, 40) - INDENT_COLUMNS);
  try {
    return replyOf(await runBareCommand(viewer, bare, programOf(context)), viewer);
  } catch (error) {
    const { message, exitCode, code } = failureOf(error);
    // A usage keeps its lines, and each is wrapped.
    const text = code === "usage" && error instanceof Error ? cleanText(error.message) : message;
    return screen(wrapFirst(text, viewer), exitCode);
  }
}

function viewerOf(context: ServerContext, columns: number): Viewer {
  const { mailbox, paths, env, folder, session } = context;
  return {
    ...{ mailbox, config: mailbox.config, paths, env, folder, session },
    ...{ isForClaude: false, isMarkdown: true, columns, style: PLAIN, commands: BARE_COMMANDS },
  };
}

function programOf({ env }: ServerContext): string | null {
  return env.CLAUDE_PLUGIN_ROOT ? `node "${env.CLAUDE_PLUGIN_ROOT}/bin/photon"` : null;
}

/** A message counts as shown and read once the client has it. */
function replyOf(answer: Answer, { columns }: Viewer): Shown {
  const { text, warnings = [], exitCode = 0, whenShown, whenPrinted } = answer;
  // The text is wrapped already, and what must be copied from it is whole.
  const parts = [text, ...warnings.map((warning) => wrap(warning, columns))].filter((part) => part !== "");
  const reply = screen(parts.join("\n"), exitCode);
  if (!whenShown && !whenPrinted) return reply;
  const note = async () => {
    await whenShown?.();
    await whenPrinted?.();
  };
  return {
    ...reply,
    // What cannot be marked now stays unread.
    whenSent: () => void note().catch(() => undefined),
  };
}

function screen(text: string, exitCode: number): Shown {
  return { text: JSON.stringify({ text, exitCode }) };
}
