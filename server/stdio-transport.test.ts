import { PassThrough, Writable } from "node:stream";
import { expect, it } from "vitest";
import { StdioTransport } from "./stdio-transport.ts";

const answer = (id: number) => ({ jsonrpc: "2.0", id, result: {} }) as const;

/** What was called back, in order. */
function called(transport: StdioTransport, ...ids: number[]): number[] {
  const done: number[] = [];
  for (const id of ids) transport.whenSent(id, () => done.push(id));
  return done;
}

it("calls back once when the answer is written, for this answer alone", async () => {
  const transport = new StdioTransport(new PassThrough(), new PassThrough());
  const done = called(transport, 1, 2);
  await transport.send(answer(2));
  expect(done).toEqual([2]);
  await transport.send(answer(2));
  expect(done).toEqual([2]);
});

it("does not call back for an error, nor for what the server asks the client", async () => {
  const transport = new StdioTransport(new PassThrough(), new PassThrough());
  const done = called(transport, 1, 2);
  await transport.send({ jsonrpc: "2.0", id: 1, error: { code: -32603, message: "no" } });
  await transport.send({ jsonrpc: "2.0", id: 2, method: "ping" });
  expect(done).toEqual([]);
});

it("does not call back as long as the client takes nothing", async () => {
  let take = () => {};
  const stuck = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, callback) => {
      take = callback;
    },
  });
  const transport = new StdioTransport(new PassThrough(), stuck);
  const done = called(transport, 1);
  const sending = transport.send(answer(1));
  await new Promise(setImmediate);
  expect(done).toEqual([]);
  take();
  await sending;
  expect(done).toEqual([1]);
});
