/**
 * Test files that start a bridge, or real programs dozens of times: minutes, which `npm test` has not. `npm run faults` has them.
 */
export const MANY_PROCESSES = [
  "cli/commands/doctor.test.ts",
  "cli/commands/send-from-ci.test.ts",
  "cli/commands/setup-terminal.test.ts",
  "cli/commands/watch.test.ts",
  "hooks/hostile-folders.test.ts",
  "scripts/bridge.test.ts",
  "scripts/demo.test.ts",
  "scripts/deploy-bridge.test.ts",
  "test/contract/capsules.test.ts",
  "test/contract/joined-cli.test.ts",
  "test/contract/live.test.ts",
  "test/contract/machine-list.test.ts",
  "test/contract/resume-handover.test.ts",
  "test/dishonest-bridge.test.ts",
  "test/docs-curl.test.ts",
  "test/nothing-leaks.test.ts",
  "test/old-node.test.ts",
  "test/other-clients.test.ts",
  "test/private-files.test.ts",
  "test/settings-file.test.ts",
];
