import { bech32 } from "@scure/base";
import { fingerprintText, followMachineList, signedText } from "../../../contract/follow-machine-list.ts";
import {
  EMPTY_MACHINE_LIST,
  INVITE_SECONDS,
  type MachineList,
  type MachineListBody,
  MachineListEntry,
} from "../../../contract/machine-list.ts";
import { STRICT_CRYPTO, sha256Hex } from "../../../contract/strict-crypto.ts";

export interface KeyPair {
  /** base64url. */
  readonly publicKey: string;
  sign(text: string): Promise<string>;
}

export async function newKeyPair(): Promise<KeyPair> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new TypeError("Expected a key pair.");
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  if (!(raw instanceof ArrayBuffer)) throw new TypeError("Expected the public key as bytes.");
  return {
    publicKey: base64url(raw),
    sign: async (text) =>
      base64url(await crypto.subtle.sign("Ed25519", pair.privateKey, new TextEncoder().encode(text))),
  };
}

/** A machine with its own keys, as the bridge sees it. The private half of its encryption key does not exist. */
export class JoiningMachine {
  readonly name: string;
  readonly machineKey: string;
  readonly #signing: KeyPair;
  readonly #sealKey: string;
  readonly fingerprint: string;

  private constructor(name: string, signing: KeyPair, sealKey: string, fingerprint: string) {
    this.name = name;
    this.#signing = signing;
    this.#sealKey = sealKey;
    this.fingerprint = fingerprint;
    this.machineKey = `photon_${base64url(crypto.getRandomValues(new Uint8Array(32)).buffer)}`;
  }

  static async make(name: string): Promise<JoiningMachine> {
    const signing = await newKeyPair();
    const sealKey = newRecipient();
    const fingerprint = sha256Hex(fingerprintText({ signKey: signing.publicKey, sealKey }));
    return new JoiningMachine(name, signing, sealKey, fingerprint);
  }

  get keys() {
    return { name: this.name, signKey: this.#signing.publicKey, sealKey: this.#sealKey };
  }

  keyHash(): string {
    return sha256Hex(this.machineKey);
  }

  /** The next entry of a machine list, signed by this machine. */
  async entry(
    { hashes }: Pick<MachineList, "hashes">,
    change: object,
    { invite, at = Date.now() }: { invite?: KeyPair; at?: number } = {},
  ): Promise<MachineListEntry> {
    const common = { v: 1, prev: hashes.at(-1) ?? null, at: new Date(at).toISOString(), by: this.fingerprint };
    const body = JSON.stringify({ ...common, ...change });
    const text = signedText(body);
    const signature = await this.#signing.sign(text);
    return { body, signature, ...(invite && { inviteSignature: await invite.sign(text) }) };
  }
}

/** A usable age recipient. */
export function newRecipient(): string {
  const point = crypto.getRandomValues(new Uint8Array(32));
  point[31] = (point[31] ?? 0) & 0x3f; // below the field's prime
  return bech32.encodeFromBytes("age", point);
}

export interface OpenInvite {
  readonly id: string;
  readonly keys: KeyPair;
}

/** The content of an invitation's entry. */
export function inviteChange({ id, keys }: OpenInvite, owner = false, now = Date.now()) {
  const expiresAt = new Date(now + INVITE_SECONDS * 1000).toISOString();
  return { type: "invite", invite: id, key: keys.publicKey, expiresAt, owner } satisfies Partial<MachineListBody>;
}

export async function newInvite(): Promise<OpenInvite> {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  return { id, keys: await newKeyPair() };
}

/** The lists after each entry of the last answer, with the entries' text: a check of an entry takes milliseconds. */
let followed: { readonly text: string; readonly machineList: MachineList }[] = [];

/** The machine list that follows from an answer's entries. */
export function machineListOf(entries: readonly unknown[]): MachineList {
  let machineList = EMPTY_MACHINE_LIST;
  for (const [place, entry] of entries.entries()) {
    const text = JSON.stringify(entry);
    if (followed[place]?.text !== text) {
      const next = followMachineList(machineList, MachineListEntry.parse(entry), STRICT_CRYPTO);
      followed = [...followed.slice(0, place), { text, machineList: next }];
    }
    machineList = followed[place]?.machineList ?? machineList;
  }
  return machineList;
}

function base64url(bytes: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
