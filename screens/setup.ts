import { PhotonError, type PhotonErrorCode } from "../client/bridge/photon-error.ts";
import { standingOf } from "../client/machines/standing.ts";
import type { Mailbox } from "../client/mail/mailbox.ts";
import { isSetUp, whyNotSetUp } from "../client/settings/config.ts";
import type { Answer } from "./answer.ts";
import { wrap, wrapFirst } from "./text-width.ts";
import type { Viewer } from "./viewer.ts";

const INVITE =
  "run `photon invite` on a machine of yours that has joined, and here the line that it prints: `photon join <line>`.";

const WHERE =
  "Run the commands in a terminal of your own, outside this conversation. Never type the line or the key into the conversation: if one is in it, make a new one.";

/**
 * How to set this machine up, or to let the next one join. `/photon-setup` and `/photon:setup` both show it.
 *
 * @param program - what `photon` stands for in a terminal
 */
export async function setupScreen({ mailbox, columns, isMarkdown }: Viewer, program: string | null): Promise<Answer> {
  const standing = isSetUp(mailbox.config) ? await stateOf(mailbox) : "none";
  const [first = "", ...lines] = [...stepsOf(standing, mailbox), "", WHERE, "Then start a new session."];
  // The program stays on one line, to be copied.
  const where = program === null ? "" : `\n\`photon\` stands for:\n  ${program}`;
  return {
    text: [wrapFirst(first, { columns, isMarkdown }), ...lines.map((line) => wrap(line, columns))].join("\n") + where,
    json: { standing },
  };
}

type State = "none" | "refused" | ReturnType<typeof standingOf>;

async function stateOf(mailbox: Mailbox): Promise<State> {
  const refusal = await refusalOf(mailbox);
  const standing = standingOf(mailbox.membership, refusal);
  return standing === "shared key" && refusal === "unauthorized" ? "refused" : standing;
}

/** A bridge that cannot be asked says nothing about this machine. */
async function refusalOf({ unread }: Mailbox): Promise<PhotonErrorCode | null> {
  try {
    await unread.fetch();
    return null;
  } catch (error) {
    if (error instanceof PhotonError) return error.code;
    throw error;
  }
}

function stepsOf(state: State, { config }: Mailbox): string[] {
  const { machine, workerUrl } = config;
  switch (state) {
    case "none":
      return [
        whyNotSetUp(config),
        `To join a bridge: ${INVITE}`,
        "On your first machine: run `photon setup`. It asks for the address and the key of your bridge, and creates this machine's own keys. `npm run deploy` in the Photon repository creates a bridge, and prints both.",
      ];
    case "joined":
      return [
        `This machine is set up: ${machine} has joined ${workerUrl}. There is nothing left to do here.`,
        "To let the next machine join: run `photon invite` here. It prints a line, valid once and for ten minutes; run it there.",
        "`photon machines` lists the machines, and `photon doctor` checks the connection.",
      ];
    case "out":
      return [
        `The bridge ${workerUrl} no longer accepts ${machine}: it was revoked there.`,
        "It can come back with a new invitation and another name: run `photon invite` on a machine of yours that has joined, and here the line that it prints: `photon join <line> --machine <name>`.",
      ];
    case "refused":
      return [
        `The bridge ${workerUrl} does not accept the key in this machine's settings.`,
        `To join: ${INVITE}`,
        "If no machine has joined yet: run `photon setup`, and give it the key of the bridge.",
      ];
    case "shared key":
      return [
        `This machine is set up: ${machine} uses the shared key of ${workerUrl}. It has not joined, so other machines cannot verify its messages, and they are not encrypted.`,
        `To join: ${INVITE}`,
        "If no machine has joined yet: run `photon setup` here. It makes this machine the first.",
      ];
  }
}
