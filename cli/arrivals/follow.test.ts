import { describe, expect, it } from "vitest";
import { PhotonError } from "../../client/bridge/photon-error.ts";
import type { Message } from "../../contract/message.ts";
import { received } from "../../test/support/mail/received.ts";
import { follow } from "./follow.ts";

const message = (content: string): Message => ({
  id: content,
  from: "pc",
  to: "mac",
  project: null,
  timestamp: "2026-11-23T10:00:00Z",
  tags: [],
  read: false,
  content,
  kind: "note",
});
const offline = (retryAfterMs?: number) => new PhotonError("offline", "It is away.", { retryAfterMs });

/** Each check returns the next entry of `looks`, or throws it. Everything that happens is recorded. */
function scene(looks: readonly (readonly string[] | Error)[]) {
  const happened: string[] = [];
  const interruption = new AbortController();
  const deadline = new AbortController();
  const rest = [...looks];
  const run = async () => {
    const arriving = follow({
      arrivals: {
        async next(signal) {
          happened.push("wait");
          if (rest.length > 0) return;
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        },
      },
      messages: {
        async take() {
          const look = rest.shift() ?? [];
          if (look instanceof Error) throw look;
          return look.map((each) => received(message(each)));
        },
      },
      interruption: interruption.signal,
      deadline: deadline.signal,
      whenReady: () => happened.push("ready"),
      whenAway: ({ message: words }) => happened.push(`away: ${words}`),
      whenBack: () => happened.push("back"),
      pause: async (ms) => happened.push(`pause ${ms <= 30_000 ? "" : ms}`.trim()),
    });
    for await (const { content } of arriving) happened.push(content);
  };
  return { happened, interruption, deadline, run };
}

describe("following new messages", () => {
  it("checks, reports that it is ready, and then checks whenever there may be new mail", async () => {
    const { happened, deadline, run } = scene([["one"], [], ["two", "three"]]);
    const running = run();
    await expect.poll(() => happened.at(-1)).toBe("wait");
    deadline.abort();
    await running;
    expect(happened).toEqual(["wait", "ready", "one", "wait", "wait", "two", "three", "wait"]);
  });

  it("says once that the bridge is away and once that it is back, and checks again without waiting for a signal", async () => {
    const { happened, deadline, run } = scene([[], offline(), offline(), ["missed"], offline(), ["later"]]);
    const running = run();
    await expect.poll(() => happened.at(-1)).toBe("wait");
    deadline.abort();
    await running;
    const outage = ["away: It is away.", "pause"];
    expect(happened).toEqual([
      "wait",
      "ready",
      "wait",
      ...outage,
      "pause",
      "back",
      "missed",
      "wait",
      ...outage,
      "back",
      "later",
      "wait",
    ]);
  });

  it("pauses as long as the bridge asks for, within a limit", async () => {
    const { happened, deadline, run } = scene([offline(90_000), offline(86_400_000), []]);
    const running = run();
    await expect.poll(() => happened.at(-1)).toBe("wait");
    deadline.abort();
    await running;
    expect(happened.filter((each) => each.startsWith("pause"))).toEqual(["pause 90000", "pause 600000"]);
  });

  it("checks once more at the deadline, even without a signal", async () => {
    const { happened, deadline, run } = scene([[], ["never announced"]]);
    deadline.abort();
    await run();
    expect(happened).toEqual(["ready"]);
    await run();
    expect(happened).toEqual(["ready", "ready", "never announced"]);
  });

  it("fails if the bridge cannot be reached at the end", async () => {
    const { deadline, run } = scene([offline()]);
    deadline.abort();
    await expect(run()).rejects.toThrow("It is away.");
  });

  it("fails immediately on a permanent error, such as a wrong key", async () => {
    const { happened, run } = scene([[], new PhotonError("unauthorized", "The key is wrong.")]);
    await expect(run()).rejects.toThrow("The key is wrong.");
    expect(happened).toEqual(["wait", "ready", "wait"]);
  });

  it("ends with the reason of the interruption, without another check", async () => {
    const { happened, interruption, run } = scene([["one"]]);
    const running = run();
    await expect.poll(() => happened.at(-1)).toBe("wait");
    interruption.abort(new Error("Ctrl-C"));
    await expect(running).rejects.toThrow("Ctrl-C");
    expect(happened).toEqual(["wait", "ready", "one", "wait"]);
  });
});
