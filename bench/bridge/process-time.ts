import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Ids of the processes with this name that this process has started and that still run. Linux alone; empty elsewhere. */
export function childrenNamed(name: string): number[] {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").filter((entry) => /^[0-9]+$/.test(entry));
  return pids.map(Number).filter((pid) => {
    const stat = readStat(pid);
    return stat?.name === name && Number(stat.fields[1]) === process.pid;
  });
}

/** What a process and all its threads have computed so far, in milliseconds: its own time and the kernel's for it. */
export function cpuMs(pid: number): number {
  const fields = readStat(pid)?.fields;
  return ((Number(fields?.[11]) + Number(fields?.[12])) * 1000) / ticksPerSecond();
}

/** `/proc/<pid>/stat`: the name, which may hold anything, and the fields after it, from the state on. */
function readStat(pid: number): { name: string; fields: string[] } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    return { name: text.slice(text.indexOf("(") + 1, end), fields: text.slice(end + 2).split(" ") };
  } catch {
    return null; // it has ended meanwhile
  }
}

let ticks: number | undefined;

function ticksPerSecond(): number {
  ticks ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  return ticks;
}
