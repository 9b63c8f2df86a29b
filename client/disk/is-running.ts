import { readFileSync } from "node:fs";

/** Whether a process with this number exists and is not a zombie. A different process may have reused the number. */
export function isRunning(pid: number): boolean {
  if (pid <= 0) return false; // names a process group, not a process
  try {
    process.kill(pid, 0);
  } catch (error) {
    return Object(error).code === "EPERM"; // it belongs to another user
  }
  return !isZombie(pid);
}

/** On Linux an ended process keeps its number until its parent reads its exit status and its last thread has ended. */
function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z");
  } catch {
    return false; // this system has no /proc
  }
}
