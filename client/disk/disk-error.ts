/** Whether the system reported the error (a full disk, a read-only home), so that it is not a defect of Photon. */
export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** The system's code of a failure, such as `ENOENT`; undefined if the error has none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
