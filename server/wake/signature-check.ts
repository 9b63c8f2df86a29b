import { PhotonError } from "../../client/bridge/photon-error.ts";
import { addressName } from "../../client/text/names.ts";
import type { TellableGroup } from "../../client/text/tellable-mail.ts";
import type { ReceivedMessage } from "../../client/trust/origin.ts";
import { MAX_HOPS } from "../../contract/message.ts";

/** Pause before the next attempt if the bridge could not be asked. */
const PAUSE_MS = 30_000;

/** How many answers are cached. They stay valid, because a message's signature never changes. */
const MAX_REMEMBERED = 200;

interface SignatureCheckOptions {
  /** Fetches a message and verifies its signature. @throws PhotonError */
  readonly read: (id: string) => Promise<ReceivedMessage>;
  /** This machine's project. */
  readonly project: () => string | null;
  /** Called when there is an answer. Must not throw. */
  readonly onAnswer: () => void;
  /** Milliseconds of a monotonic clock. */
  readonly steadyMs: () => number;
}

/**
 * Checks that the newest message of a sender matches the bridge's summary and is signed by the machine that it names. The
 * summary alone is not signed: with it a dishonest bridge could wake every session in the name of any machine. A wake costs
 * a turn of Claude, so one request more is cheap. No message is marked shown or read.
 *
 * Not guaranteed: that the message is new to this machine; a bridge may give an old one a new date. Its reader is warned.
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

  /** Whether a request is open, or will be retried. */
  get isWaiting(): boolean {
    return this.#isAsking || this.#isPaused;
  }

  /** @returns false also while the answer is unknown; then it is fetched, one message at a time */
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
      // A message that the bridge does not have, or refuses, does not match.
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

/** The cache key. It includes sender and kind, because a bridge may later list the same message under others. */
function claimOf({ sender, kind, latest }: TellableGroup): string {
  return JSON.stringify([sender.toLowerCase(), kind, latest.id]);
}

function isAs({ sender, kind }: TellableGroup, message: ReceivedMessage, project: string | null): boolean {
  const isSender = addressName(message.from, project).toLowerCase() === sender.toLowerCase();
  return message.origin.state === "verified" && isSender && message.kind === kind && (message.hops ?? 0) < MAX_HOPS;
}
