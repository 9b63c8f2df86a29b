/** What the object imports from `cloudflare:workers`, for Node. */
export class DurableObject<Env> {
  protected readonly ctx: DurableObjectState;
  protected readonly env: Env;

  constructor(context: DurableObjectState, env: Env) {
    this.ctx = context;
    this.env = env;
  }
}
