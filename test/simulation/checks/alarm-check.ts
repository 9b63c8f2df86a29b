import type { Invocation } from "../invocation.ts";
import type { Ledger } from "../ledger.ts";
import type { Scenario } from "../scenario.ts";

/** The allowed number of alarms per message, plus the number per day. */
const MAX_ALARMS_PER_MESSAGE = 3;
const MAX_ALARMS_PER_DAY = 300;

/** Checks that the object's alarms stay within the limits and are few. */
export class AlarmCheck {
  readonly #ledger: Ledger;
  failed = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  readonly check = (_used: Invocation, error: unknown): void => {
    if (error === undefined) return;
    this.failed++;
    this.#ledger.problem(`an alarm failed: ${error}`);
  };

  checkTotals(alarms: number, { busyDays, quietDays }: Scenario): void {
    const most = MAX_ALARMS_PER_MESSAGE * this.#ledger.all.length + MAX_ALARMS_PER_DAY * (busyDays + quietDays);
    if (alarms > most) this.#ledger.problem(`${alarms} alarms are too many`);
  }
}
