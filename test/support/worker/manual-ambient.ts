import type { Ambient } from "../../../worker/ambient.ts";
import type { Surroundings } from "../../../worker/object/mail/mail.ts";

/** A clock that the test moves, and ids that are counted up. */
export interface ManualAmbient extends Ambient {
  /** The result of `now`, in milliseconds since 1970. */
  time: number;
}

/** Mail without sockets, on a bridge that no machine has joined. */
export const ALONE: Surroundings = { onChange: () => undefined, namesOf: (name) => [name], mailSince: () => 0 };

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
