/** The contract's pattern. It is a plain file name on every system, so an id cannot point to a file elsewhere. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function isPlainSession(session: string): boolean {
  return SESSION_ID.test(session);
}
