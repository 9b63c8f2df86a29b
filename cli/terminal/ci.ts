/**
 * The variables by which CI systems make themselves known. Nearly all set `CI`; Azure Pipelines, TeamCity and AWS CodeBuild
 * set only their own.
 */
const CI_VARIABLES = ["CI", "TF_BUILD", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID"];

/** Whether a CI job runs this command. `CI=false` and `CI=0` say no, whatever else is set. */
export function isCi(env: NodeJS.ProcessEnv): boolean {
  if (/^(?:false|0)$/i.test(env.CI?.trim() ?? "")) return false;
  return CI_VARIABLES.some((name) => Boolean(env[name]?.trim()));
}
