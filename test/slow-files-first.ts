import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, mostly because they wait. They start first, so that none of them runs alone at the end.
 * Vitest knows durations only from an earlier run, which a fresh clone does not have.
 */
const SLOW_FILES = [
  "test/contract/encryption.test.ts",
  "test/contract/routes.test.ts",
  "client/network/http-client.test.ts",
  "hooks/session-start.test.ts",
  "cli/program.test.ts",
  "server/server.test.ts",
];

/** Starts {@link SLOW_FILES} first in each project, and the other files in vitest's order. */
export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((project) => {
      const own = sorted.filter((file) => file.project === project);
      return [...own.filter(isSlow), ...own.filter((file) => !isSlow(file))];
    });
  }
}

function isSlow({ moduleId }: TestSpecification): boolean {
  return SLOW_FILES.some((name) => moduleId.endsWith(`/${name}`));
}
