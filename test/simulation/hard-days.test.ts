import { describeRuns } from "./describe-runs.ts";

describeRuns([
  ["seed 1", "spent", "docs"],
  ["seed 2", "spent", "harsh"],
  ["seed 1", "long", "harsh"],
  ["seed 2", "long", "beyond"],
  ["seed 1", "restless", "docs"],
  ["seed 2", "restless", "harsh"],
  ["seed 7", "restless", "beyond"],
  ["seed 9", "restless", "beyond"],
]);
