import { runInDurableObject } from "cloudflare:test";
import { bridgeObject } from "./bridge.ts";

/** Fills the audit log to its limit. */
export const fillLog = () =>
  runInDurableObject(bridgeObject(), (_, { storage }) => {
    storage.sql.exec(
      `INSERT INTO audit (place, at, what) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
       SELECT 100 + i, ?, 'renamed' FROM n`,
      Date.now(),
    );
  });
