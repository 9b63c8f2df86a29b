import { hkdfSync, randomBytes } from "node:crypto";
import { PhotonError } from "../bridge/photon-error.ts";
import { type SigningPair, signingPairFromSeed } from "./node-crypto.ts";

/** An invitation, which one machine gives another without the bridge. */
export interface Invitation {
  readonly workerUrl: string;
  /** The bridge's id of the invitation. */
  readonly id: string;
  /** 16 bytes; the bridge never sees them. */
  readonly secret: Buffer;
}

export function newInvitation(workerUrl: string): Invitation {
  return { workerUrl, id: randomBytes(16).toString("hex"), secret: randomBytes(16) };
}

/** The invitation as a URL. Should a browser open it, the part after `#` is not sent to the server. */
export function inviteLine({ workerUrl, id, secret }: Invitation): string {
  return `${workerUrl}/join#${id}.${secret.toString("base64url")}`;
}

const LINE = /^(https?:\/\/[^\s#]+)\/join#([0-9a-f]{32})\.([A-Za-z0-9_-]{22})$/;

/** @param text - as pasted by a person; spaces, quotes and a leading `photon join` are removed @throws PhotonError */
export function parseInviteLine(text: string): Invitation {
  const [, address, id, secret] =
    LINE.exec(
      text
        .trim()
        .replace(/^(?:bin\/)?photon\s+join\s+/, "")
        .replace(/^(["'])(.*)\1$/, "$2"),
    ) ?? [];
  if (!address || !id || !secret || !URL.canParse(address)) {
    const sentence =
      "That is not an invitation. `photon invite` on a machine that has joined prints one: https://…/join#…";
    throw new PhotonError("invalid_request", sentence);
  }
  return { workerUrl: address, id, secret: Buffer.from(secret, "base64url") };
}

/** The key pair derived from the secret. Its public half is in the machine list. */
export function inviteKeys({ id, secret }: Pick<Invitation, "id" | "secret">): SigningPair {
  return signingPairFromSeed(Buffer.from(hkdfSync("sha256", secret, Buffer.from(id, "hex"), "photon invite 1", 32)));
}
