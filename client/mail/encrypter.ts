import { parseAddress } from "../../contract/address.ts";
import type { MessageDraft } from "../../contract/message.ts";
import { PhotonError } from "../bridge/photon-error.ts";
import { encryptOutgoing, mustBeEncrypted, type OutgoingMessage, type Written } from "../encryption/outgoing.ts";
import { type RecipientLookup, recipientsOf } from "../encryption/recipients.ts";
import type { BridgeAccess } from "../machines/bridge-access.ts";
import type { BridgeFacts } from "../machines/bridge-facts.ts";
import type { Membership } from "../machines/membership.ts";
import { isSetUp } from "../settings/config.ts";
import type { Here } from "./destination.ts";

/** Encrypts outgoing messages if this machine has joined the bridge; otherwise leaves them unchanged. */
export class Encrypter {
  readonly #access: BridgeAccess;
  readonly #facts: BridgeFacts;
  readonly #here: Here;

  constructor(access: BridgeAccess, facts: BridgeFacts, here: Here) {
    this.#access = access;
    this.#facts = facts;
    this.#here = here;
  }

  /** The message as it is sent to the bridge. @throws PhotonError */
  async encrypt(draft: MessageDraft, written: Written): Promise<OutgoingMessage> {
    const lookup = this.#recipientLookup();
    const { id } = draft;
    if (lookup === null && written.onlyEncrypted) throw mustBeEncrypted();
    if (lookup === null) return { draft, encryptedFor: null, leftOut: [] };
    if (id === undefined) throw new PhotonError("invalid_request", "The message has no id.");
    return encryptOutgoing(lookup, { ...draft, id }, written);
  }

  /**
   * Makes sure that a message may be sent to an address.
   *
   * @throws PhotonError `invalid_request` if it may not, see {@link recipientsOf}; other codes if the bridge cannot be asked now
   */
  async requireRecipient(to: string | null): Promise<void> {
    const lookup = this.#recipientLookup();
    // A known name is accepted without asking the bridge; delivery asks it.
    if (lookup !== null && to !== null && parseAddress(to)?.machine !== "*")
      await recipientsOf(lookup, to, Number.POSITIVE_INFINITY);
  }

  #recipientLookup(): RecipientLookup | null {
    const membership = this.#membership();
    const namesOnBridge = async () => (await this.#facts.machines(0)).machines.map(({ machine }) => machine);
    return membership && { paths: this.#access.paths, membership, namesOnBridge };
  }

  /** @returns null if this machine has not joined @throws PhotonError if it must encrypt and cannot */
  #membership(): Membership | null {
    const { membership, config } = this.#access;
    if (membership !== null || !isSetUp(config) || !this.#here.mustEncrypt) return membership;
    if (!this.#here.canEncrypt) {
      const sentence =
        "This machine has joined this bridge, but its settings name the shared key: unset BRIDGE_API_KEY.";
      throw new PhotonError("forbidden", sentence);
    }
    const sentence =
      "This machine uses a joined machine's key, but its encryption keys (keys.json) are missing. Run `photon join` again.";
    throw new PhotonError("forbidden", sentence);
  }
}
