import { createHash } from "node:crypto";
import type { Command } from "commander";
import { PhotonError } from "../../client/photon-error.ts";
import type { Answer } from "../answer.ts";
import { CommandFailed } from "../command-failed.ts";
import type { CliContext } from "../context.ts";
import type { Run } from "../program.ts";

export function addMigrate(program: Command, run: Run): void {
  program
    .command("migrate")
    .summary("move the messages of a bridge from KV to its Mailroom")
    .description(
      "After `npm run deploy -- --live`: copies every message with its time and receipts from KV into the Mailroom, reads it back and compares. KV is left as it is. Interrupted, it is simply run again: what was copied is not copied twice.",
    )
    .addHelpText(
      "after",
      `
Examples:
  photon migrate
  photon migrate --json     {"count": 412, "copied": 412, "differing": [], "sha256": "…"}

Run it once more after a minute: KV may list a message late that was sent right before the deploy.
Exit code 1 when a message is not the same in both.`,
    )
    .action(() => run(migrate));
}

async function migrate({ mailbox }: CliContext): Promise<Answer> {
  let [count, copied] = [0, 0];
  const differing: string[] = [];
  const hash = createHash("sha256");
  try {
    for await (const page of mailbox.migratePages()) {
      count += page.count;
      copied += page.copied;
      differing.push(...page.differing);
      hash.update(page.sha256);
    }
  } catch (error) {
    if (!(error instanceof PhotonError)) throw error;
    if (error.code === "not_found") {
      throw new CommandFailed(
        "not_found",
        "This bridge has no Mailroom to move messages to: `npm run deploy -- --live` makes one.",
      );
    }
    throw new PhotonError(error.code, `${error.message} ${count} messages are done; run it again to go on.`, {
      cause: error,
    });
  }
  const sha256 = hash.digest("hex");
  const isSame = differing.length === 0;
  const sentence = isSame
    ? "Each was read back and is the same."
    : `Not the same in both: ${differing.join(", ")}. Nothing was lost: KV still has them.`;
  return {
    text: `${count} messages are in the Mailroom, ${copied} of them copied now. ${sentence}\nSHA-256 of what KV has: ${sha256}`,
    json: { count, copied, differing, sha256 },
    exitCode: isSame ? 0 : 1,
  };
}
