import { randomBytes } from "node:crypto";
import { fingerprintText } from "../../contract/follow-machine-list.ts";
import type { MachineKeys } from "../../contract/machine-list.ts";
import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, recordOf, textField, writePrivateJson } from "../disk/private-file.ts";
import { sha256Hex } from "../disk/sha256-hex.ts";
import { newSigningPair, type SigningPair } from "./node-crypto.ts";

/** The private half of a machine's identity. It never leaves this machine. */
export interface OwnKeys {
  /** The bridge that it joined with these keys. Other bridges do not know them. */
  readonly workerUrl: string;
  readonly signing: SigningPair;
  /** An age identity, `AGE-SECRET-KEY-1…`. */
  readonly identity: string;
  /** Its age recipient, `age1…`. */
  readonly recipient: string;
  readonly fingerprint: string;
  /** The key in its requests; the bridge stores only the SHA-256. Also in config.json as `apiKey`, where hooks read it. */
  readonly machineKey: string;
}

/** Creates new keys without storing them. */
export async function newKeys(workerUrl: string): Promise<OwnKeys> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const signing = newSigningPair();
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const fingerprint = sha256Hex(fingerprintText({ signKey: signing.publicKey, sealKey: recipient }));
  const machineKey = `photon_${randomBytes(32).toString("base64url")}`;
  return { workerUrl, signing, identity, recipient, fingerprint, machineKey };
}

/** The public keys, with a name. */
export function publicKeysOf({ signing, recipient }: OwnKeys, name: string): MachineKeys {
  return { name, signKey: signing.publicKey, sealKey: recipient };
}

/** Stores the keys next to those for other bridges. @throws the file system's own error */
export function saveKeys(paths: Pick<Paths, "keys">, own: OwnKeys): void {
  const { workerUrl, signing, identity, recipient, machineKey } = own;
  const keys = recordOf(recordOf(readPrivateJson(paths.keys))?.keys);
  const kept = { ...keys, [workerUrl]: { ...signing, identity, recipient, machineKey } };
  writePrivateJson(paths.keys, { v: 1, keys: kept });
}

/** @returns null if this machine has not joined this bridge */
export function readKeys(paths: Pick<Paths, "keys">, workerUrl: string | null): OwnKeys | null {
  const own = workerUrl === null ? undefined : recordOf(recordOf(readPrivateJson(paths.keys))?.keys)?.[workerUrl];
  const field = (name: string) => textField(own, name);
  const [publicKey, privateKey, machineKey] = [field("publicKey"), field("privateKey"), field("machineKey")];
  const [identity, recipient] = [field("identity"), field("recipient")];
  if (!workerUrl || !publicKey || !privateKey || !identity || !recipient || !machineKey) return null;
  const fingerprint = sha256Hex(fingerprintText({ signKey: publicKey, sealKey: recipient }));
  return { workerUrl, signing: { publicKey, privateKey }, identity, recipient, fingerprint, machineKey };
}
