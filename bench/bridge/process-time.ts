import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Pids of running child processes with this name. Only on Linux; empty elsewhere. */
export function childrenNamed(name: string): number[] {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").filter((entry) => /^[0-9]+$/.test(entry));
  return pids.map(Number).filter((pid) => {
    const stat = readStat(pid);
    return stat?.name === name && Number(stat.fields[1]) === process.pid;
  });
}

/** The CPU time of a process and its threads so far, user and system, in milliseconds. */
export function cpuMs(pid: number): number {
  const fields = readStat(pid)?.fields;
  return ((Number(fields?.[11]) + Number(fields?.[12])) * 1000) / ticksPerSecond();
}

/** Reads `/proc/<pid>/stat`: the name, which may contain any character, and the fields after it. */
function readStat(pid: number): { name: string; fields: string[] } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    return { name: text.slice(text.indexOf("(") + 1, end), fields: text.slice(end + 2).split(" ") };
  } catch {
    return null; // the process has ended
  }
}

let ticks: number | undefined;

function ticksPerSecond(): number {
  ticks ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  return ticks;
}
