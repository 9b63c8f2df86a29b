"use strict";
// Loaded into a process before anything else: adds its own id, and the id of every process that it starts, to the file
// STARTED_PROCESSES. CommonJS, because a hook has little time and an ES module loads later.
const { ChildProcess } = require("node:child_process");
const { appendFileSync } = require("node:fs");

const { STARTED_PROCESSES = "" } = process.env;
const { spawn } = ChildProcess.prototype;
const record = (pid) => appendFileSync(STARTED_PROCESSES, `${pid}\n`);

record(process.pid);

// Not on the event "spawn": a hook may exit before it.
ChildProcess.prototype.spawn = function (options) {
  const result = spawn.call(this, options);
  if (this.pid !== undefined) record(this.pid);
  return result;
};
