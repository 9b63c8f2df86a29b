/** The instance was lost. What it was asked may be done or not. */
export class ObjectReset extends Error {
  constructor() {
    super("The Durable Object was reset.");
  }
}
