import { type Command, Option } from "commander";
import { MESSAGE_KINDS } from "../../contract/constants.ts";
import { MachineAddress, type MessageKind, Tag } from "../../contract/message.ts";
import { argumentOf } from "../terminal/arguments.ts";

/** The filters that every command that lists or awaits messages offers. */
export interface MessageFilter {
  readonly from?: string;
  readonly tag?: string;
  readonly kind?: MessageKind;
}

export function addMessageFilter(command: Command): Command {
  return command
    .option("--from <machine>", "only messages from this machine, or machine/project", argumentOf(MachineAddress))
    .option("--tag <tag>", "only messages with this tag", argumentOf(Tag))
    .addOption(new Option("--kind <kind>", "only messages of this kind").choices(MESSAGE_KINDS));
}

/** Drops the options that are undefined. */
export function filterOf({ from, tag, kind }: MessageFilter): MessageFilter {
  return {
    ...(from === undefined ? {} : { from }),
    ...(tag === undefined ? {} : { tag }),
    ...(kind === undefined ? {} : { kind }),
  };
}
