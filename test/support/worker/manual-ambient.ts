import type { Ambient } from "../../../worker/ambient.ts";

/** A clock that moves when it is told to, and ids that only differ. */
export interface ManualAmbient extends Ambient {
  /** Milliseconds since 1970; what `now` gives. */
  time: number;
}

export function manualAmbient(time = Date.parse("2026-11-23T09:00:00.000Z")): ManualAmbient {
  let drawn = 0;
  const ambient: ManualAmbient = {
    time,
    now: () => ambient.time,
    randomId: () => {
      drawn++;
      return `00000000-0000-4000-8000-${String(drawn).padStart(12, "0")}`;
    },
  };
  return ambient;
}
