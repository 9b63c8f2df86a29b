import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useWorld } from "../../test/support/capsule/world.ts";

const world = useWorld();
const lines = (count: number, end: string) => Array.from({ length: count }, (_, at) => `line ${at}`).join(end) + end;

describe("line ends", () => {
  const carried = async (onMac: string[], onPc: string[]) => {
    const pc = world.clone();
    for (const [folder, settings] of [[world.mac, onMac] as const, [pc, onPc] as const]) {
      for (const setting of settings) world.git(folder, "config", ...(setting.split("=") as [string, string]));
    }
    world.git(pc, "rm", "-q", "-r", "--cached", ".");
    world.git(pc, "reset", "-q", "--hard");
    world.write("src/a.txt", onMac.includes("core.autocrlf=true") ? lines(5, "\r\n") : lines(5, "\n"));
    world.write("new.txt", onMac.includes("core.autocrlf=true") ? lines(5, "\r\n") : lines(5, "\n"));
    const { applied } = await world.carry(world.mac, pc);
    return Object.fromEntries(
      ["src/a.txt", "new.txt", "README.md"].map((path) => {
        const text = readFileSync(join(applied.folder, path), "utf8");
        return [path, text.includes("\r\n") ? "CRLF" : "LF"];
      }),
    );
  };
  const all = (end: string) => ({ "src/a.txt": end, "new.txt": end, "README.md": end });

  it("follow the machine: from Windows to a Mac", async () => {
    expect(await carried(["core.autocrlf=true"], ["core.autocrlf=input"])).toEqual(all("LF"));
  });
  it("follow the machine: from a Mac to Windows", async () => {
    expect(await carried(["core.autocrlf=input"], ["core.autocrlf=true"])).toEqual(all("CRLF"));
  });
  it("follow the machine: from Windows to Windows", async () => {
    expect(await carried(["core.autocrlf=true"], ["core.autocrlf=true"])).toEqual(all("CRLF"));
  });

  it("are kept where git does not convert them, even mixed ones", async () => {
    const pc = world.clone();
    world.write("crlf.txt", "a\r\nb\r\n");
    world.write("mixed.txt", "a\r\nb\nc\rd");
    await world.carryWhole(world.mac, pc);
  });

  it("follow the project's attributes, including those in the work", async () => {
    world.write(".gitattributes", "*.bat text eol=crlf\n*.sh text eol=lf\n*.dat -text\n");
    world.commit();
    const pc = world.clone();
    world.write("x.bat", "a\r\nb\r\n");
    world.write("x.sh", "a\nb\n");
    world.write("x.dat", "a\r\nb\n");
    world.write(".gitattributes", "*.bat text eol=crlf\n*.sh text eol=lf\n*.dat -text\n*.cmd text eol=crlf\n");
    world.write("x.cmd", "a\r\nb\r\n");
    await world.carryWhole(world.mac, pc);
  });

  it("are kept in a file that git stores in another encoding", async () => {
    world.write(".gitattributes", "*.ps1 text working-tree-encoding=UTF-16LE eol=crlf\n");
    world.commit();
    const pc = world.clone();
    world.write("x.ps1", Buffer.from("Wörter\r\nmehr\r\n", "utf16le"));
    await world.carryWhole(world.mac, pc);
  });
});
