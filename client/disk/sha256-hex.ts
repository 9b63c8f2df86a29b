import { createHash } from "node:crypto";

/** SHA-256 in 64 lower-case hexadecimal digits, with Node's own cryptography. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
