/** Replaces the `cloudflare:workers` module in Node. */
export class DurableObject<Env> {
  protected readonly ctx: DurableObjectState;
  protected readonly env: Env;

  constructor(context: DurableObjectState, env: Env) {
    this.ctx = context;
    this.env = env;
  }
}
