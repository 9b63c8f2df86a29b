/** The command line itself is wrong or says too little: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
