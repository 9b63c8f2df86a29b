import { readFileSync } from "node:fs";

/** Whether a process is there and can still do something. Another one may have got its number meanwhile. */
export function isRunning(pid: number): boolean {
  if (pid <= 0) return false; // a group of processes, not one
  try {
    process.kill(pid, 0);
  } catch (error) {
    return Object(error).code === "EPERM"; // another user's
  }
  return !isZombie(pid);
}

/** A process that was killed keeps its number until its parent asks how it ended, or its last thread is gone (Linux). */
function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z");
  } catch {
    return false; // no such file on this system
  }
}
