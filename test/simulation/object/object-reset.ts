/** The instance was lost. The call may have been done or not. */
export class ObjectReset extends Error {
  constructor() {
    super("The Durable Object was reset.");
  }
}
