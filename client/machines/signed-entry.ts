import { type Roster, signedText } from "../../contract/follow-roster.ts";
import type { RosterBody, RosterEntry } from "../../contract/roster.ts";
import type { OwnKeys } from "./machine-keys.ts";
import { type SigningPair, signText } from "./node-crypto.ts";

/** An entry without what every entry has. */
export type RosterChange = RosterBody extends infer Body
  ? Body extends RosterBody
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
  { hashes }: Pick<Roster, "hashes">,
  change: RosterChange,
  { by: { signing, fingerprint }, inviteKeys, now }: Signing,
): RosterEntry {
  const common = { v: 1, prev: hashes.at(-1) ?? null, at: new Date(now).toISOString(), by: fingerprint } as const;
  const body = JSON.stringify({ ...common, ...change } satisfies RosterBody);
  const text = signedText(body);
  return {
    body,
    signature: signText(signing, text),
    ...(inviteKeys && { inviteSignature: signText(inviteKeys, text) }),
  };
}
