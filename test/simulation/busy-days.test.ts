import { describeRuns } from "./describe-runs.ts";

describeRuns([
  ["seed 1", "crowded", "harsh"],
  ["seed 2", "crowded", "beyond"],
  ["seed 1", "calm", "docs"],
  ["seed 2", "calm", "harsh"],
  ["seed 3", "calm", "beyond"],
]);
