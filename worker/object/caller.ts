/** Who sent a request, according to its key. */
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
      /** Current and former names of all machines that ever joined, including revoked ones, in lower case. */
      readonly joinedNames: readonly string[];
    };

/** Key under which a caller's quota is counted. */
export function accountOf(caller: Caller): string {
  return caller.kind === "machine" ? caller.fingerprint : "shared";
}

/** The caller's name in the audit log. */
export function auditNameOf(caller: Caller): string {
  return caller.kind === "machine" ? caller.name : "shared key";
}
