import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everything, useWorld } from "../../test/support/capsule/world.ts";
import { buildCapsule } from "./build/build-capsule.ts";

const world = useWorld();
const reasons = (built: { readonly excluded: readonly { readonly path: string; readonly reason: string }[] }) =>
  Object.fromEntries(built.excluded.map(({ path, reason }) => [path, reason]));
/** Looks like a GitHub token. Split, so that no scanner finds it in this file. */
const token = `${"gh"}p_${createHash("sha256").update("photon").digest("hex").slice(0, 36)}`;

describe("files that stay on this machine", () => {
  it("are environment files, keys and submodule lists, by name, but not templates", async () => {
    for (const path of [".env", ".env.local", "app/.ENV", "id_rsa", "sub/server.pem", ".npmrc", ".gitmodules"])
      world.write(path, "x");
    world.write(".env.example", "NAME=");
    const built = await world.build();
    expect(built.files).toEqual([".env.example"]);
    expect(reasons(built)).toEqual({
      ".env": "it is an environment file",
      ".env.local": "it is an environment file",
      ".gitmodules": "it holds the addresses of submodules",
      ".npmrc": "it looks like a key or a password file",
      "app/.ENV": "it is an environment file",
      id_rsa: "it looks like a key or a password file",
      "sub/server.pem": "it looks like a key or a password file",
    });
  });

  it("are such files even if tracked, changed or deleted; ignored files do not matter", async () => {
    world.write(".env", "A=1\n");
    world.write("conf/.env.test", "A=1\n");
    world.write(".gitignore", "ignored/\n");
    world.git(world.mac, "add", "-f", ".");
    world.commit();
    const { pc } = world.origin();
    world.write(".env", "A=2\n");
    world.remove("conf/.env.test");
    world.write("ignored/x", "x");
    world.write("work", "x");
    const { built } = await world.carry(world.mac, pc);
    expect(built.files).toEqual(["work"]);
    expect(Object.keys(reasons(built))).toEqual([".env", "conf/.env.test"]);
  });

  it("are files larger than 2 MiB, even if only the earlier version was", async () => {
    world.write("was huge", Buffer.alloc(3 * 1024 * 1024, "a"));
    world.write("was huge and goes", Buffer.alloc(3 * 1024 * 1024, "b"));
    world.commit();
    world.origin();
    world.write("was huge", "small");
    world.remove("was huge and goes");
    world.write("is huge", Buffer.alloc(3 * 1024 * 1024, "c"));
    world.write("is just not", Buffer.alloc(2 * 1024 * 1024, "d"));
    const built = await world.build();
    expect(built.files).toEqual(["is just not"]);
    expect(reasons(built)).toEqual({
      "is huge": "it is larger than 2 MiB",
      "was huge": "its earlier version is larger than 2 MiB",
      "was huge and goes": "its earlier version is larger than 2 MiB",
    });
  });

  it("are links that lead out: absolute, upwards, or through another link", async () => {
    symlinkSync("..", join(world.mac, "src/top")); // inside, but its parent is not
    world.git(world.mac, "add", "-A");
    symlinkSync("/etc/passwd", join(world.mac, "absolute"));
    symlinkSync("../../elsewhere", join(world.mac, "src/up"));
    symlinkSync("src/top/../x", join(world.mac, "through another"));
    symlinkSync("C:\\Windows", join(world.mac, "windows"));
    const built = await world.build();
    expect(built.files).toEqual(["src/top"]);
    expect(Object.keys(reasons(built))).toEqual(["absolute", "src/up", "through another", "windows"]);
    expect(reasons(built).absolute).toBe("it is a link that leads out of the project, or into git's folder");
  });

  it("are nested repositories, tracked or not", async () => {
    world.git(world.mac, "init", "-q", "nested");
    world.write("nested/x", "x");
    world.git(world.mac, "init", "-q", "with a commit");
    world.write("with a commit/x", "x");
    world.commit(join(world.mac, "with a commit"));
    world.write("work", "x");
    const built = await world.build();
    expect(built.files).toEqual(["work"]);
    expect(reasons(built)).toEqual({
      "nested/": "it is a repository of its own",
      "with a commit/": "it is a repository of its own",
    });
  });

  it("are special files, and names that are not UTF-8", async () => {
    execFileSync("mkfifo", [join(world.mac, "a pipe")]);
    world.origin();
    world.remove("src/a.txt");
    execFileSync("mkfifo", [join(world.mac, "src/a.txt")]);
    writeFileSync(Buffer.concat([Buffer.from(join(world.mac, "caf")), Buffer.from([0xe9])]), "latin");
    world.write("work", "x");
    const built = await buildCapsule(world.mac);
    expect(built.files).toEqual(["work"]);
    expect(reasons(built)).toEqual({ "src/a.txt": "it is not a file", "caf\u00e9": "its name is not in UTF-8" });
  });

  it("are files with a secret in the current or the earlier version; the reason does not show it", async () => {
    world.write("had.ts", `const token = "${token}";\n`);
    world.write("has it still.ts", `const token = "${token}";\n${"x\n".repeat(20)}end\n`);
    world.commit();
    world.origin();
    world.write("has.ts", `// a\nconst token = "${token}";\n`);
    world.write("had.ts", "const token = process.env.TOKEN;\n");
    world.write("has it still.ts", `const token = "${token}";\n${"x\n".repeat(20)}changed\n`);
    world.write("fine.ts", "x");
    const built = await world.build();
    expect(built.files).toEqual(["fine.ts"]);
    expect(reasons(built)).toEqual({
      "had.ts": "it may hold a secret: a GitHub token (line 1), in its earlier version",
      "has it still.ts": "it may hold a secret: a GitHub token (line 1)",
      "has.ts": "it may hold a secret: a GitHub token (line 2)",
    });
    for (const text of [JSON.stringify(built), built.content.patch.toString()]) expect(text).not.toContain(token);
  });

  it("are files with a secret as their name or link target, which is not shown", async () => {
    symlinkSync(`was ${token}`, join(world.mac, "retargeted"));
    world.write(`old ${token}`, "x");
    world.commit();
    world.origin();
    world.remove("retargeted");
    symlinkSync("README.md", join(world.mac, "retargeted"));
    symlinkSync(`is ${token}`, join(world.mac, "link"));
    world.remove(`old ${token}`);
    world.write(`new/${token}/file`, "x");
    world.write(`.env.${token}`, "x");
    world.write("fine", "x");
    const built = await world.build();
    expect(built.files).toEqual(["fine"]);
    const shown = "[a GitHub token, left out by Photon]";
    expect(reasons(built)).toEqual({
      [`.env.${shown}`]: "it is an environment file",
      link: "it may hold a secret: a GitHub token (line 1)",
      [`new/${shown}/file`]: "it may hold a secret: a GitHub token, in its name",
      [`old ${shown}`]: "it may hold a secret: a GitHub token, in its name",
      retargeted: "it may hold a secret: a GitHub token (line 1), in its earlier version",
    });
    for (const text of [JSON.stringify(built), built.content.patch.toString()]) expect(text).not.toContain(token);
  });

  it("include a branch name that is a secret", async () => {
    world.git(world.mac, "checkout", "-q", "-b", `try/${token}`);
    world.write("fine", "x");
    const { content, files } = await world.build();
    expect({ branch: content.branch, files: files.includes("fine") }).toEqual({ branch: null, files: true });
  });

  it("are files whose scan fails", async () => {
    world.write("a", "x");
    world.write("b", "x");
    const scan = async (path: string) => {
      if (path === "a") throw new Error("broken");
      return null;
    };
    const built = await buildCapsule(world.mac, { scan });
    expect(built.files).toEqual(["b"]);
    expect(reasons(built).a).toBe("it may hold a secret: the scan failed");
  });

  it("are Git LFS files, as pointers and as content, and the filter does not run", async () => {
    world.write(".gitattributes", "*.psd filter=lfs\n");
    world.write("renamed.psd", "content");
    world.commit();
    world.origin();
    world.git(world.mac, "config", "filter.lfs.clean", "touch 'filter ran'; cat");
    world.write("pointer", `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`);
    world.write("picture.psd", "content");
    renameSync(join(world.mac, "renamed.psd"), join(world.mac, "to this.psd"));
    world.write("work", "x");
    const built = await world.build();
    expect(built.files).toEqual(["work"]);
    expect(Object.keys(reasons(built))).toEqual(["picture.psd", "pointer", "renamed.psd", "to this.psd"]);
    expect(new Set(Object.values(reasons(built)))).toEqual(new Set(["its content is in Git LFS"]));
  });

  it("are named in the error if there is no other work", async () => {
    world.origin();
    await expect(buildCapsule(world.mac)).rejects.toThrow(/^There is no uncommitted or unpushed work\.$/);
    world.write(".env", "x");
    await expect(buildCapsule(world.mac)).rejects.toThrow(
      "There is no uncommitted or unpushed work except what must stay here (.env: it is an environment file).",
    );
  });

  it("do not make a capsule possible when the work as a whole is too large", async () => {
    world.origin();
    for (let file = 0; file < 8; file++) world.write(`noise ${file}`, randomBytes(1_500_000));
    const before = everything(world.mac);
    await expect(buildCapsule(world.mac)).rejects.toThrow("The work is larger than 10 MiB, compressed.");
    expect(everything(world.mac)).toEqual(before);
  });

  it("are all of them if there are too many new files, as when dependencies are not ignored", async () => {
    const blob = world.git(world.mac, "rev-parse", "HEAD:README.md");
    const lines = Array.from({ length: 10_001 }, (_, file) => `100644 ${blob}\tmodules/${file}\n`).join("");
    execFileSync("git", ["update-index", "--index-info"], { cwd: world.mac, input: lines });
    await expect(buildCapsule(world.mac)).rejects.toThrow("10001 files are changed or new");
  });

  it.skipIf(process.getuid?.() === 0)("are files that cannot be read", async () => {
    world.write("locked", "x");
    world.write("work", "x");
    chmodSync(join(world.mac, "locked"), 0);
    expect(reasons(await buildCapsule(world.mac))).toEqual({ locked: "it cannot be read" });
  });
});
