import { describe, expect, it } from "vitest";
import { deletionBy } from "./deletion.ts";

const FOLDER = "/home/dev/demo";

describe("deletionBy", () => {
  it.each([
    ["rm a.txt", ["/home/dev/demo/a.txt"]],
    ["rm -v ./src/a.ts ../b.ts", ["/home/dev/demo/src/a.ts", "/home/dev/b.ts"]],
    [
      "rm /etc/x 'with space.txt' \"and 'this'\"",
      ["/etc/x", "/home/dev/demo/with space.txt", "/home/dev/demo/and 'this'"],
    ],
    ["git rm -q a.txt", ["/home/dev/demo/a.txt"]],
    ["git rm -f -- a.txt", ["/home/dev/demo/a.txt"]],
  ])("names what a plain command deleted: %s", (command, paths) => {
    expect(deletionBy(command, FOLDER)).toEqual({ paths, wereThere: true });
  });

  it("does not know whether what a forced one names was there", () => {
    expect(deletionBy("rm -f a.txt", FOLDER)).toEqual({ paths: ["/home/dev/demo/a.txt"], wereThere: false });
  });

  it.each([
    "rm -r src",
    "rm -rf build",
    "rm *.log",
    "rm $FILE",
    'rm "$FILE"',
    "rm `ls`",
    "rm a.txt; ls",
    "rm a.txt && ls",
    "rm a.txt > log",
    "rm ~/a.txt",
    "rm {a,b}.txt",
    "rm a\\ b",
    "rm 'a",
    "rm build/",
    "rm ''",
    "rm",
    "git rm --cached a.txt",
    "git rm -n a.txt",
    "cd src && rm a.txt",
    "sudo rm a.txt",
    "rmdir a",
    "echo rm a.txt",
    "rm a.txt\nrm b.txt",
    "rm a.txt # old",
    "rm a.txt b.tx…",
  ])("does not guess: %s", (command) => {
    expect(deletionBy(command, FOLDER).paths).toEqual([]);
  });

  it("leaves a name as it is when nothing tells the folder", () => {
    expect(deletionBy("rm a.txt", undefined).paths).toEqual(["a.txt"]);
  });
});
