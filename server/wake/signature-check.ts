import { PhotonError } from "../../client/bridge/photon-error.ts";
import { addressName } from "../../client/text/names.ts";
import type { TellableGroup } from "../../client/text/tellable-mail.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { MAX_HOPS } from "../../contract/message.ts";

/** A bridge that could not be asked is asked again after this. */
const PAUSE_MS = 30_000;

/** Answers that are remembered. A message's signature never changes. */
const MAX_REMEMBERED = 200;

interface SignatureCheckOptions {
  /** Fetches a message and looks at its signature. @throws PhotonError */
  readonly read: (id: string) => Promise<ReceivedMessage>;
  /** This machine's project. */
  readonly project: () => string | null;
  /** Called when an answer is there. Must not throw. */
  readonly onAnswer: () => void;
  /** Milliseconds of a clock that nobody can set. */
  readonly steadyMs: () => number;
}

/**
 * Whether the newest message of a sender is what the bridge's summary says of it, signed by the machine that it names.
 * A summary alone is the bridge's word: with it a dishonest bridge could wake every session in the name of any machine. A
 * wake costs a turn of Claude, so the one request is cheap. Nothing is marked shown or read.
 *
 * Not guaranteed: that the message is new to this machine; a bridge may date an old one again. Its reader is told so.
 */
export class SignatureCheck {
  readonly #options: SignatureCheckOptions;
  /** By {@link claimOf}. */
  readonly #answers = new Map<string, boolean>();
  #isAsking = false;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: SignatureCheckOptions) {
    this.#options = options;
  }

  /** Whether an answer is under way, or is to be had later. */
  get isWaiting(): boolean {
    return this.#isAsking || this.#isPaused;
  }

  /** @returns false also when it is not known yet; then it is found out, one message at a time */
  isRight(group: TellableGroup): boolean {
    const known = this.#answers.get(claimOf(group));
    if (known === undefined && !this.isWaiting) void this.#find(group);
    return known === true;
  }

  get #isPaused(): boolean {
    return this.#options.steadyMs() < this.#pausedUntil;
  }

  async #find(group: TellableGroup): Promise<void> {
    const { read, project, onAnswer, steadyMs } = this.#options;
    this.#isAsking = true;
    try {
      this.#remember(group, isAs(group, await read(group.latest.id), project()));
    } catch (error) {
      // What the bridge does not have, or refuses, is not there.
      const mayComeLater = !(error instanceof PhotonError) || (error.retryable && error.code !== "not_found");
      if (mayComeLater) this.#pausedUntil = steadyMs() + PAUSE_MS;
      else this.#remember(group, false);
    }
    this.#isAsking = false;
    onAnswer();
  }

  #remember(group: TellableGroup, isRight: boolean): void {
    this.#answers.set(claimOf(group), isRight);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MAX_REMEMBERED && oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** What an answer is about. A bridge may show a message that was right under another sender or kind later. */
function claimOf({ sender, kind, latest }: TellableGroup): string {
  return JSON.stringify([sender.toLowerCase(), kind, latest.id]);
}

function isAs({ sender, kind }: TellableGroup, message: ReceivedMessage, project: string | null): boolean {
  const isSender = addressName(message.from, project).toLowerCase() === sender.toLowerCase();
  return message.origin.state === "verified" && isSender && message.kind === kind && (message.hops ?? 0) < MAX_HOPS;
}
