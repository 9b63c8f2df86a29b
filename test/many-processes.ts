/**
 * Test files that start some hundred real processes each: minutes, which `npm test` has not. `npm run faults` has them.
 */
export const MANY_PROCESSES = [
  "scripts/demo.test.ts",
  "test/dishonest-bridge.test.ts",
  "test/nothing-leaks.test.ts",
  "test/private-files.test.ts",
];
