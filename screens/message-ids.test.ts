import { describe, expect, it } from "vitest";
import { shortIds } from "./message-ids.ts";

describe("shortIds", () => {
  it("returns the whole id where two would look the same, and the beginning of the others", () => {
    const [one, two, three] = ["5f0f4b2c-6a43", "5f0f4b2c-9a55", "81b0c7e2-6a43"];
    expect([...shortIds([one, two, three]).values()]).toEqual([one, two, "81b0c7e2"]);
  });
});
