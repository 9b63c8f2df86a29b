import { type ChildProcess, spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** Kills a process when the guard's stdin closes. */
const GUARD = "process.stdin.resume().on('end', () => { try { process.kill(+process.argv[1], 'SIGKILL') } catch {} })";

/**
 * Ends programs that are started from now on together with this process, even if this process is killed and cannot run a
 * handler: a small guard process holds a pipe to this one and kills the program when the pipe closes. For programs started
 * by a library that do not notice the end of their parent, such as workerd, which would keep its port.
 *
 * @param isGuarded - whether to guard a started program, by its path
 * @returns a function that stops guarding new programs; running ones stay guarded
 */
export function endWithThisProcess(isGuarded: (program: string) => boolean): () => void {
  const watch = (message: unknown) => {
    const child = childOf(message);
    // Its path and pid are known only after this event.
    child?.once("spawn", () => {
      if (isGuarded(child.spawnfile)) guardChild(child);
    });
  };
  subscribe("child_process", watch);
  return () => {
    unsubscribe("child_process", watch);
  };
}

function guardChild(child: ChildProcess): void {
  // In its own process group: Ctrl-C in a terminal reaches the whole group, and the guard must survive it.
  const guard = spawn(process.execPath, ["-e", GUARD, String(child.pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    windowsHide: true,
  });
  guard.on("error", () => undefined); // without a guard the child just runs unguarded
  guard.stdin.on("error", () => undefined);
  guard.unref();
  child.once("exit", () => guard.kill("SIGKILL"));
}

/** Node documents the channel's message as `{ process: ChildProcess }`. */
function childOf(message: unknown): ChildProcess | null {
  const child = typeof message === "object" && message !== null && "process" in message ? message.process : null;
  return isChildProcess(child) ? child : null;
}

function isChildProcess(value: unknown): value is ChildProcess {
  return typeof value === "object" && value !== null && "spawnfile" in value;
}
