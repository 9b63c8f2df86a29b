import { runInDurableObject } from "cloudflare:test";
import { bridgeObject } from "./bridge.ts";

export interface Rows {
  readonly read: number;
  readonly written: number;
}

/** Counts the rows that the object's statements read and write. Each call of the result returns and resets the counts. */
export async function countRows(): Promise<() => Promise<Rows>> {
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  await runInDurableObject(bridgeObject(), (_, { storage }) => {
    const exec = storage.sql.exec.bind(storage.sql);
    storage.sql.exec = (query, ...values) => {
      const cursor = exec<Record<string, SqlStorageValue>>(query, ...values);
      cursors.push(cursor);
      return cursor as never; // the rows are the caller's
    };
  });
  return () =>
    runInDurableObject(bridgeObject(), () => {
      const spent = cursors.splice(0);
      return {
        read: spent.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
        written: spent.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0),
      };
    });
}
