/** As the contract has it; and a plain file name on every system, so a session cannot name a file elsewhere. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function isPlainSession(session: string): boolean {
  return SESSION_ID.test(session);
}
