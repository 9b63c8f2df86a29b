import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { Message } from "../../contract/message.ts";
import { Bridge } from "./bridge.ts";

const SENDS = 500;
const SENDERS = 16;

it(`a bridge that is killed with SIGKILL during ${SENDS} sends has every acknowledged message once, with its text`, async () => {
  const bridge = await Bridge.start();
  try {
    const acknowledged = new Map<string, string>();
    let next = 0;
    let killing: Promise<void> | null = null;
    const send = async (id: string, content: string): Promise<number> => {
      const response = await fetch(`${bridge.url}/messages`, {
        method: "POST",
        headers: { authorization: `Bearer ${bridge.key}`, "content-type": "application/json" },
        body: JSON.stringify({ id, content, from: "mac", to: "pc" }),
      });
      await response.json();
      return response.status;
    };
    const sender = async () => {
      while (next < SENDS && killing === null) {
        const [id, content] = [randomUUID(), `text ${next++} ${"x".repeat(next)}`];
        const status = await send(id, content).catch(() => 0); // 0: no answer
        if (status === 201) acknowledged.set(id, content);
        if (acknowledged.size === SENDS / 2) killing ??= bridge.kill();
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    await killing;
    expect(acknowledged.size).toBeGreaterThanOrEqual(SENDS / 2);
    expect(acknowledged.size).toBeLessThan(SENDS);

    await bridge.start();
    const stored = (await bridge.everything()).map((message) => Message.parse(message));
    const texts = new Map(stored.map(({ id, content }) => [id, content]));
    expect(texts.size).toBe(stored.length);
    for (const [id, content] of acknowledged) expect(texts.get(id)).toBe(content);
    // A client without an answer sends again with the same id, and the rest follows.
    const [[known, content] = ["", ""]] = acknowledged;
    expect(await send(known, content)).toBe(200);
    expect(await send(randomUUID(), "after")).toBe(201);
  } finally {
    await bridge.end();
  }
});
