import { version } from "../../package.json";

/** Whether the bridge is up. Asks neither the object nor KV. */
export function health(now: number): Response {
  return Response.json({ status: "ok", timestamp: new Date(now).toISOString(), version });
}
