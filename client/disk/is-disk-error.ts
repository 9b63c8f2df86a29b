/** Whether the system reported the error (a full disk, a read-only home), so that it is not a defect of Photon. */
export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
