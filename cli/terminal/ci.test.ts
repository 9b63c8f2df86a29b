import { expect, it } from "vitest";
import { isCi } from "./ci.ts";

it.each([
  [{ CI: "true" }, true],
  [{ CI: "1" }, true],
  [{ CI: "woodpecker" }, true],
  [{ TF_BUILD: "True" }, true],
  [{ TEAMCITY_VERSION: "2026.1" }, true],
  [{ CODEBUILD_BUILD_ID: "photon:1" }, true],
  [{ CI: "", TF_BUILD: "True" }, true],
  [{}, false],
  [{ CI: "" }, false],
  [{ CI: "false" }, false],
  [{ CI: "0" }, false],
  [{ CI: "False", TF_BUILD: "True" }, false],
])("with the variables %o, a CI job runs the command: %s", (env, expected) => {
  expect(isCi(env)).toBe(expected);
});
