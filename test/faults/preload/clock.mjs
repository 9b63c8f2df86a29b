// Loaded into a tested process before anything else: gives it a wrong clock. The file TEST_CLOCK holds the error in
// milliseconds and may change while the process runs.
import { readFileSync } from "node:fs";

const { TEST_CLOCK = "" } = process.env;
const TrueDate = Date;
const now = () => TrueDate.now() + Number(readFileSync(TEST_CLOCK, "utf8"));

globalThis.Date = class WrongDate extends TrueDate {
  constructor(...args) {
    if (args.length === 0) super(now());
    else super(...args);
  }

  static now() {
    return now();
  }
};
