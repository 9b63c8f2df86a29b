import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findOnPath } from "../../client/disk/find-on-path.ts";
import { onPath, putOnPath, wayToPath } from "./search-path.ts";

let home: string;
/** A clone in a folder with a space and characters that shells replace. */
let bin: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "photon path "));
  bin = join(home, "my $work `x`", "photon", "bin");
  mkdirSync(bin, { recursive: true });
  program(bin);
  mkdirSync(join(home, ".local/bin"), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function program(folder: string, name = "photon"): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), "", { mode: 0o755 });
}

const way = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform = "linux") =>
  wayToPath(bin, { env: { PATH: "/usr/bin", SHELL: "/bin/bash", ...env }, home, platform });
const left = (env: NodeJS.ProcessEnv = { SHELL: "/bin/bash" }, platform: NodeJS.Platform = "linux") =>
  onPath(bin, { env, home, platform });
const quoted = () => bin.replaceAll(/["$`\\]/g, "\\$&");

describe("how a shell finds `photon`", () => {
  it("needs nothing where the launcher is found already, also through a link", () => {
    expect(way({ PATH: `/usr/bin:${bin}` })).toBeNull();
    symlinkSync(join(bin, "photon"), join(home, ".local/bin/photon"));
    expect(way({ PATH: `${join(home, ".local/bin")}:/usr/bin` })).toBeNull();
  });

  it("is a link where the person's own folder is on the PATH", () => {
    const found = way({ PATH: `/usr/bin:${join(home, ".local/bin")}` });
    expect(found).toMatchObject({ hiddenBy: null, offer: { kind: "link", file: join(home, ".local/bin/photon") } });
    expect(left()).toBeNull();
    expect(found && putOnPath(found, bin)).toBeNull();
    expect(left()).toEqual({ link: join(home, ".local/bin/photon") });
    expect(way({ PATH: `/usr/bin:${join(home, ".local/bin")}` })).toBeNull();
  });

  it.each([
    ["/bin/bash", "linux", ".bashrc"],
    ["/bin/bash", "darwin", ".bash_profile"],
    ["/usr/bin/zsh", "linux", ".zshrc"],
    ["/usr/bin/fish", "linux", ".config/fish/config.fish"],
    ["", "linux", ".profile"],
  ] as const)("is a line in the profile of %j on %s: %s", (SHELL, platform, name) => {
    const file = join(home, name);
    const found = way({ SHELL }, platform);
    expect(found?.offer).toEqual({ kind: "profile", file });
    if (!name.startsWith(".config")) writeFileSync(file, "alias ll='ls -l'"); // without a line break at its end
    expect(found && putOnPath(found, bin)).toBeNull();
    expect(readFileSync(file, "utf8").split("\n").slice(-2)).toEqual([found?.line, ""]);
    expect(left({ SHELL }, platform)).toEqual({ file, line: found?.line });
    expect(way({ SHELL }, platform)?.offer).toBeNull(); // new shells find it, so nothing is asked again
  });

  it("quotes the folder for the shell", () => {
    expect(way({})?.line).toBe(`export PATH="$PATH:${quoted()}"`);
    expect(way({ SHELL: "/usr/bin/fish" })?.line).toBe(`fish_add_path --append '${bin}'`);
    expect(way({}, "win32")).toEqual({
      line: `[Environment]::SetEnvironmentVariable('Path', [Environment]::GetEnvironmentVariable('Path', 'User') + ';' + '${bin}', 'User')`,
      hiddenBy: null,
      offer: null,
    });
  });

  it("goes before another program of this name, and says which", () => {
    const folder = join(home, "other");
    program(folder);
    const found = way({ PATH: `${folder}:${join(home, ".local/bin")}` });
    expect(found).toMatchObject({ hiddenBy: join(folder, "photon"), offer: { kind: "profile" } });
    expect(found?.line).toBe(`export PATH="${quoted()}:$PATH"`);
  });

  it.each([[".profile"], [".bash_login", ".profile"]])(
    "adds its line on macOS to the file that bash reads: %s",
    (...names) => {
      for (const name of names) writeFileSync(join(home, name), "export KEPT=1\n");
      expect(way({}, "darwin")?.offer).toEqual({ kind: "profile", file: join(home, names[0] ?? "") });
    },
  );

  it("offers no profile of a shell that it does not know, and says the line of the C shell", () => {
    expect(way({ SHELL: "/usr/bin/nu" })?.offer).toBeNull();
    expect(way({ SHELL: "/bin/tcsh" })).toMatchObject({ offer: null, line: `setenv PATH "\${PATH}:${quoted()}"` });
  });

  it("is another command in a folder that no PATH can hold, and nothing with line breaks in the name", () => {
    bin = join(home, "a:b", "it's", "bin");
    program(bin);
    expect(way({})?.line).toBe(`alias photon='${home}/a:b/it'\\''s/bin/photon'`);
    bin = join(home, "line\nbreak", "bin");
    program(bin);
    expect(way({})).toBeNull();
  });

  it("neither replaces a link that leads nowhere, nor takes a folder or a file of the project for the program", () => {
    const own = join(home, ".local/bin");
    symlinkSync(join(home, "moved away"), join(own, "photon"));
    expect(way({ PATH: own })?.offer).toMatchObject({ kind: "profile" });
    mkdirSync(join(home, "bin", "photon"), { recursive: true });
    expect(way({ PATH: `${join(home, "bin")}:/usr/bin` })?.hiddenBy).toBeNull();
    program(join(home, "programs"), "claude");
    mkdirSync(join(home, "folders", "claude"), { recursive: true });
    const PATH = ["./node_modules/.bin", "", join(home, "folders"), join(home, "programs")].join(":");
    expect(findOnPath("claude", { PATH }, "linux")).toBe(join(home, "programs", "claude"));
    expect(findOnPath("search-path.ts", { PATH: "cli/install" }, "linux")).toBeNull();
  });

  it.skipIf(process.getuid?.() === 0)("offers nothing where it may not write (skipped as root)", () => {
    chmodSync(home, 0o500);
    expect(way({})?.offer).toBeNull();
    chmodSync(home, 0o700);
  });

  it("says why it failed", () => {
    const found = way({});
    mkdirSync(join(home, ".bashrc"));
    expect(found && putOnPath(found, bin)).toMatch(/\.bashrc cannot be written \(EISDIR\)/);
  });
});
