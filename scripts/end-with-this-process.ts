import { type ChildProcess, spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** Ends a process once nobody holds the guard's stdin open any more. */
const GUARD = "process.stdin.resume().on('end', () => { try { process.kill(+process.argv[1], 'SIGKILL') } catch {} })";

/**
 * Sees to it that a program started from now on does not outlive this process, even when this one is killed and can run
 * no handler: a small process holds a pipe to this one, and ends the program when the pipe breaks. For a program that a
 * library starts and that does not notice itself that its parent is gone, as workerd: it would keep the port.
 *
 * @param isMeant - whether a started program is one to guard, by its path
 * @returns stops watching for new ones; those that run stay guarded
 */
export function endWithThisProcess(isMeant: (program: string) => boolean): () => void {
  const watch = (message: unknown) => {
    const child = childOf(message);
    // Only then has it a path and a pid.
    child?.once("spawn", () => {
      if (isMeant(child.spawnfile)) guardChild(child);
    });
  };
  subscribe("child_process", watch);
  return () => {
    unsubscribe("child_process", watch);
  };
}

function guardChild(child: ChildProcess): void {
  // In a group of its own: Ctrl-C in a terminal reaches every process of the group, and the guard must be the last.
  const guard = spawn(process.execPath, ["-e", GUARD, String(child.pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    windowsHide: true,
  });
  guard.on("error", () => undefined); // none could be started: then the child is as safe as without one
  guard.stdin.on("error", () => undefined);
  guard.unref();
  child.once("exit", () => guard.kill("SIGKILL"));
}

/** The channel's message, as Node documents it: `{ process: ChildProcess }`. */
function childOf(message: unknown): ChildProcess | null {
  const child = typeof message === "object" && message !== null && "process" in message ? message.process : null;
  return isChildProcess(child) ? child : null;
}

function isChildProcess(value: unknown): value is ChildProcess {
  return typeof value === "object" && value !== null && "spawnfile" in value;
}
