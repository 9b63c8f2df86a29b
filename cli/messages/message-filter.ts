import { type Command, Option } from "commander";
import { MESSAGE_KINDS, type MessageKind, Party, Tag } from "../../contract/message.ts";
import { argumentOf } from "../terminal/arguments.ts";

/** What the commands that list or await messages can be asked for, in the same words. */
export interface MessageFilter {
  readonly from?: string;
  readonly tag?: string;
  readonly kind?: MessageKind;
}

export function addMessageFilter(command: Command): Command {
  return command
    .option("--from <machine>", "only from this machine, or machine/project", argumentOf(Party))
    .option("--tag <tag>", "only with this tag", argumentOf(Tag))
    .addOption(new Option("--kind <kind>", "only of this kind").choices(MESSAGE_KINDS));
}

/** Without the options that were not given, which are undefined. */
export function filterOf({ from, tag, kind }: MessageFilter): MessageFilter {
  return {
    ...(from === undefined ? {} : { from }),
    ...(tag === undefined ? {} : { tag }),
    ...(kind === undefined ? {} : { kind }),
  };
}
