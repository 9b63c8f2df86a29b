// SCRATCH: until worker/object/bridge.ts is there.
import type { Env } from "../../worker/env.ts";
import { Mailroom } from "../../worker/store/mailroom/mailroom.ts";

export class StandIn extends Mailroom {
  readonly #kept: number;
  constructor(context: DurableObjectState, env: Env, kept = 120_000) {
    super(context, env);
    this.#kept = kept;
    context.storage.sql.exec("CREATE TABLE IF NOT EXISTS archive (id TEXT PRIMARY KEY, state INTEGER, at INTEGER)");
  }
  override async ask(...args: Parameters<Mailroom["ask"]>) {
    const out = await super.ask(...args);
    if (args[0] === "send" && "done" in out && !(out.done as { duplicate: boolean }).duplicate)
      this.ctx.storage.sql.exec("INSERT OR IGNORE INTO archive VALUES (?, 0, 0)", (out.done as { id: string }).id);
    if (["send", "remove", "clear"].includes(args[0])) await this.#plan(1000);
    return out;
  }
  async #plan(inMs: number) {
    const current = await this.ctx.storage.getAlarm();
    const at = Date.now() + inMs;
    if (current === null || current > at) await this.ctx.storage.setAlarm(at);
  }
  override async alarm() {
    const sql = this.ctx.storage.sql;
    const now = Date.now();
    const cleared = `(SELECT coalesce(max(value), 0) FROM state WHERE name = 'cleared')`;
    const gone = `(m.gone = 1 OR m.place <= ${cleared} OR m.expires_at <= ${now + 60_000})`;
    sql.exec(`UPDATE archive SET state = 4 WHERE state = 0 AND id IN (SELECT id FROM messages m WHERE ${gone})`);
    sql.exec(
      `UPDATE messages SET content = '"__kv__"' WHERE gone = 0 AND id IN (SELECT id FROM archive WHERE state = 1 AND at <= ?)`,
      now - this.#kept,
    );
    sql.exec("UPDATE archive SET state = 2 WHERE state = 1 AND at <= ?", now - this.#kept);
    const batch = sql
      .exec<{ id: string; content: string; tags: string; expires_at: number | null }>(
        "SELECT a.id, m.content, m.tags, m.expires_at FROM archive a JOIN messages m ON m.id = a.id WHERE a.state = 0 LIMIT 25",
      )
      .toArray();
    let failed = false;
    for (const { id, content, tags, expires_at } of batch) {
      const ttl = expires_at === null ? 2_592_000 : Math.max(60, Math.ceil((expires_at - now) / 1000));
      try {
        sql.exec("UPDATE archive SET at = -1 WHERE id = ?", id);
        await this.env.MESSAGES.put(`m:${id}`, JSON.stringify({ content: JSON.parse(content), tags: JSON.parse(tags) }), { expirationTtl: ttl });
        sql.exec("UPDATE archive SET state = 1, at = ? WHERE id = ? AND state = 0", Date.now(), id);
      } catch {
        failed = true;
        break;
      }
    }
    const del = sql
      .exec<{ id: string }>(`SELECT a.id FROM archive a JOIN messages m ON m.id = a.id WHERE (a.state IN (1, 2) OR (a.state = 4 AND a.at = -1)) AND ${gone} LIMIT 20`)
      .toArray();
    for (const { id } of del) {
      try {
        await this.env.MESSAGES.delete(`m:${id}`);
        sql.exec("UPDATE archive SET state = 5 WHERE id = ?", id);
      } catch {
        failed = true;
        break;
      }
    }
    const rest = sql.exec<{ s: number; n: number }>("SELECT min(state) AS s, count(*) AS n FROM archive WHERE state < 2").one();
    if (failed) await this.#plan(120_000);
    else if (rest.s === 0 || del.length > 0) await this.#plan(1_000);
    else if (rest.n > 0) await this.#plan(this.#kept);
    else await this.#plan(600_000);
  }
}

export function fillingNamespace(namespace: unknown, kv: KVNamespace, first: boolean) {
  const stub = (namespace as { getByName(n: string): Mailroom }).getByName("m");
  return {
    getByName: () => ({
      ask: async (name: string, args: unknown[]) => {
        const out = (await Reflect.apply(stub.ask, stub, [name, args])) as { done?: unknown };
        if (name !== "list" && name !== "get") return out;
        const done = out.done as { messages?: { id: string; content: string; tags: string[] }[]; id?: string } | null;
        const messages = done?.messages ?? (done ? [done as unknown as { id: string; content: string; tags: string[] }] : []);
        const wanted = messages.filter(({ content }) => first || content === "__kv__");
        if (wanted.length === 0) return out;
        let got = new Map<string, { content: string; tags: string[] } | null>();
        try {
          got = (await kv.get(wanted.map(({ id }) => `m:${id}`), { type: "json" })) as typeof got;
        } catch {}
        for (const m of wanted) {
          const found = got.get(`m:${m.id}`);
          if (found) Object.assign(m, found);
          else if (m.content === "__kv__" && name === "get") throw new Error("unavailable");
        }
        if (done?.messages) {
          (done as { unavailable?: string[] }).unavailable = messages.filter((m) => m.content === "__kv__").map((m) => m.id);
          done.messages = messages.filter((m) => m.content !== "__kv__");
        }
        return out;
      },
    }),
  };
}
