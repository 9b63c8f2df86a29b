// Loaded into a process before anything else: adds its own id, and the id of every process that it starts, to the file
// STARTED_PROCESSES.
import { ChildProcess } from "node:child_process";
import { appendFileSync } from "node:fs";

const { STARTED_PROCESSES = "" } = process.env;
const { spawn } = ChildProcess.prototype;

appendFileSync(STARTED_PROCESSES, `${process.pid}\n`);

// Not on the event "spawn": a hook may exit before it.
ChildProcess.prototype.spawn = function (options) {
  const result = spawn.call(this, options);
  if (this.pid !== undefined) appendFileSync(STARTED_PROCESSES, `${this.pid}\n`);
  return result;
};
