import type { Paths } from "../paths.ts";
import { numberField, readPrivateJson, textField, writePrivateJson } from "../private-file.ts";

/** How this machine hears of news: at once over a line to the bridge, or by asking every half minute. */
export interface LiveState {
  readonly how: "live" | "polling";
  /** Since when, in this machine's milliseconds since 1970. */
  readonly since: number;
  /** The process that has the line, or asks. */
  readonly pid: number;
  readonly workerUrl: string;
}

/** @throws the file system's own error */
export function saveLiveState(paths: Pick<Paths, "live">, state: LiveState): void {
  writePrivateJson(paths.live, { v: 1, ...state });
}

/** @returns null when no session of this machine has listened yet; the process may be gone meanwhile */
export function readLiveState(paths: Pick<Paths, "live">): LiveState | null {
  const file = readPrivateJson(paths.live);
  const how = textField(file, "how");
  const since = numberField(file, "since");
  const pid = numberField(file, "pid");
  const workerUrl = textField(file, "workerUrl");
  if (since === undefined || pid === undefined || workerUrl === undefined) return null;
  return { how: how === "live" ? "live" : "polling", since, pid, workerUrl };
}
