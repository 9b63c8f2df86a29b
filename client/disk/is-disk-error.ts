/** A full disk, a read-only home: an error of the system, not a defect of ours. */
export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
