import { runInDurableObject } from "cloudflare:test";
import { beforeEach } from "vitest";
import { bridgeObject } from "./bridge.ts";

// For every file: `reset()` forgets what the objects in memory have, and one that was not used for ten seconds, as on a
// busy machine between two files, is not in memory. It would keep everything. So it is woken before it is reset.
beforeEach(() => runInDurableObject(bridgeObject(), () => undefined));
