import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { keepCapsule, keepQueuedCapsule } from "../../client/bridge/kept-capsule.ts";
import type { Paths } from "../../client/disk/paths.ts";
import { sha256Hex } from "../../client/disk/sha256-hex.ts";
import { destinationOf } from "../../client/mail/destination.ts";
import { enqueue, type OutgoingDraft } from "../../client/mail/outbox-folder.ts";
import { maskSecrets } from "../../client/secrets/mask-secrets.ts";
import type { Config } from "../../client/settings/config.ts";
import { counted } from "../../client/text/counted.ts";
import { formatAddress } from "../../contract/address.ts";
import { MAX_BRANCH_CHARS } from "../../contract/capsule.ts";
import { draftOfFolder } from "../draft/draft-of-folder.ts";
import { readPublication, savePublication } from "../draft/publication-store.ts";
import { code, fitting, withRest } from "../markdown.ts";
import type { LocalRef } from "./local-refs.ts";
import type { PackedRepository, Parcel } from "./pack-everything.ts";

/** Marks the handovers of `photon handover --all`. They stay open until they are resumed, even if someone has read them. */
export const EVERYTHING = "everything";

interface Handover {
  readonly parcel: Parcel;
  readonly text: string;
  readonly branch: string | null;
  readonly files: number;
}

/**
 * Queues one handover for each capsule. It replaces the one of the same worktree that was sent to the same address before,
 * but none of a session, and no session's later one replaces it. The caller delivers the outbox.
 *
 * @param to - an address; null means every machine
 * @returns the ids of the messages
 * @throws the file system's own error, and PhotonError if a text cannot be scanned; what was queued before stays queued
 */
export async function queueEverything(
  paths: Paths,
  config: Config,
  repositories: readonly PackedRepository[],
  to: string | null,
): Promise<string[]> {
  const ids: string[] = [];
  for (const repository of repositories) {
    const about = { ...config, project: repository.project };
    const address =
      to ?? (repository.project === null ? null : formatAddress({ machine: "*", project: repository.project }));
    for (const handover of handoversOf(about, repository)) ids.push(await queue(paths, about, handover, address));
  }
  return ids;
}

/** The branches first, so that the newest handover of a project is one that `photon resume` alone can apply. */
function* handoversOf(config: Config, { project, refs, worktrees }: PackedRepository): Generator<Handover> {
  for (const { refs: some, parcel } of refs) yield { parcel, text: refsText(project, some), branch: null, files: 0 };
  for (const { root, branch, files, parcel, section } of worktrees) {
    if (parcel === null) continue;
    const { text } = draftOfFolder(config, root, { session: parcel.name, now: Date.now() });
    yield { parcel, text: `${text.trimEnd()}\n\n${section}\n`, branch, files };
  }
}

const MAX_LIST_CHARS = 20_000;
const MAX_NAME_CHARS = 120;

function refsText(project: string | null, refs: readonly LocalRef[]): string {
  const lines = refs.map(({ kind, name, commits, subject }) => {
    const what = kind === "stash" ? `stash ${name}` : `${code(name, MAX_NAME_CHARS)}, ${counted(commits, "commit")}`;
    return `- ${what}: ${code(subject, MAX_NAME_CHARS)}`;
  });
  return [
    `# Branches and stashes${project === null ? "" : ` of ${project}`}`,
    "",
    "No remote has them. `photon resume --all` adds them to a clone.",
    "",
    ...withRest(lines, fitting(lines, "\n", MAX_LIST_CHARS), (rest) => `- and ${rest} more`),
    "",
  ].join("\n");
}

async function queue(paths: Paths, config: Config, { parcel, text, branch, files }: Handover, to: string | null) {
  const { project, machine } = config;
  const id = randomUUID();
  const session = `all-${parcel.name}-${sha256Hex(to ?? "").slice(0, 8)}`;
  const scan = { ownKey: config.apiKey };
  const content = (await maskSecrets(text, scan)).text;
  const capsule = await readFile(parcel.file);
  const ref = keepCapsule(paths, capsule);
  const shownBranch = (await maskSecrets(branch ?? "", scan)).text.slice(0, MAX_BRANCH_CHARS) || null;
  const replaces = readPublication(paths, session)?.id;
  const message: OutgoingDraft = {
    ...{ id, to, project, session, content },
    from: formatAddress({ machine, project }),
    kind: "handover",
    tags: ["handover", EVERYTHING],
    work: { branch: shownBranch, files, capsule: ref },
    ...(replaces !== undefined && { replaces }),
  };
  enqueue(paths, message, destinationOf(config, paths), { author: "person" });
  keepQueuedCapsule(paths, ref, capsule);
  savePublication(paths, { session, id, at: Date.now(), text: content });
  return id;
}
