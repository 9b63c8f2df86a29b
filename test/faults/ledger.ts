import type { Message } from "../../contract/message.ts";

/** A message that was given to a send. */
export interface Planned {
  /** Its text, which is unique. */
  readonly text: string;
  readonly machine: string;
  readonly session: string;
  /** null means everyone. */
  readonly to: string | null;
}

interface PlanInput extends Omit<Planned, "text"> {
  /** Bytes of filler in addition to the unique text. */
  readonly filler?: number;
  /** Whether the text is only a part of what a hook writes. */
  readonly isQuoted?: boolean;
}

interface Sent extends Planned {
  /** `unknown`: the process died before it answered, so the message may be stored or not, but never twice. */
  state: "unknown" | "acknowledged" | "refused";
  id: string | null;
  readonly isQuoted: boolean;
}

/** How often a machine was shown a message, and whether it marked it read. */
interface Shown {
  times: number;
  /** How often it was shown to a session that could not mark it read or died before, so that it may be shown again. */
  excused: number;
  finished: boolean;
}

/** Records what the tools said and showed, and finally compares it with the bridge. */
export class Ledger {
  readonly #sent: Sent[] = [];
  /** By machine and message id. */
  readonly #shown = new Map<string, Map<string, Shown>>();
  readonly #problems: string[] = [];
  readonly #withoutDisk = new Set<string>();

  plan({ filler = 0, isQuoted = false, ...message }: PlanInput): Planned {
    const name = `message ${this.#sent.length + 1} of ${message.machine}, session ${message.session}.`;
    const planned = { ...message, text: filler === 0 ? name : `${name} ${"x".repeat(filler)}` };
    this.#sent.push({ ...planned, state: "unknown", id: null, isQuoted });
    return planned;
  }

