import { signedText } from "../../contract/follow-machine-list.ts";
import type { MachineList, MachineListBody, MachineListEntry } from "../../contract/machine-list.ts";
import type { OwnKeys } from "./machine-keys.ts";
import { type SigningPair, signText } from "./node-crypto.ts";

/** An entry without what every entry has. */
export type MachineListChange = MachineListBody extends infer Body
  ? Body extends MachineListBody
    ? Omit<Body, "v" | "prev" | "at" | "by">
    : never
  : never;

export interface Signing {
  readonly by: Pick<OwnKeys, "signing" | "fingerprint">;
  readonly inviteKeys?: SigningPair | undefined;
  /** By the bridge's clock, in milliseconds since 1970. */
  readonly now: number;
}

export function signedEntry(
  { hashes }: Pick<MachineList, "hashes">,
  change: MachineListChange,
  { by: { signing, fingerprint }, inviteKeys, now }: Signing,
): MachineListEntry {
  const common = { v: 1, prev: hashes.at(-1) ?? null, at: new Date(now).toISOString(), by: fingerprint } as const;
  const body = JSON.stringify({ ...common, ...change } satisfies MachineListBody);
  const text = signedText(body);
  return {
    body,
    signature: signText(signing, text),
    ...(inviteKeys && { inviteSignature: signText(inviteKeys, text) }),
  };
}
