import type { SharedKeyPolicy } from "./registry/registry-store.ts";

/** Who asks, as their key says. */
export type Caller =
  | {
      readonly kind: "machine";
      readonly fingerprint: string;
      readonly name: string;
      /** Now and before, in lower case. */
      readonly names: readonly string[];
      readonly isOwner: boolean;
    }
  | ({ readonly kind: "shared" } & Omit<SharedKeyPolicy, "isLocked">);

/** What stands for a caller where bytes and requests are counted. */
export function accountOf(caller: Caller): string {
  return caller.kind === "machine" ? caller.fingerprint : "shared";
}

/** What the audit list calls it. */
export function auditNameOf(caller: Caller): string {
  return caller.kind === "machine" ? caller.name : "shared key";
}