  /** The sender was told that it is stored or queued, with this id. */
  acknowledged(planned: Planned, id: string | null = null): void {
    Object.assign(this.#find(planned.text) ?? {}, { state: "acknowledged", id });
  }

  /** The sender was told that it was refused. */
  refused(planned: Planned): void {
    Object.assign(this.#find(planned.text) ?? {}, { state: "refused" });
  }

  /** How many sends were acknowledged. */
  get acknowledgedCount(): number {
    return this.#sent.filter(({ state }) => state === "acknowledged").length;
  }

  /** How many of them were shown on some machine. */
  get shownCount(): number {
    return new Set([...this.#shown.values()].flatMap((shown) => [...shown.keys()])).size;
  }

  /** A tool returned this text to a session of the machine. */
  shown(machine: string, id: string, text: string): void {
    const sent = this.#find(text);
    const short = text.slice(0, 60);
    if (!sent) this.#problems.push(`${machine} was shown a message that nobody sent: ${short}`);
    else if (!recipientOf(sent, machine))
      this.#problems.push(`${machine} was shown a message for someone else: ${short}`);
    else if (sent.id !== null && sent.id !== id) this.#problems.push(`${short} has two ids`);
    this.#of(machine, id).times++;
  }

  /** The tool said that these are marked read on the machine. */
  finished(machine: string, ids: readonly string[]): void {
    for (const id of ids) this.#of(machine, id).finished = true;
  }

  /** The session died before it was told that these are marked read, or was told that they are not. */
  notFinished(machine: string, ids: readonly string[]): void {
    for (const id of ids) this.#of(machine, id).excused++;
  }

  /** This machine's disk could not be written for a while, so receipts of that time may be missing. */
  hadNoDisk(machine: string): void {
    this.#withoutDisk.add(machine);
  }

  /**
   * All broken promises.
   *
   * @param stored - all messages on the bridge, oldest first, with receipts
   * @param machines - every machine that has read all its messages
   */
  audit(stored: readonly Message[], machines: readonly string[]): string[] {
    return [
      ...this.#problems,
      ...this.#auditStored(stored),
      ...this.#auditOrder(stored),
      ...machines.flatMap((machine) => this.#auditShown(stored, machine)),
      ...this.falseReceipts(stored),
      ...stored.flatMap((message) => this.#auditMissingReceipts(message)),
    ];
  }

  /** Receipts on the bridge for messages whose text has reached nobody on that machine yet. */
  falseReceipts(stored: readonly Message[]): string[] {
    return stored.flatMap(({ id, content, receipts = [] }) =>
      receipts
        .filter(({ machine }) => !this.#shown.get(machine)?.get(id)?.times)
        .map(
          (receipt) =>
            `never shown, but the bridge has the receipt ${JSON.stringify(receipt)}: ${content.slice(0, 60)}`,
        ),
    );
  }

  /** Acknowledged: exactly once, with the returned id. Refused: not at all. Unknown: at most once. */
  #auditStored(stored: readonly Message[]): string[] {
    const strangers = stored.filter(({ content }) => !this.#find(content));
    return [
      ...strangers.map(({ content }) => `the bridge has a message that nobody sent: ${content.slice(0, 60)}`),
      ...this.#sent.flatMap((sent) => {
        const { text, state, id } = sent;
        const copies = stored.filter(({ content }) => this.#find(content) === sent);
        const [most, least] = { acknowledged: [1, 1], refused: [0, 0], unknown: [1, 0] }[state];
        const what = `${text.slice(0, 60)}, ${state},`;
        if (copies.length > (most ?? 0) || copies.length < (least ?? 0)) {
          return [`${what} is ${copies.length} times on the bridge`];
        }
        return id === null || copies.every((copy) => copy.id === id) ? [] : [`${what} has another id on the bridge`];
      }),
    ];
  }

  /** The messages of one session are on the bridge in the order in which they were sent. */
  #auditOrder(stored: readonly Message[]): string[] {
    const last = new Map<string, number>();
    return stored.flatMap(({ content }) => {
      const sent = this.#find(content);
      if (!sent) return [];
      const [sender, place] = [`${sent.machine} ${sent.session}`, this.#sent.indexOf(sent)];
      const before = last.get(sender) ?? -1;
      last.set(sender, Math.max(place, before));
      return place > before
        ? []
        : [`${sent.text.slice(0, 60)} was overtaken by ${this.#sent[before]?.text.slice(0, 60)}`];
    });
  }

  #auditShown(stored: readonly Message[], machine: string): string[] {
    return stored.flatMap(({ id, content }) => {
      const sent = this.#find(content);
      if (!sent || !recipientOf(sent, machine)) return [];
      const { times, excused } = this.#shown.get(machine)?.get(id) ?? { times: 0, excused: 0 };
      // What a machine sent to all is unread on the others.
      if (sent.machine === machine && sent.to !== machine) {
        return times === 0 ? [] : [`${content.slice(0, 60)} was shown ${times} times on ${machine}, which sent it`];
      }
      if (times >= 1 && times <= 1 + excused) return [];
      return [`${content.slice(0, 60)} was shown ${times} times on ${machine}`];
    });
  }

  /** A message that was marked read has both receipts. */
  #auditMissingReceipts({ id, content, receipts = [] }: Message): string[] {
    return [...this.#shown].flatMap(([machine, shown]) => {
      const known = shown.get(id);
      const receipt = receipts.find((each) => each.machine === machine);
      if (!known?.finished) return [];
      // A process that died between answering and recording leaves no receipt, and neither does an unwritable disk.
      const mayLackShown = known.excused > 0 || this.#withoutDisk.has(machine);
      const what = content.slice(0, 60);
      return [
        ...(receipt?.readAt === undefined ? [`${machine} marked it read, but the bridge has no receipt: ${what}`] : []),
        ...(receipt?.shownAt === undefined && !mayLackShown
          ? [`${machine} was shown it, but the bridge has no receipt: ${what}`]
          : []),
      ];
    });
  }

  #find(text: string): Sent | undefined {
    return this.#sent.find((sent) => sent.text === text || (sent.isQuoted && text.includes(sent.text)));
  }

  #of(machine: string, id: string): Shown {
    const shown = this.#shown.get(machine) ?? new Map<string, Shown>();
    this.#shown.set(machine, shown);
    const one = shown.get(id) ?? { times: 0, excused: 0, finished: false };
    shown.set(id, one);
    return one;
  }
}

function recipientOf({ to }: Planned, machine: string): boolean {
  return to === null || to === "*/photon" || to === machine;
}
