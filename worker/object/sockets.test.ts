import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { ROUTES } from "../../contract/api.ts";
import { Changed, Heard, LIVE_CLOSE, PING, PONG } from "../../contract/live.ts";
import { bridgeObject, call, problemOf, sent } from "../../test/support/worker/bridge.ts";
import { Sockets } from "./sockets.ts";

beforeEach(() => reset());

/** One socket of a machine, and what came over it. */
class Line {
  readonly #socket: WebSocket;
  readonly texts: string[] = [];
  closed: number | null = null;
  #pongs = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (data === PONG) this.#pongs++;
      else this.texts.push(String(data));
    });
    socket.addEventListener("close", ({ code }) => {
      this.closed = code;
    });
    socket.accept();
  }

  static async open(machine: string, { cursor }: { cursor?: string } = {}) {
    const query = new URLSearchParams({ reader: machine, ...(cursor === undefined ? {} : { cursor }) });
    const response = await exports.default.fetch(`https://bridge.example/live?${query}`, {
      headers: { authorization: `Bearer ${env.BRIDGE_API_KEY}`, upgrade: "websocket" },
    });
    if (!response.webSocket) throw new Error(`${response.status} ${await response.text()}`);
    return new Line(response.webSocket);
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  /** The cursor of the newest thing it was told; says that it heard. */
  async hear(count: number): Promise<string> {
    await expect.poll(() => this.texts.length).toBe(count);
    const { cursor } = Changed.parse(JSON.parse(this.texts.at(-1) ?? ""));
    this.say(JSON.stringify(Heard.parse({ type: "heard", cursor })));
    return cursor;
  }

  /** What was said before it is answered: then whatever the bridge had to say came before. */
  async settled(): Promise<string[]> {
    const before = this.#pongs;
    this.say(PING);
    await expect.poll(() => this.#pongs).toBe(before + 1);
    return this.texts;
  }
}

const online = async () => {
  const { machines } = ROUTES.machines.answer.parse(await (await call("GET", "/machines")).json());
  return machines.filter((machine) => machine.online).map(({ machine }) => machine);
};

const onlineAfter = (ms: number) =>
  runInDurableObject(bridgeObject(), (_, state) => {
    const mail = { cursor: () => "", unread: () => ({ etag: "", summary: null }) };
    return [...new Sockets(state, mail, () => Date.now() + ms).online()];
  });

describe("a socket", () => {
  it("makes its machine online as long as it sends heartbeats", async () => {
    await sent({ from: "pc" });
    await sent({ from: "mac" });
    expect(await online()).toEqual([]);
    const line = await Line.open("PC/photon");
    await line.settled();
    expect(await online()).toEqual(["pc"]);
    expect([await onlineAfter(60_000), await onlineAfter(2 * 60_000)]).toEqual([["pc"], []]);
  });

  it("that dies before its first heartbeat does not keep its machine online", async () => {
    await sent({ from: "pc" });
    await Line.open("pc");
    expect([await onlineAfter(60_000), await onlineAfter(2 * 60_000)]).toEqual([["pc"], []]);
  });

  it("signals at once that its machine has missed changes", async () => {
    const line = await Line.open("pc");
    expect(await line.hear(1)).toMatch(/./);
    await sent({ to: "pc" });
    await line.hear(2);
    expect(await line.settled()).toHaveLength(2);
  });

  it("signals messages to its machine or to everyone, and no others", async () => {
    const line = await Line.open("PC");
    await line.hear(1);
    await sent({ to: "box" });
    expect(await line.settled()).toHaveLength(1);
    await sent({ to: "pc/photon" });
    await line.hear(2);
    await sent({ to: "*/photon" });
    await line.hear(3);
    await sent({});
    await line.hear(4);
  });

  it("carries its reader's unread counts, the same as an unread check", async () => {
    const sessions = [
      { reader: "PC/photon", counts: [0, 1, 1, 2] },
      { reader: "pc/other", counts: [0, 1, 2, 2] },
    ];
    const lines = await Promise.all(sessions.map(({ reader }) => Line.open(reader)));
    for (const [i, to] of ["pc", "*/other", "pc/photon", "box"].entries()) {
      for (const [j, { reader, counts }] of sessions.entries()) {
        const line = lines[j];
        await line?.hear(i + 1);
        const { unread } = Changed.parse(JSON.parse(line?.texts.at(-1) ?? ""));
        expect(unread).toEqual(await (await call("GET", `/unread?reader=${reader}`)).json());
        expect(unread.unread).toBe(counts[i]);
      }
      await sent({ to, kind: "task" });
    }
  });

  it("signals deletions, and marks that others may see", async () => {
    const line = await Line.open("pc");
    await line.hear(1);
    const { id } = await sent({ to: "pc", kind: "handover" });
    await line.hear(2);
    await call("POST", "/messages/taken", { body: { reader: "box", ids: [id] } });
    await line.hear(3);
    await call("DELETE", `/messages/${id}`);
    await line.hear(4);
    await call("DELETE", "/messages?confirm=true");
    await line.hear(5);
  });

  it("signals a machine's marks to its own other sessions, and to no other machine", async () => {
    const { id } = await sent({ to: "pc" });
    const [pc, box] = [await Line.open("pc"), await Line.open("box")];
    await pc.hear(1);
    await box.hear(1);
    await call("POST", "/messages/read", { body: { reader: "PC/photon", ids: [id] } });
    await pc.hear(2);
    await call("POST", "/messages/read", { body: { reader: "PC/photon", ids: [id] } }); // changes nothing
    expect([(await pc.settled()).length, (await box.settled()).length]).toEqual([2, 1]);
  });

  it("has at most one unacknowledged signal, and the next one covers all changes since", async () => {
    const line = await Line.open("pc");
    for (let i = 0; i < 20; i++) await sent({ to: "pc" });
    expect(await line.settled()).toHaveLength(1);
    await line.hear(1);
    await line.hear(2);
    expect(await line.settled()).toHaveLength(2);
  });

  it("is closed if a signal is not acknowledged for a minute, and resumes from its cursor", async () => {
    const line = await Line.open("pc");
    const cursor = await line.hear(1);
    await sent({ to: "pc" });
    await expect.poll(() => line.texts.length).toBe(2); // told, and never heard
    await runInDurableObject(bridgeObject(), (_, state) => {
      const [socket] = state.getWebSockets("pc");
      socket?.serializeAttachment({ ...socket.deserializeAttachment(), toldAt: Date.now() - 61_000 });
    });
    await sent({ to: "pc" });
    await expect.poll(() => line.closed).toBe(LIVE_CLOSE.slow);
    const next = await Line.open("pc", { cursor });
    await next.hear(1);
    expect(await next.settled()).toHaveLength(1);
  });

  it("ignores repeated and old acknowledgements", async () => {
    const line = await Line.open("pc");
    const old = await line.hear(1);
    await sent({ to: "pc" });
    await expect.poll(() => line.texts.length).toBe(2); // told, not heard yet
    for (let i = 0; i < 3; i++) line.say(JSON.stringify({ type: "heard", cursor: old }));
    await sent({ to: "pc" });
    expect(await line.settled()).toHaveLength(2);
    await line.hear(2);
    await line.hear(3);
  });

  it("is silent if the machine knows everything, and otherwise signals at once", async () => {
    const first = await Line.open("pc");
    const cursor = await first.hear(1);
    const second = await Line.open("pc", { cursor });
    expect(await second.settled()).toEqual([]);
    await sent({});
    const third = await Line.open("pc", { cursor });
    await third.hear(1);
  });

  it("is one per session: every session of a machine gets the signal", async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, () => Line.open("pc")));
    for (const session of sessions) await session.hear(1);
    await sent({ to: "pc" });
    for (const session of sessions) await session.hear(2);
    expect(sessions.map(({ closed }) => closed)).toEqual(Array(8).fill(null));
  });

  it.each(["", "hello", "{}", '{"type":"heard"}', '{"type":"heard","cursor":"x","more":1}', "x".repeat(2000)])(
    "is closed when it says %j",
    async (text) => {
      const line = await Line.open("pc");
      line.say(text);
      await expect.poll(() => line.closed).toBe(LIVE_CLOSE.unknown);
    },
  );

  it("continues after the object hibernated", async () => {
    const line = await Line.open("pc");
    await line.hear(1);
    await evictDurableObject(bridgeObject());
    await sent({ to: "pc" });
    await line.hear(2);
    expect(line.closed).toBeNull();
  });
});

describe("GET /live", () => {
  it("needs the key", async () => {
    const response = await call("GET", "/live?reader=pc", { headers: { authorization: "", upgrade: "websocket" } });
    expect(response.status).toBe(401);
  });

  it.each([
    ["/live?reader=pc", 400, /WebSocket/],
    ["/live", 400, /`reader` is missing/],
    ["/live?reader=*", 400, /must be a machine/],
    ["/live?reader=pc&x=1", 400, /unknown field/],
  ])("refuses %s", async (path, status, error) => {
    const problem = await problemOf(await call("GET", path));
    expect(problem).toMatchObject({ status, error: expect.stringMatching(error) });
  });
});
