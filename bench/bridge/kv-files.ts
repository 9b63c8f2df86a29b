import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";

const StoredRow = z.object({
  key: z.string(),
  blob_id: z.string(),
  /** Milliseconds since 1970. */
  expiration: z.number().nullable(),
  /** JSON. */
  metadata: z.string().nullable(),
});

export interface Row {
  readonly key: string;
  readonly value: string;
  readonly expiration: number | null;
  readonly metadata: string | null;
}

/**
 * A KV namespace of miniflare on disk, while no workerd has it open: a table of keys and a file per value. Writing a
 * hundred thousand keys through the API takes minutes. The format is that of the pinned version; the load checks that the
 * script sees the data.
 */
export class KvFiles {
  readonly #database: DatabaseSync;
  readonly #blobs: string;
  readonly #blobIds = new Map<string, string>();

  private constructor(database: DatabaseSync, blobs: string) {
    this.#database = database;
    this.#blobs = blobs;
  }

  /** @param folder - miniflare's data folder. @throws if it has no namespace with a key */
  static open(folder: string): KvFiles {
    const kv = join(folder, "kv");
    const databases = join(kv, "miniflare-KVNamespaceObject");
    for (const file of readdirSync(databases).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))) {
      const database = new DatabaseSync(join(databases, file));
      const first = StoredRow.safeParse(database.prepare("SELECT * FROM _mf_entries").get());
      const blobs = readdirSync(kv).map((namespace) => join(kv, namespace, "blobs"));
      const own = first.success && blobs.find((each) => existsSync(join(each, first.data.blob_id)));
      if (own) return new KvFiles(database, own);
      database.close();
    }
    throw new Error("The script wrote nothing to KV.");
  }

  rows(): Row[] {
    const stored = z.array(StoredRow).parse(this.#database.prepare("SELECT * FROM _mf_entries ORDER BY key").all());
    return stored.map(({ blob_id, ...row }) => ({ ...row, value: readFileSync(join(this.#blobs, blob_id), "utf8") }));
  }

  /** Adds rows, replacing those with the same key. */
  write(rows: Iterable<Row>): void {
    const insert = this.#database.prepare("INSERT OR REPLACE INTO _mf_entries VALUES (?, ?, ?, ?)");
    this.#database.exec("BEGIN");
    for (const { key, value, expiration, metadata } of rows) insert.run(key, this.#blobOf(value), expiration, metadata);
    this.#database.exec("COMMIT");
  }

  clear(): void {
    this.#database.exec("DELETE FROM _mf_entries");
  }

  close(): void {
    this.#database.close();
  }

  /** Equal values share a file. */
  #blobOf(value: string): string {
    const known = this.#blobIds.get(value);
    if (known !== undefined) return known;
    const id = Buffer.from(crypto.getRandomValues(new Uint8Array(40))).toString("hex");
    writeFileSync(join(this.#blobs, id), value);
    this.#blobIds.set(value, id);
    return id;
  }
}
