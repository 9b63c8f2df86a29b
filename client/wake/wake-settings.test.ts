import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isQuiet, loadWakeSettings, parseQuietHours } from "./wake-settings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "photon wake "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const settings = (file: unknown, env: NodeJS.ProcessEnv = {}, project: string | null = "Photon") => {
  const config = join(folder, "config.json");
  writeFileSync(config, typeof file === "string" ? file : JSON.stringify(file));
  return loadWakeSettings({ env, paths: { config }, project });
};

describe("the wake policy", () => {
  it.each([
    ["off by default", {}, {}, "off"],
    ["the machine's setting", { wake: "tasks" }, {}, "tasks"],
    ["the project's setting before the machine's", { wake: "all", projects: { photon: { wake: "off" } } }, {}, "off"],
    ["not another project's setting", { projects: { lamp: { wake: "all" } } }, {}, "off"],
    [
      "the environment variable before both",
      { wake: "off", projects: { photon: { wake: "off" } } },
      { PHOTON_WAKE: "all" },
      "all",
    ],
  ])("is %s", (_, file, env, policy) => {
    expect(settings(file, env)).toMatchObject({ policy, quiet: null, notify: "off", problems: [] });
  });

  it.each([
    ["an invalid policy", { wake: "always" }, {}],
    ["invalid quiet hours", { wake: "all", quietHours: "at night" }, {}],
    ["an invalid variable", { wake: "all" }, { PHOTON_WAKE: "yes" }],
  ])("is off and reports a problem with %s", (_, file, env) => {
    const { policy, problems } = settings(file, env);
    expect([policy, problems.length]).toEqual(["off", 1]);
  });

  it("comes with its source, and ignores the case of a project's name", () => {
    const file = { wake: "tasks", projects: { PHOTON: { wake: "all" } } };
    expect(settings(file)).toMatchObject({ policy: "all", source: "project" });
    expect(settings(file, {}, null)).toMatchObject({ policy: "tasks", source: "machine" });
    expect(settings(file, { PHOTON_WAKE: " off " })).toMatchObject({ policy: "off", source: "PHOTON_WAKE" });
    expect(settings({})).toMatchObject({ source: "default" });
  });

  it.each([
    ["off by default", {}, false],
    ["the machine's", { wakeInAutoMode: true }, true],
    [
      "the project's before the machine's",
      { wakeInAutoMode: true, projects: { photon: { wakeInAutoMode: false } } },
      false,
    ],
    ["off for anything but true", { wakeInAutoMode: "yes" }, false],
  ])("comes with the choice for auto mode: %s", (_, file, isAutoModeAllowed) => {
    expect(settings(file)).toMatchObject({ isAutoModeAllowed, problems: [] });
  });

  it("is independent of the desktop notifications", () => {
    expect(settings({ notify: "tasks" })).toMatchObject({ policy: "off", notify: "tasks" });
    expect(settings({ notify: "tasks" }, { PHOTON_NOTIFY: "all" })).toMatchObject({ notify: "all" });
    expect(settings({ wake: "all", notify: "loud" })).toMatchObject({
      policy: "off",
      notify: "off",
      problems: [expect.any(String)],
    });
  });

  it("is off while the file is damaged, and the file is left unchanged", () => {
    expect(settings('{"wake": "al').policy).toBe("off");
    expect(settings('{"wake": "all"}').policy).toBe("all");
  });
});

describe("quiet hours", () => {
  const at = (hour: number, minute = 0) => new Date(2026, 10, 24, hour, minute).getTime();

  it.each([
    ["22:00-08:00", at(23), true],
    ["22:00-08:00", at(7, 59), true],
    ["22:00-08:00", at(8), false],
    ["22:00-08:00", at(21, 59), false],
    ["9:30 - 10:00", at(9, 30), true],
    ["9:30-10:00", at(10), false],
  ])("%s at %d: %s", (hours, now, expected) => {
    expect(isQuiet(parseQuietHours(hours), now)).toBe(expected);
  });

  it.each(["", "0:00-0:00", "22-8", "24:00-08:00", "22:60-08:00", "22:00", "22:00-08:00-09:00"])(
    "cannot be %j",
    (text) => {
      expect(parseQuietHours(text)).toBeNull();
    },
  );
});
