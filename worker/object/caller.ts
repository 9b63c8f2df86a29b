/** Who asks, as the key says. */
export type Caller =
  | {
      readonly kind: "machine";
      readonly fingerprint: string;
      readonly name: string;
      /** Its name and its former names, in lower case. */
      readonly names: readonly string[];
      readonly isOwner: boolean;
    }
  | {
      readonly kind: "shared";
      /** The names and former names of machines that have joined, also when they were revoked, in lower case. */
      readonly joinedNames: readonly string[];
    };

/** Key under which a caller's quota is counted. */
export function accountOf(caller: Caller): string {
  return caller.kind === "machine" ? caller.fingerprint : "shared";
}

/** What the audit log calls the caller. */
export function auditNameOf(caller: Caller): string {
  return caller.kind === "machine" ? caller.name : "shared key";
}
